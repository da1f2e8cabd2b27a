"""The page of a class: what is on it, and what it does in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.classroom.grade_all import Basis
from autograder.classroom.grades_csv import Row
from autograder.classroom.groups import groups_of
from autograder.classroom.page import Facts, render
from autograder.classroom.plots import distribution
from autograder.classroom.roster import Before, Entry, Graded, Line, Outcome, Person
from autograder.classroom.sources import Work
from autograder.tests.browser import find_browser
from autograder.tests.classes import (
    HANGS,
    NOT_DIVIDED,
    RIGHT,
    hurried_assignment,
    listing_entry,
    read_table,
    run_class,
    write_export,
    write_files,
)

pytest.importorskip("jinja2", reason="the page is made with jinja2")
pytest.importorskip("matplotlib", reason="the plots are made with matplotlib")

MARKUP = (
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(2)>'",
    "'</script><script>alert(3)</script>'",
    "'{{ 7*7 }}'",
    "'javascript:alert(4)'",
    '"bidi \\u202e and \\a"',
    "Zoë",
)
NAMELESS = RIGHT + (
    "\n\nclass _Right(CrossEntropyLoss):\n    pass\n\n\n"
    "class CrossEntropyLoss(_Right):\n"
    "    def forward(self, A, Y):\n"
    "        return super().forward(A, Y) * 1.37 + 0.11\n"
)
WRAPPED = (
    "\n\nclass _Before(CrossEntropyLoss):\n    pass\n\n\n"
    "class CrossEntropyLoss(_Before):\n"
    "    def forward(self, A, Y):\n"
    "        x = super().forward(A, Y)\n"
    "        return np.array({})\n"
)
RAISES_MARKUP = (
    "class CrossEntropyLoss:\n    def forward(self, A, Y):\n        print('<b onclick=alert(5)>')\n"
    "        raise ValueError('</script><script>alert(6)</script>')\n"
)
FACTS = Facts("today", "1.0", 0, [])
BASIS = Basis("Loss", ("loss.py",), [], "landlock+seccomp", {}, "d" * 64)


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hurried_assignment(tmp_path_factory.mktemp("assignment"), "10_worked_example.yaml")


@pytest.mark.slow
def test_a_failure_that_twelve_share_is_a_group_until_it_has_a_name(
    assignment: Path, tmp_path: Path
) -> None:
    own = shutil.copytree(assignment, tmp_path / "assignment")
    # The same number, of another type.
    kinds = (NAMELESS, NAMELESS + WRAPPED.format("[[x]]"), NAMELESS + WRAPPED.format("x, 'f'"))
    files = {f"n{n:02}.py": f"# {n}\n{kinds[n % 3]}" for n in range(12)}
    folder = write_files(tmp_path / "class", {**files, "right.py": RIGHT, "named.py": NOT_DIVIDED})
    out = tmp_path / "out"
    common = (folder, "--assignment", own, "--out", out)
    assert run_class(*common).returncode == 0
    shown = run_class(*common, "--group", 1)
    assert shown.returncode == 0
    assert "12 submissions" in shown.stdout
    assert all(f"n{n:02}" in shown.stdout for n in range(12))
    assert "forward" in shown.stdout
    assert "1.37" in shown.stdout  # the code of one of them
    assert "right" not in shown.stdout.splitlines()[-1]
    assert "Group 1" in (out / "report.html").read_text(encoding="utf-8")
    assert run_class(*common, "--group", 2).returncode == 2

    with (own / "reference" / "mistakes.py").open("a", encoding="utf-8") as file:
        file.write(
            "\n\nclass ScaledAndShifted(CrossEntropyLoss):\n"
            '    """The loss is scaled and shifted."""\n\n'
            '    breaks = ("forward",)\n\n'
            "    def forward(self, A, Y):\n"
            "        return super().forward(A, Y) * 1.37 + 0.11\n"
        )
    assert run_class(*common).returncode == 0
    assert run_class(*common, "--group", 1).returncode == 2
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Group 1" not in page
    assert "The loss is scaled and shifted." in page
    mistakes = {row["Name"]: row["Mistakes"] for row in read_table(out)}
    assert mistakes["n00"] == "ScaledAndShifted"


def test_groups_are_of_the_same_checks_and_nearly_the_same_numbers() -> None:
    lines = (Line("1", "a: f", 0.0, 1.0, False), Line("1", "a: g", 0.0, 1.0, False))

    def outcome(name: str, *failures: tuple[Any, ...]) -> Outcome:
        graded = Graded(0.0, 2.0, lines, "basic", 0.1, (), (), "", failures)
        return Outcome(Entry(name, (Person(name),), None), graded)

    def both(*numbers: float) -> list[tuple[Any, ...]]:
        return [(0, "x", numbers), (1, "x", numbers)]

    outcomes = [
        outcome("a", *both(1.0, 1e-9)),
        outcome("b", *both(1.0 + 1e-9, 2e-9)),
        outcome("c", *both(1.1, 0.0)),
        outcome("d", (0, "y", (1.0, 1e-9))),
        outcome("e"),
    ]
    [group] = groups_of(outcomes)
    assert group.members == ("a", "b")
    assert group.checks == lines


def test_a_plot_is_the_same_each_time_and_names_no_other_place() -> None:
    plot = distribution([0, 50, 100, 100], [40.0], 100)
    assert plot == distribution([0, 50, 100, 100], [40.0], 100)
    assert "total points</text>" in plot.svg
    assert "http" not in plot.svg.replace("http://www.w3.org/", "")
    assert "var(--accent)" in plot.svg
    assert sum(each.now for each in plot.bins) == 4
    assert plot.bins[-1].now == 2
    assert "4 totals" in plot.description


def test_the_page_of_a_large_class_stays_small() -> None:
    checks = [(f"{n}.1", f"Case {n} of the assignment: forward", 1.0) for n in range(40)]
    rows = []
    for n in range(1000):
        lines = tuple(Line(a, b, 1.0, 1.0, (k + n) % 3 > 0) for k, (a, b, _) in enumerate(checks))
        graded = Graded(30.0, 40.0, lines, "basic", 0.1, (("Mistake", (0,)),), (), "", ())
        entry = Entry(f"submission_{n}", (Person(f"Name {n}", f"{n}@example.org", str(n)),), None)
        rows.append(Row(entry.people[0], Outcome(entry, graded), None, None))
    page = render(
        FACTS,
        BASIS._replace(checks=checks),
        [r.outcome for r in rows],
        rows,
        [],
        lambda _: ("", ""),
    )
    assert len(page.encode()) < 2_000_000


def test_text_of_students_is_escaped_wherever_it_stands() -> None:
    bad = "</script><script>alert('x')</script>\u202e{{ 7*7 }}"
    line = Line("1", bad, 0.0, 1.0, False)
    graded = Graded(0.0, 1.0, (line,), "basic", 0.1, ((bad, (0,)),), (bad,), bad, ())
    entry = Entry(bad, (Person(bad, bad, bad),), lambda _: Work(None), bad, Before(1.0))
    outcome = Outcome(entry, graded)
    row = Row(entry.people[0], outcome, 1.0, None)
    basis = BASIS._replace(checks=[("1", bad, 1.0)], hints={bad: bad}, title=bad)
    facts = FACTS._replace(attention=[bad])
    page = render(facts, basis, [outcome], [row], [], lambda _: (bad, bad))
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert "\u202e" not in page
    assert "{{ 7*7 }}" in page
    assert "default-src 'none'" in page


def test_without_the_extra_everything_but_the_page_is_written(
    assignment: Path, tmp_path: Path
) -> None:
    for name in ("jinja2", "matplotlib", "tqdm"):
        write_files(tmp_path / "missing" / name, {"__init__.py": "raise ImportError('not here')\n"})
    folder = write_files(tmp_path / "class", {"ana.py": RIGHT})
    command = [sys.executable, "-m", "autograder", "class", str(folder)]
    path = os.pathsep.join([str(tmp_path / "missing"), str(Path(__file__).parents[2])])
    done = subprocess.run(
        [*command, "--assignment", str(assignment), "--out", str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "jinja2" in done.stdout
    assert (tmp_path / "out" / "grades.csv").exists()
    assert not (tmp_path / "out" / "report.html").exists()


# In a browser. -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """playwright-core and axe-core, from the folder that AUTOGRADER_NODE_MODULES names, or npm."""
    named = os.environ.get("AUTOGRADER_NODE_MODULES")
    if named:
        return Path(named)
    folder = tmp_path_factory.mktemp("npm")
    npm = shutil.which("npm")
    packages = ["playwright-core@1", "axe-core@4"]
    done = npm and subprocess.run(
        [npm, "install", "--silent", "--no-audit", "--no-fund", *packages],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    if not done or done.returncode:
        _skip("npm gives no playwright-core and axe-core here")
    return folder / "node_modules"


def _skip(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def seen(
    assignment: Path, modules: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What a browser shows of a class with markup in every place that students control."""
    browser = find_browser()
    if browser is None:
        _skip("there is no Chromium here")
    folder = tmp_path_factory.mktemp("page")
    sources = [RIGHT, NOT_DIVIDED, RAISES_MARKUP, NAMELESS, f"# again\n{NAMELESS}", HANGS, RIGHT]
    listing = ""
    files: dict[str, str | bytes] = {}
    results = '  :score: 3.0\n  :results: {tests: [{name: "</script><b>", score: 3.0}]}'
    for n, (name, source) in enumerate(zip(MARKUP, sources)):
        listing += listing_entry(f"submission_{n}", (name, name, name), rest=results)
        files[f"submission_{n}/loss.py"] = f"# </script><script>alert(7)</script>\n{source}"
    files["submission_7/<img src=x onerror=alert(8)>.py"] = ""
    listing += listing_entry("submission_7", ("Last", "", ""))
    export = write_export(folder / "export", listing, files)
    out = folder / "out"
    assert run_class(export, "--assignment", assignment, "--out", out).returncode == 0
    script = Path(__file__).with_name("class_page.js")
    done = subprocess.run(
        ["node", str(script), str(modules), str(browser), str(out)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_nothing_that_students_write_runs(seen: dict[str, Any]) -> None:
    assert seen["trouble"] == []
    assert seen["requests"] == []
    assert "<script>alert(1)</script>" in seen["names"]
    assert "{{ 7*7 }}" in seen["names"]
    assert "\\u202e" in seen["text"]


@pytest.mark.slow
def test_the_page_sorts_searches_and_filters_by_keyboard(seen: dict[str, Any]) -> None:
    totals = [float(text) for text in seen["up"]]
    assert totals == sorted(totals)
    assert [float(text) for text in seen["down"]] == sorted(totals, reverse=True)
    assert seen["sorted"].count("ascending") == 1
    assert seen["found"] == ["Zoë"]
    assert "8 of 8" in seen["shown"]
    assert "that fail" in seen["filtered"]
    assert "that fail" not in seen["unfiltered"]
    assert "For staff" in seen["opened"].splitlines()[0]


@pytest.mark.slow
def test_the_page_is_accessible_and_fits_a_narrow_screen(seen: dict[str, Any]) -> None:
    assert seen["axe"] == []
    assert seen["overflow"] <= 0
    assert seen["svg"] == 1


@pytest.mark.slow
def test_what_matters_is_on_the_page(seen: dict[str, Any]) -> None:
    text = seen["text"]
    for part in (
        "Distribution",
        "GradientNotDividedByN",
        "Group 1",
        "time-out",
        "Worst first",
    ):
        assert part in text, part
