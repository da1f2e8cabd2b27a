"""Lint: what is wrong with an assignment's files, and what makes little sense in them.

The findings in case files are data, in `faulty/lint.txt`.
"""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from autograder.authoring.findings import ERROR, Finding
from autograder.authoring.lint import lint
from autograder.cli import main
from autograder.tests.conftest import RunInProcess
from autograder.tests.test_faulty_yaml import Entry, by_title, entries_of

SETTINGS = """\
title: Twice
submission: twice.py
setup: twice = Twice()
program: |
  double = twice.double(x)
  total = twice.total()
"""

REFERENCE = """\
import numpy as np


class Twice:
    def double(self, x):
        if np.ndim(x) == 0:
            raise ValueError("negative")
        self.twice = 2 * x
        return self.twice

    def total(self):
        return self.twice.sum()
"""

MISTAKES = '''\
from twice import Twice


class Squared(Twice):
    """The numbers are squared, not doubled."""

    breaks = ("double", "total")

    def double(self, x):
        self.twice = x * x
        return self.twice


class TooLargeByAThousandth(Twice):
    """The numbers are a little too large."""

    breaks = ("double",)

    def double(self, x):
        return 1.001 * super().double(x)


class FirstOnly(Twice):
    """The total is that of the first number alone."""

    breaks = ("total",)

    def total(self):
        return self.twice[0]


class InPlace(Twice):
    """The numbers are doubled where they are."""

    breaks = ("inputs_unchanged",)

    def double(self, x):
        x *= 2
        self.twice = x.copy()
        return self.twice


class Placeholder(Twice):
    """Nothing is returned."""

    breaks = ("double",)

    def double(self, x):
        super().double(x)
'''

