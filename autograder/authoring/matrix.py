"""The matrix: which test case catches which known mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from autograder.judging.mistakes import Mistake, load_mistakes, observed_mistakes
from autograder.judging.suite import Suite
from autograder.judging.verdicts import points_earned, total
from autograder.model import TestCase, Tolerance
from autograder.sandbox.observation import BatchObservation, Outcome

_NO_TOLERANCES: Mapping[str, Tolerance] = MappingProxyType({})


class Matrix:
    """All test cases of an assignment tried on all of its known mistakes.

    A mistake is run only on cases whose program imports what it replaces. Raises AssignmentError if
    the reference, a property or the mistakes cannot be run.
    """

    def __init__(self, suite: Suite, narrower: Mapping[str, Tolerance] = _NO_TOLERANCES) -> None:
        """`narrower` has tolerances, by case, with which the cases are judged a second time."""
        self.cases = suite.assignment.cases
        self.mistakes = load_mistakes(suite.assignment)
        # By mistake and case, for those that were tried: the checks that are lost, the points of all.
        self.lost: dict[tuple[str, str], tuple[str, ...]] = {}
        self._earned: dict[tuple[str, str], dict[str, float]] = {}
        self.let_through: dict[str, list[str]] = {}  # by case, mistakes that a narrower one stops
        self._suite = suite
        # In other cases a mistake passes, as the reference does.
        for mistake, case, observed in observed_mistakes(suite.assignment, suite.batches):
            key = mistake.name, case.name
            self.lost[key], self._earned[key] = self._judge(case, observed)
            if case.name in narrower:
                narrow = case._replace(tolerance=narrower[case.name])
                lost, _ = self._judge(narrow, observed)
                if set(lost) - set(self.lost[key]):
                    self.let_through.setdefault(case.name, []).append(mistake.name)
        self._times = {
            mistake.name: Counter(c for case in self.cases for c in self.lost_by(mistake, case))
            for mistake in self.mistakes
        }

    def lost_by(self, mistake: Mistake, case: TestCase) -> tuple[str, ...]:
        """The checks of a case that a mistake loses."""
        return self.lost.get((mistake.name, case.name), ())

    def is_tried(self, case: TestCase, *mistakes: Mistake) -> bool:
        """Whether one of these mistakes, or of all, is in what a case's program imports."""
        return any((mistake.name, case.name) in self.lost for mistake in mistakes or self.mistakes)

    def catchers(self, mistake: Mistake) -> list[TestCase]:
        """The cases that catch a mistake, in the order of their files."""
        return [case for case in self.cases if self.lost_by(mistake, case)]

    def points(self, mistake: Mistake, check: str | None = None) -> float:
        """The points that a mistake still gets, in total or for one check."""
        return total(
            points
            for case in self.cases
            for name, points in self._earned.get((mistake.name, case.name), case.points).items()
            if check in (None, name)
        )

    @property
    def uncaught(self) -> list[Mistake]:
        """The mistakes that no case catches."""
        return [mistake for mistake in self.mistakes if not self._times[mistake.name]]

    @property
    def redundant(self) -> list[TestCase]:
        """The cases without which every mistake would still lose the same checks somewhere."""
        return [
            case
            for case in self.cases
            if not any(
                self._times[mistake.name][check] == 1
                for mistake in self.mistakes
                for check in self.lost_by(mistake, case)
            )
        ]

    def _judge(
        self, case: TestCase, observed: Sequence[BatchObservation]
    ) -> tuple[tuple[str, ...], dict[str, float]]:
        """The checks that are lost by what they look at themselves, and the points of all."""
        evidence = self._suite.gather(case, observed)
        lost = tuple(
            name
            for name, check in evidence.checks.items()
            if any(row.problem and row.problem.kind != Outcome.NOT_REACHED for row in check.rows)
        )
        earned = {
            name: points_earned(case, name, check.share) for name, check in evidence.checks.items()
        }
        return lost, earned
