"""Verdicts and reports: what the grader has to say, before anybody formats it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autograder.model import TestCase


class Verdict(NamedTuple):
    """The points of one check and the text that goes with them."""

    case: str
    check: str  # the call's method, or "inputs_unchanged"
    number: str
    visibility: str
    tags: tuple[str, ...]
    points: float
    max_points: float
    passed: bool
    text: str
    data: Mapping[str, Any] = MappingProxyType({})  # for staff and programs, not for students

    @property
    def name(self) -> str:
        return f"{self.case}: {self.check.replace('_', ' ')}"


class Report(NamedTuple):
    """All verdicts of one submission."""

    title: str
    verdicts: tuple[Verdict, ...]
    notice: str  # for the student, about the submission as a whole; may be empty
    seconds: float  # wall time
    facts: dict[str, Any]  # versions, digest of the cases, isolation level

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def max_points(self) -> float:
        return sum(verdict.max_points for verdict in self.verdicts)


def points_earned(case: TestCase, check: str, share: float) -> float:
    """The points of a check in which this share of the batches passed."""
    return case.points[check] * (share if case.scoring == "proportional" else float(share == 1))


def verdict_on(case: TestCase, check: str, share: float, text: str) -> Verdict:
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
    )


def forfeit(case: TestCase, text: str) -> list[Verdict]:
    """Verdicts without points, for a submission that could not be run at all."""
    return [verdict_on(case, check, 0.0, text) for check in case.points]