CASES = """\
cases:
  - name: One
    inputs: {x: [1, 2, 4]}
    points: {double: 1, total: 1, inputs_unchanged: 1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small assignment, with which lint finds nothing wrong."""
    for path, text in {
        "testcases/assignment.yaml": SETTINGS,
        "testcases/10_lint.yaml": CASES,
        "reference/twice.py": REFERENCE,
        "reference/mistakes.py": MISTAKES,
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def told(folder: Path, file: str) -> list[str]:
    """The findings in one file, as `line:column severity message`."""
    return [
        f"{one.place.line}:{one.place.column} {one.severity} {one.message}"
        for one in lint(folder)[1]
        if one.place.path == folder / file
    ]


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("entry", entries_of("lint.txt"), ids=by_title)
def test_findings_in_a_case_file(folder: Path, entry: Entry) -> None:
    (folder / "testcases" / "10_lint.yaml").write_text(entry.text, encoding="utf-8")
    lines = told(folder, "testcases/10_lint.yaml")
    shown = "\n".join(lines)
    assert len(lines) == len(entry.expected), shown
    for line, wanted in zip(lines, entry.expected, strict=True):
        start, severity, words = wanted.split(" ", 2)
        assert line.startswith(f"{start} {severity} "), shown
        assert re.search(".*".join(map(re.escape, words.split(" ... "))), line), shown


def test_points_that_do_not_add_up_are_an_error(folder: Path) -> None:
    with (folder / "testcases" / "assignment.yaml").open("a", encoding="utf-8") as settings:
        settings.write("points: 5\n")
    (line,) = told(folder, "testcases/assignment.yaml")
    assert line.startswith("7:9 error ")
    assert "add up to 3, not to 5; add 2" in line


def test_a_tolerance_of_the_assignment_is_told_at_its_place(folder: Path) -> None:
    with (folder / "testcases" / "assignment.yaml").open("a", encoding="utf-8") as settings:
        settings.write("tolerance: {rtol: 0.5}\n")
    (line,) = told(folder, "testcases/assignment.yaml")
    assert line.startswith("7:12 warning ")
    assert "TooLargeByAThousandth" in line


def test_a_mistake_that_no_case_catches_is_told(folder: Path) -> None:
    spoil(folder / "testcases" / "10_lint.yaml", ", inputs_unchanged: 1", "")
    (line,) = told(folder, "reference/mistakes.py")
    number = MISTAKES[: MISTAKES.index("class InPlace")].count("\n") + 1
    assert line.startswith(f"{number}:1 warning no case catches the known mistake InPlace")


def test_a_mistake_without_a_hint_is_an_error(folder: Path) -> None:
    spoil(folder / "reference" / "mistakes.py", '    """Nothing is returned."""\n', "")
    (line,) = told(folder, "reference/mistakes.py")
    assert "error Placeholder has no docstring" in line


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        pytest.param(
            "self.twice = 2 * x", "x *= 2; self.twice = x", "inputs_unchanged", id="changes"
        ),
        pytest.param(
            "self.twice = 2 * x",
            "self.twice = np.random.default_rng().random() * x",
            "double and total",
            id="differs",
        ),
    ],
)
def test_a_reference_that_would_fail_its_own_checks_is_an_error(
    folder: Path, old: str, new: str, check: str
) -> None:
    spoil(folder / "reference" / "twice.py", old, new)
    (line,) = [x for x in told(folder, "testcases/10_lint.yaml") if " error " in x]
    assert line.startswith("2:11 error ")
    assert f"itself fails {check}" in line


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "words"),
    [
        (
            "twice",
            "self.twice = 2",
            "exit(0); self.twice = 2",
            "assignment.yaml:5",
            "SystemExit: 0",
        ),
        ("mistakes", "super().double(x)\n", "exit(0)\n", "", ""),
        ("mistakes", "class InPlace", "exit(0)\nclass InPlace", "mistakes.py:32", "SystemExit: 0"),
        ("mistakes", 'breaks = ("total",)', "breaks = 3", "mistakes.py:23", "must name checks"),
    ],
)
def test_code_of_the_assignment_does_not_end_the_command(
    folder: Path, file: str, old: str, new: str, place: str, words: str
) -> None:
    path = folder / "reference" / f"{file}.py"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    errors = [f for f in lint(folder)[1] if f.severity == ERROR]
    assert [f"{f.place.path.name}:{f.place.line}" for f in errors] == ([place] if place else [])
    assert all(words in finding.message for finding in errors)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="nothing can interrupt it")
@pytest.mark.parametrize(
    ("file", "old", "place"),
    [
        ("twice", "self.twice = 2", "assignment.yaml:5"),
        ("mistakes", "self.twice = x * x", "mistakes.py:4"),
    ],
)
def test_code_of_the_assignment_that_does_not_end_is_told(
    folder: Path, file: str, old: str, place: str
) -> None:
    with (folder / "testcases" / "assignment.yaml").open("a", encoding="utf-8") as settings:
        settings.write("limits: {call_seconds: 0.1}\n")
    path = folder / "reference" / f"{file}.py"
    text = path.read_text(encoding="utf-8").replace(old, f"while True: pass\n        {old}")
    path.write_text(text, encoding="utf-8")
    (error,) = [f for f in lint(folder)[1] if f.severity == ERROR]
    assert f"{error.place.path.name}:{error.place.line}" == place
    assert "never end" in error.message


