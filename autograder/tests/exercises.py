"""Exercises for tests: those below `assignments/`, with wrong solutions, and small ones of texts."""

from __future__ import annotations

import shutil
import textwrap
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from autograder.formats.assignment import load_assignment
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.sandbox import Sandbox

REPOSITORY = Path(__file__).resolve().parents[2]
ASSIGNMENTS = Path(__file__).parent / "assignments"
NAMES = sorted(path.parent.name for path in ASSIGNMENTS.glob("*/expected.yaml"))

Failed = set[tuple[str, str]]  # by the number of a case, and check


class Wrong(NamedTuple):
    """A solution of an exercise in `wrong/`: a file, or a folder if several files are asked for."""

    exercise: str
    name: str
    fails: tuple[str, ...]  # checks of all cases, or `10.1 check` of one; none: it is right

    def place(self, folder: Path) -> Path:
        """Put it into a folder, under the name that is asked for; gives what is handed in."""
        source = ASSIGNMENTS / self.exercise / "wrong" / self.name
        if source.is_dir():
            return shutil.copytree(source, folder / "submission")
        return Path(shutil.copy(source, folder / suite_of(self.exercise).assignment.submission[0]))

    def expected(self, report: Report) -> Failed:
        """The checks of a report that it has to fail."""
        return {
            (v.number, v.check)
            for v in report.verdicts
            if v.check in self.fails or f"{v.number} {v.check}" in self.fails
        }


@cache
def suite_of(exercise: str) -> Suite:
    """An exercise with its answers, which are worked out once."""
    return Suite(load_assignment(ASSIGNMENTS / exercise))


def wrong_solutions(exercise: str) -> list[Wrong]:
    """All of them, in the order of `expected.yaml`."""
    text = (ASSIGNMENTS / exercise / "expected.yaml").read_text(encoding="utf-8")
    return [Wrong(exercise, name, tuple(fails)) for name, fails in yaml.safe_load(text).items()]


def reference_of(exercise: str) -> Path:
    """The reference, as it would be handed in."""
    folder, wanted = ASSIGNMENTS / exercise / "reference", suite_of(exercise).assignment.submission
    return folder / wanted[0] if len(wanted) == 1 else folder


def report_on(wrong: Wrong, folder: Path, sandbox: Sandbox) -> Report:
    """Grade a wrong solution, once for all tests; its files are put into the folder each time."""
    path = wrong.place(folder)
    if wrong not in _REPORTS:
        _REPORTS[wrong] = grade(path, suite_of(wrong.exercise), sandbox)
    return _REPORTS[wrong]


_REPORTS: dict[Wrong, Report] = {}


def failed(report: Report) -> Failed:
    """The checks that a report says are failed."""
    return {(v.number, v.check) for v in report.verdicts if not v.passed}


def copy_with_few_mistakes(folder: Path) -> Path:
    """The repository's assignment with the most frequent of its known mistakes only, soon run."""
    for part in ("reference", "testcases", "handout"):
        shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__*"))
    mistakes = folder / "reference" / "mistakes.py"
    few = mistakes.read_text(encoding="utf-8").partition("# Seen often.")[0]
    mistakes.write_text(few, encoding="utf-8")
    return folder


class Course:
    """A small assignment of one's own, written from texts; grades students' files with it."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self._sandbox = sandbox
        self._count = 0

    def write(self, **files: str) -> Course:
        """Write `settings`, the `cases` of one case file, `properties`, and the reference's `f`.

        Names of other files of the reference are given as they are, with `/` as `__`.
        """
        places = {
            "settings": "testcases/assignment.yaml",
            "cases": "testcases/10.yaml",
            "properties": "testcases/properties.py",
        }
        for name, text in files.items():
            place = places.get(name, f"reference/{name.replace('__', '/')}.py")
            path = self.folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return self

    @property
    def assignment(self) -> Assignment:
        return load_assignment(self.folder)

    def hand_in(self, **files: str) -> Path:
        """Write a student's files, named like those of the reference; gives their folder."""
        self._count += 1
        folder = self.folder / f"student{self._count}"
        for name, text in files.items():
            path = folder / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return folder

    def grade(self, **files: str) -> Report:
        """Grade a student's files."""
        return self.grade_folder(self.hand_in(**files))

    def grade_folder(self, folder: Path) -> Report:
        return grade(folder, Suite(self.assignment), self._sandbox)

    def text(self, check: str, **files: str) -> str:
        """The text of a check that a student's files fail."""
        (verdict,) = [v for v in self.grade(**files).verdicts if v.check == check]
        assert not verdict.passed
        return verdict.text
