"""The exercises below `assignments/`: where they are, and which checks their wrong solutions fail."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from autograder.formats.assignment import load_assignment
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report

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


def failed(report: Report) -> Failed:
    """The checks that a report says are failed."""
    return {(v.number, v.check) for v in report.verdicts if not v.passed}