def test_what_code_of_the_assignment_prints_is_not_among_the_findings(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (folder / "reference").glob("*.py"):
        text = path.read_text(encoding="utf-8").replace(
            "        return", "        print(1)\n        return"
        )
        path.write_text(f"print(2)\n{text}", encoding="utf-8")
    assert main(["lint", "--assignment", str(folder)]) == 0
    assert capsys.readouterr().out == "1 case, 3 points: 0 errors, 0 warnings\n"


def test_sizes_that_take_too_long_are_told(folder: Path) -> None:
    (folder / "reference" / "mistakes.py").unlink()
    spoil(
        folder / "reference" / "twice.py", "self.twice = 2 * x", "self.twice = 2 * x; sleep(0.15)"
    )
    spoil(folder / "reference" / "twice.py", "import numpy", "from time import sleep\nimport numpy")
    with (folder / "testcases" / "assignment.yaml").open("a", encoding="utf-8") as settings:
        settings.write("limits: {call_seconds: 1, total_seconds: 1}\n")
    spoil(folder / "testcases" / "10_lint.yaml", "x: [1, 2, 4]", "x: {integers: [3], low: 1}")
    spoil(folder / "testcases" / "10_lint.yaml", "    inputs", "    random: {seed: 1}\n    inputs")
    (of_case,) = told(folder, "testcases/10_lint.yaml")
    assert of_case.startswith("3:13 ")
    assert "s for a batch, and 1 s is the limit" in of_case
    (of_all,) = told(folder, "testcases/assignment.yaml")
    assert of_all.startswith("7:9 ")
    assert "s for all cases, and 1 s is the limit" in of_all


def test_a_reference_whose_objects_remember_is_run_a_second_time_in_the_same_way(
    folder: Path,
) -> None:
    reference = folder / "reference" / "twice.py"
    spoil(
        reference,
        "self.twice = 2 * x",
        "self.n = getattr(self, 'n', 1) + 1; self.twice = x * self.n",
    )
    with (folder / "testcases" / "10_lint.yaml").open("a", encoding="utf-8") as cases:
        cases.write(
            "  - name: Again\n    purpose: Remembers.\n    run_setup: once\n"
            "    random: {seed: 1, batches: 3}\n    inputs: {x: {normal: [3]}}\n"
            "    points: {double: 1}\n"
        )
    assert lint(folder)[1] == []


# Properties.

PROPERTIES = """\
def is_even(double):
    if (double % 2).any():
        return "Twice a whole number is even."


def adds_up(double, total):
    if double.sum() != total:
        return "The total is the sum."
"""


@pytest.fixture
def with_properties(folder: Path) -> Path:
    (folder / "testcases" / "properties.py").write_text(PROPERTIES, encoding="utf-8")
    spoil(
        folder / "testcases" / "10_lint.yaml",
        "unchanged: 1",
        "unchanged: 1, is_even: 1, adds_up: 1",
    )
    return folder


def test_a_known_mistake_may_break_a_property(with_properties: Path) -> None:
    assert lint(with_properties)[1] == []
    spoil(with_properties / "reference" / "mistakes.py", '("total",)', '("total", "adds_up")')
    assert lint(with_properties)[1] == []


def test_a_property_that_the_reference_lacks_is_an_error_at_its_place(
    with_properties: Path,
) -> None:
    spoil(with_properties / "testcases" / "10_lint.yaml", "[1, 2, 4]", "[1, 2, 4.5]")
    (line,) = told(with_properties, "testcases/properties.py")
    assert line.startswith("1:1 error ")
    assert "the reference itself fails is_even in `One`: Twice a whole number is even." in line
    assert not [x for x in told(with_properties, "testcases/10_lint.yaml") if " error " in x]


def test_a_property_that_fails_is_an_error_at_its_line(with_properties: Path) -> None:
    spoil(with_properties / "testcases" / "properties.py", "double.sum()", "double.summ()")
    (line,) = told(with_properties, "testcases/properties.py")
    assert line.startswith("7:1 error ")
    assert "AttributeError" in line


# The starter.

STARTER = """\
class Twice:
    def double(self, x):
        raise NotImplementedError

    def total(self):
        raise NotImplementedError
"""


def test_what_the_starter_earns_is_told(folder: Path) -> None:
    with (folder / "testcases" / "10_lint.yaml").open("a", encoding="utf-8") as cases:
        cases.write(
            "  - name: Alone\n    purpose: Short.\n    inputs: {x: [1, 3]}\n    points: {double: 1}\n"
        )
    starter = folder / "handout" / "twice.py"
    starter.parent.mkdir()
    starter.write_text(STARTER, encoding="utf-8")
    assert lint(folder)[1] == []
    spoil(
        starter, "(self, x):\n        raise NotImplementedError", "(self, x):\n        return 2 * x"
    )
    some, whole = told(folder, "testcases/10_lint.yaml")
    assert some.startswith("2:11 warning ")
    assert "starter earns 1 of 3 points here (double)" in some
    assert whole.startswith("5:11 error ")
    assert "starter passes the whole case (double)" in whole


def test_nothing_is_wrong_with_the_assignment_here(repository: Path) -> None:
    assert lint(repository)[1] == []


# The command.


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[str]]:
    status = main(["lint", *map(str, arguments)])
    return status, capsys.readouterr().out.splitlines()


