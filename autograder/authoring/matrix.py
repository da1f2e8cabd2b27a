"""The matrix: which test case catches which known mistake."""

from __future__ import annotations

from autograder.judging.answers import open_oracle
from autograder.judging.judge import find_problems, share_passed
from autograder.judging.mistakes import Mistake, load_mistakes
from autograder.judging.solutions import Runner
from autograder.judging.verdicts import points_earned
from autograder.model import Assignment, TestCase
from autograder.sandbox.observation import NOT_REACHED


class Matrix:
    """All test cases of an assignment tried on all of its known mistakes.

    Raises AssignmentError if the reference or the mistakes cannot be run.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.cases = assignment.cases
        self.mistakes = load_mistakes(assignment)
        self._earned: dict[tuple[str, str], dict[str, float]] = {}  # by mistake and case
        self.lost: dict[tuple[str, str], tuple[str, ...]] = {}  # checks, by mistake and case
        drawn = {case.name: case.inputs.draw() for case in assignment.cases}
        expected = open_oracle(assignment).expected_of_all(drawn)
        for mistake in self.mistakes:
            runner = Runner(mistake.solution, assignment)
            for case in assignment.cases:
                batches = drawn[case.name]
                observed = runner.observe(batches, shared_object=case.shared_object)
                problems = find_problems(
                    case, assignment.calls, batches, observed, expected[case.name]
                )
                self._earned[mistake.name, case.name] = {
                    check: points_earned(case, check, share_passed(found))
                    for check, found in problems.items()
                }
                self.lost[mistake.name, case.name] = tuple(
                    check
                    for check, found in problems.items()
                    if any(problem and problem.kind != NOT_REACHED for problem in found)
                )

    def catchers(self, mistake: Mistake) -> list[TestCase]:
        """The cases that catch a mistake, in the order of their files."""
        return [case for case in self.cases if self.lost[mistake.name, case.name]]

    def points(self, mistake: Mistake, check: str | None = None) -> float:
        """The points that a mistake still gets, in total or for one check."""
        return sum(
            points
            for case in self.cases
            for name, points in self._earned[mistake.name, case.name].items()
            if check in (None, name)
        )

    @property
    def uncaught(self) -> list[Mistake]:
        """The mistakes that no case catches."""
        return [mistake for mistake in self.mistakes if not self.catchers(mistake)]

    @property
    def redundant(self) -> list[TestCase]:
        """The cases without which every mistake would still lose the same checks somewhere."""
        return [case for case in self.cases if not self._caught_only_by(case)]

    def _caught_only_by(self, case: TestCase) -> bool:
        for mistake in self.mistakes:
            elsewhere = {
                check
                for other in self.cases
                if other is not case
                for check in self.lost[mistake.name, other.name]
            }
            if not set(self.lost[mistake.name, case.name]) <= elsewhere:
                return True
        return False
