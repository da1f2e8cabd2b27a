"""The documents: what they tell one to type works, what they link to is there, and they are up to date.

Each page is followed in a fresh folder, from top to bottom: a block below a line such as
"`testcases/10_by_hand.yaml`:" is written to that file, an `sh` block is run, and a `text` block below it
has lines that it must print, in this order. Blocks that cannot be run here are in `NOT_RUN`.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import pytest

from autograder import __version__
from autograder.authoring.lint import lint
from autograder.formats import draws
from autograder.formats.assignment import load_assignment
from autograder.handout.handout_zip import handout_zip
from autograder.hints import patterns
from autograder.hints.patterns.batches import Finding
from autograder.judging.evidence import Kind
from autograder.judging.verdicts import Report, forfeit
from autograder.model import Inputs, Randomness, Recipe
from autograder.tests.browser import find_browser
from autograder.tests.conftest import REPOSITORY, GradeSource, verdict_of
from autograder.tests.make_docs import DOCS, generated, pages
from autograder.tests.pictures import draw as draw_picture
from autograder.tests.solutions import SOFT, solution

MOST_LINES: Final = 120  # of the README
PARTS: Final = ("README.md", "autograder", "handout", "reference", "testcases", "pyproject.toml")
EXPORT: Final = (
    "it needs an export of Gradescope, and has tests of its own with one that is made up"
)
INSTALLED: Final = ".ci/run runs it on every Python, in a fresh copy"
MINUTES: Final = "it takes minutes, and figures differ from machine to machine"
# By page and the beginning of the block: the reason why it is not run here.
NOT_RUN: Final = {
    (
        "README.md",
        "python3 -m venv .venv && .venv/bin/pip install --quiet --editable . ",
    ): INSTALLED,
    (
        "README.md",
        'python3 -m venv .venv && .venv/bin/pip install --quiet --editable "',
    ): INSTALLED,
    ("students.md", "python3 -m venv"): "it downloads packages; .ci/run does the like",
    ("contributing.md", "python3 -m venv"): INSTALLED,
    ("contributing.md", "pre-commit install"): "it changes the settings of a repository",
    ("contributing.md", "ruff check"): ".ci/run runs it, on all files",
    ("contributing.md", "python -m pytest\n"): "these are the tests",
    ("contributing.md", "python -m pytest --everything"): "these are the tests",
    ("contributing.md", "python -m autograder.tests.pictures"): "it needs Chromium, and has a test",
    ("contributing.md", "pip-compile"): "it needs pip-tools and the network",
    ("hints.md", "python -m autograder.tests.hint_figures"): MINUTES,
    ("security.md", "python -m autograder.tests.corpus"): MINUTES,
    ("class.md", "autograder class"): EXPORT,
    ("class.md", "pip install"): "it downloads packages",
}
# By page and command, an exit status other than 0 that the page is about.
FAILS: Final = {
    ("assignments.md", "python -m autograder check"): 1,
    ("cases.md", "autograder lint"): 1,
    ("students.md", "python -m autograder check"): 1,
    ("students.md", "python -m pytest -x"): 1,
}


class Block(NamedTuple):
    """A block of code in a page."""

    page: str
    line: int
    language: str
    text: str
    file: str  # that it is the content of, or nothing


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a page, and the indented ones, which are for a shell."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found: list[Block] = []
    number = 0
    while number < len(lines):
        fence = re.match(r"(`{3,})(\w*)$", lines[number])
        start = number + 1
        if fence:
            number = lines.index(fence[1], start)
            text = "".join(f"{line}\n" for line in lines[start:number])
            above = next((line for line in reversed(lines[: start - 1]) if line), "")
            file = re.fullmatch(r"`([\w./-]+)`:", above)
            found.append(Block(path.name, start, fence[2], text, file[1] if file else ""))
        elif lines[number].startswith("    ") and not lines[number - 1].strip():
            while number < len(lines) and lines[number].startswith("    "):
                number += 1
            text = "".join(f"{line[4:]}\n" for line in lines[start - 1 : number])
            found.append(Block(path.name, start, "sh", text, ""))
        number += 1
    return found


def reason_not_to_run(block: Block) -> str:
    keys = [key for key in NOT_RUN if key[0] == block.page and block.text.startswith(key[1])]
    return NOT_RUN[keys[0]] if keys else ""


def page_id(path: Path) -> str:
    return path.name


EVERY_PAGE: Final = [*pages(), REPOSITORY / "handout" / "README.md"]


# What they tell one to type. ---------------------------------------------------------------------


def empty_folder(folder: Path) -> None:
    folder.mkdir()


def copy_of_repository(folder: Path) -> None:
    folder.mkdir()
    for name in PARTS:
        if (REPOSITORY / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "attacks")
            shutil.copytree(REPOSITORY / name, folder / name, ignore=ignore)
        else:
            shutil.copy(REPOSITORY / name, folder / name)


def unzipped_handout(folder: Path) -> None:
    path = folder.parent / "handout.zip"
    path.write_bytes(handout_zip(load_assignment(REPOSITORY)))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)


STARTS: Final = {"assignments.md": empty_folder, "students.md": unzipped_handout}


@pytest.fixture
def path_of_commands(tmp_path: Path) -> str:
    """A PATH on which `autograder`, `python` and `pytest` are those of this interpreter."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, command in {
        "autograder": "-m autograder",
        "python": "",
        "pytest": "-m pytest",
    }.items():
        path = folder / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the pages speak to a POSIX shell")