def test_the_exit_status_tells_errors_from_warnings(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert run(capsys) == (0, ["1 case, 3 points: 0 errors, 0 warnings"])
    assert run(capsys, "--strict")[0] == 0
    path = folder / "testcases" / "10_lint.yaml"
    path.write_text(CASES.replace("1, 2, 4", "0, 0, 0"), encoding="utf-8")
    assert run(capsys)[0] == 0
    status, lines = run(capsys, "--strict")
    assert status == 1
    assert lines[-1].endswith("0 errors, 4 warnings")
    assert re.match(r"reference/mistakes\.py:\d+:1: warning: ", lines[0])
    path.write_text(CASES.replace("points", "pionts"), encoding="utf-8")
    status, lines = run(capsys)
    assert status == 1
    assert lines[0].startswith("testcases/10_lint.yaml:4:5: error: ")


def test_annotations_are_escaped_as_github_undoes_it(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "testcases" / "10_lint.yaml").rename(folder / "testcases" / "10, 50%.yaml")
    spoil(folder / "testcases" / "10, 50%.yaml", "inputs_unchanged", "100%_of::it")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder.parent))
    status, lines = run(capsys, "--format", "github", "--assignment", folder)
    assert status == 1
    assert lines[0].startswith(
        f"::error file={folder.name}/testcases/10%2C 50%25.yaml,line=4,col=35::unknown check "
        "`100%25_of::it`"
    )


def test_findings_come_sorted_and_once(folder: Path) -> None:
    testcases = folder / "testcases"
    (testcases / "05_first.yaml").write_text(CASES.replace("points", "pionts"), encoding="utf-8")
    spoil(testcases / "10_lint.yaml", "double", "duoble")
    findings = lint(folder)[1]
    assert findings == sorted(set(findings))
    assert {finding.place.path.name for finding in findings} == {"05_first.yaml", "10_lint.yaml"}
    assert all(isinstance(f, Finding) and f.severity == ERROR for f in findings)


def test_a_folder_without_an_assignment_is_no_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", "--assignment", str(tmp_path)]) == 2
    assert "assignment.yaml" in capsys.readouterr().err


# Large files, and worse.


def test_a_fault_at_the_end_of_ten_thousand_lines_is_told(
    folder: Path, run_in_process: RunInProcess
) -> None:
    rows = "".join(f"        - [{n}, 0.5]\n" for n in range(9_994))
    text = f"cases:\n  - name: One\n    inputs:\n      x:\n{rows}    pionts: {{double: 1}}\n"
    (folder / "testcases" / "10_lint.yaml").write_text(text, encoding="utf-8")
    done = run_in_process("lint", "--assignment", folder)
    assert done.status == 1
    assert "10_lint.yaml:9999:5: error: unknown key `pionts`" in done.out


def test_a_bomb_of_aliases_is_refused_before_it_goes_off(folder: Path) -> None:
    levels = "".join(
        f"  - &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi")
    )
    text = f"cases:\n  - &a [1, 1]\n{levels}"
    (folder / "testcases" / "10_lint.yaml").write_text(text, encoding="utf-8")
    (line,) = told(folder, "testcases/10_lint.yaml")
    assert line.startswith("2:5 error anchors and aliases")
