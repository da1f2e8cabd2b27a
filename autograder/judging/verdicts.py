"""Verdicts and reports: what the grader has to say, before anybody formats it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from autograder.model import TestCase

BOTH: Final = " Besides: "  # between two causes that are there at once
_DECIMALS: Final = 6  # of points: 0.1 ten times is 1, and a third of a point is not cut short


class Verdict(NamedTuple):
    """The points of one check and the text that goes with them."""

    case: str
    check: str  # a result, a property, or "inputs_unchanged"
    number: str
    visibility: str
    tags: tuple[str, ...]
    points: float
    max_points: float
    passed: bool
    text: str
    cause: str = ""  # what is wrong in one sentence, the same for all checks with the same cause
    data: Mapping[str, Any] = MappingProxyType({})  # for staff and programs, not for students

    @property
    def name(self) -> str:
        """The check as students read it: `Soft targets: inputs unchanged`."""
        return f"{self.case}: {self.check.replace('_', ' ')}"


class Report(NamedTuple):
    """All verdicts of one submission."""

    title: str
    verdicts: tuple[Verdict, ...]
    notice: str  # why nothing could be run: no file, or none that can be imported; or empty
    seconds: float  # wall time
    facts: dict[str, Any]  # versions, digest of the cases, isolation level
    not_graded: tuple[str, ...] = ()  # names of cases in which the grader itself failed
    notes: tuple[str, ...] = ()  # for staff only
    visible_seconds: float = 0.0  # wall time of running the visible cases

    @property
    def points(self) -> float:
        """The points earned, of all checks."""
        return total(verdict.points for verdict in self.verdicts)

    @property
    def max_points(self) -> float:
        """The points that all checks have."""
        return total(verdict.max_points for verdict in self.verdicts)


def total(points: Iterable[float]) -> float:
    """A sum of points, as people would add them up: tenths add up to whole numbers."""
    return round(math.fsum(points), _DECIMALS)


def points_earned(case: TestCase, check: str, share: float) -> float:
    """The points of a check in which this share of the batches passed."""
    return case.points[check] * (share if case.scoring == "proportional" else float(share == 1))


def verdict_on(case: TestCase, check: str, share: float, text: str, cause: str = "") -> Verdict:
    """The verdict on a check of a case in which this share of the batches passed."""
    return Verdict(
        case=case.name,
        check=check,
        number=case.number,
        visibility=case.visibility,
        tags=case.tags,
        points=points_earned(case, check, share),
        max_points=case.points[check],
        passed=share == 1,
        text=text,
        cause=cause,
    )


def forfeit(case: TestCase, text: str) -> list[Verdict]:
    """Verdicts without points, for what could not be run or judged at all."""
    return [verdict_on(case, check, 0.0, text) for check in case.points]