@pytest.mark.parametrize("page", pages(), ids=page_id)
def test_a_page_can_be_followed_to_the_letter(
    page: Path, tmp_path: Path, path_of_commands: str
) -> None:
    folder = tmp_path / "fresh"
    STARTS.get(page.name, copy_of_repository)(folder)
    shell = Shell(folder, path_of_commands)
    printed = ""
    for block in blocks(page):
        if block.file:
            path = shell.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "sh" and not reason_not_to_run(block):
            printed = shell.run(block)
        elif block.language == "text":
            assert missing_lines(block.text, printed) == [], f"{printed}\n{page.name}:{block.line}"


class Shell:
    """A shell that runs one block after another; `cd` lasts."""

    def __init__(self, folder: Path, path: str) -> None:
        self.folder = folder
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
            "PATH": path,
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUTF8": "1",
            "COLUMNS": "200",
        }

    def run(self, block: Block) -> str:
        """What a block prints. Each of its commands has to end with the expected status."""
        printed = ""
        for command in commands_of(block.text):
            where = self.folder.parent / "where"
            done = subprocess.run(
                ["bash", "-c", f"{command}\nstatus=$?; pwd >{where}; exit $status"],
                cwd=self.folder,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                timeout=300,
                check=False,
            )
            wanted = FAILS.get((block.page, command), 0)
            place = f"{block.page}:{block.line}: {command}"
            assert done.returncode == wanted, f"{place}\n{done.stdout}"
            self.folder = Path(where.read_text(encoding="utf-8").strip())
            printed += done.stdout
        return printed


def commands_of(text: str) -> Iterator[str]:
    """The lines of a block, without comments; a line that ends in a backslash goes on."""
    for line in text.replace("\\\n", "").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def missing_lines(wanted: str, printed: str) -> list[str]:
    """The lines that were not printed, in order; `...` stands for any of them, also in a line."""
    rest = [" ".join(line.split()) for line in printed.splitlines()]
    missing = []
    for line in (" ".join(line.split()) for line in wanted.splitlines()):
        pattern = ".*".join(map(re.escape, line.split("...")))
        found = next((n for n, there in enumerate(rest) if re.fullmatch(pattern, there)), None)
        if line == "...":
            continue
        if found is None:
            missing.append(line)
        else:
            rest = rest[found + 1 :]
    return missing


def test_what_is_not_run_is_there_and_has_a_reason() -> None:
    every = [block for page in pages() for block in blocks(page) if block.language == "sh"]
    there = {page.name for page in pages()}
    unused = [
        key
        for key in NOT_RUN
        if key[0] in there
        if not any(block.page == key[0] and block.text.startswith(key[1]) for block in every)
    ]
    assert unused == []
    assert all(map(str.strip, NOT_RUN.values()))


@pytest.mark.parametrize(
    ("wanted", "printed", "missing"),
    [
        ("a\nb\n", "a\nx\nb\n", []),
        ("b\na\n", "a\nb\n", ["a"]),
        ("10.1 ... 5 / 5\n...\n", "10.1  By hand: forward   5 / 5\n", []),
        ("6 points\n", "5 points\n", ["6 points"]),
    ],
)
def test_lines_that_a_page_promises_are_missed(
    wanted: str, printed: str, missing: list[str]
) -> None:
    assert missing_lines(wanted, printed) == missing


# The README. -------------------------------------------------------------------------------------


def test_the_readme_is_short_and_has_its_two_commands() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    for heading, what in (("Grade a submission", "grade"), ("Run the tests", "-m pytest")):
        section = re.search(rf"^## {heading}\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
        assert section
        command = re.search(r"^    (.*)$", section[1], re.MULTILINE)
        assert command
        assert "--editable" in command[1]
        assert what in command[1]


def test_the_readme_links_every_page() -> None:
    linked = {target for target, _ in links(REPOSITORY / "README.md")}
    assert {f"autograder/docs/{page.name}" for page in DOCS.glob("*.md")} <= linked


def test_the_readme_shows_an_exercise_that_works(tmp_path: Path) -> None:
    own = [block for block in blocks(REPOSITORY / "README.md") if block.file]
    assert sum(len(block.text.splitlines()) for block in own) <= 12
    for block in own:
        path = tmp_path / block.file
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    template = REPOSITORY / "autograder" / "authoring" / "template"
    shutil.copytree(template / "reference", tmp_path / "reference")
    (tmp_path / "reference" / "mistakes.py").unlink()
    assignment, findings = lint(tmp_path)
    assert assignment is not None
    assert [finding.message for finding in findings] == []


def test_the_newest_entry_of_the_changes_is_this_version() -> None:
    text = (DOCS / "changes.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", text, re.MULTILINE)
    assert newest
    assert newest[1] == __version__


# Examples for contributors. -----------------------------------------------------------------------


def python_block(start: str) -> str:
    """The block of Python on the page for contributors that begins so."""
    (block,) = [b for b in blocks(DOCS / "contributing.md") if b.text.startswith(start)]
    return block.text


def test_the_example_of_a_draw_can_be_used_in_a_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(draws, "DRAWS", dict(draws.DRAWS))
    exec(python_block("def triangular("), {**vars(draws), "DRAWS": draws.DRAWS})
    recipe = Recipe("triangular", (300,), {"low": 2.0, "high": 4.0}, 0.0, "float64")
    (batch,) = draws.draw(Inputs({"x": recipe}, Randomness(1, 1, {})))
    x = batch.inputs["x"]
    assert x.shape == (300,)
    assert 2 <= x.min() < 2.5 < x.mean() < 3.5 < x.max() <= 4


def test_the_example_of_a_pattern_is_told_as_a_hint(
    monkeypatch: pytest.MonkeyPatch, grade_source: GradeSource
) -> None:
    written: dict[str, Any] = {"Finding": Finding}
    exec(python_block("def five_too_large("), written)
    table = {**patterns._PATTERNS, Kind.WRONG_VALUE: (written["five_too_large"],)}
    monkeypatch.setattr(patterns, "_PATTERNS", table)
    report = grade_source(solution(gradient="gradient + 5"))
    assert "too large by 5. What is" in verdict_of(report, SOFT, "backward").text


def test_the_example_of_a_report_writes_every_check() -> None:
    writer: dict[str, Any] = {}
    exec(python_block("def render(report)"), writer)
    verdicts = [v for c in load_assignment(REPOSITORY).cases for v in forfeit(c, "late")]
    lines = writer["render"](Report("Loss", tuple(verdicts), "", 0.0, {})).splitlines()
    assert len(lines) == len(verdicts)
    assert all(line.count("\t") == 2 for line in lines)
    assert writer["render_not_graded"]("disk full")


def test_examples_in_docstrings_give_what_they_say() -> None:
    results = doctest.testmod(draws)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.slow
@pytest.mark.skipif(find_browser() is None, reason="it needs Chromium")
@pytest.mark.parametrize("name", ["report", "matrix", "class"])
def test_pictures_are_made_light_and_dark(name: str, tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="Pillow makes them small")
    browser = find_browser()
    assert browser
    light, dark = (path.read_bytes() for path in draw_picture(name, tmp_path, browser))
    assert light.startswith(b"\x89PNG")
    assert light != dark


# Links, and what is generated. -------------------------------------------------------------------


def links(page: Path) -> list[tuple[str, str]]:
    """The relative links and pictures of a page: path and anchor, either of which may be empty."""
    text = re.sub(r"^(```+).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`", "", text)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(
        r'(?:src|srcset|href)="([^"]+)"', text
    )
    parts = (target.partition("#") for target in targets if not re.match(r"\w+:", target))
    return [(unquote(path), anchor) for path, _, anchor in parts]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^(```+).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", EVERY_PAGE, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for path, anchor in links(page):
        target = page.parent / path if path else page
        if not target.exists() and target.name != "HOW_TO_CHECK.md":  # which handouts bring along
            broken.append(path)
        elif anchor and anchor not in anchors(target):
            broken.append(f"{path}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=page_id)
def test_what_is_generated_follows_from_the_declarations(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == generated(text), "run `python -m autograder.tests.make_docs`"


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in DOCS.rglob("*.png")}
    assert sizes
    assert {name: size for name, size in sizes.items() if size > 150_000} == {}
