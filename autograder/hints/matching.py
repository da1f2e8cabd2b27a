"""Which known mistake a failed check matches."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.hints.patterns import name_factor
from autograder.judging.answers import MistakeTraces
from autograder.judging.evidence import Evidence, Kind
from autograder.judging.traces import Trace, alike, same_not_finite, trace_of
from autograder.model import Assignment, TestCase, Tolerance
from autograder.sandbox.observation import Outcome


def find_mistake(
    failed: Evidence,
    check: str,
    known: Sequence[Evidence],
    mistakes: Sequence[MistakeTraces],
    traced: Traced,
) -> MistakeTraces | None:
    """The known mistake that best explains a failed check, or None.

    A candidate does the same as the submission in every batch of the case. It is dropped where the
    submission is right in a known case that the mistake fails, or where more of the failed cases
    speak against it than for it: a submission with several mistakes differs from each of them
    somewhere. Of the rest the one that explains most cases is taken; of equal ones that which the
    case's other checks agree with most; of equal ones again the first.
    """
    best, best_score = None, (0, 0)
    for mistake in mistakes:
        if not traced.matches(mistake, failed, check):
            continue
        score = 0
        for one in known:
            if (one.case.name, check) not in mistake.wrong:
                continue  # where the mistake is right, it says nothing
            if not one.failed(check):
                score = 0
                break
            if traced.tells(one, check):
                score += 1 if traced.matches(mistake, one, check) else -1
        if score > 0:
            others = [other for other in failed.checks if other != check]
            agreement = sum(traced.agreement(mistake, failed, other) for other in others)
            if (score, agreement) > best_score:
                best, best_score = mistake, (score, agreement)
    return best


def find_scaled_mistake(
    failed: Evidence,
    check: str,
    candidates: Sequence[MistakeTraces],
    traced: Traced,
) -> tuple[MistakeTraces, str] | None:
    """A mistake that a failed check matches but for a constant factor, and that factor.

    Only mistakes that another check of the same case matches are candidates: with a factor to choose,
    some of the others would match by chance.
    """
    for mistake in candidates:
        theirs = mistake.wrong.get((failed.case.name, check))
        if theirs is None:
            continue
        mine = traced.of(failed, check)
        if any(
            one.outcome != Outcome.VALUE or one.shape != other.shape
            for one, other in zip(mine, theirs)
        ):
            continue
        factor = name_factor(
            [(one.numbers, other.numbers) for one, other in zip(mine, theirs)],
            [row.batch.sizes for row in failed.checks[check].rows],
            match_tolerance(failed.case, traced.assignment),
        )
        if factor:
            return mistake, factor
    return None


def match_tolerance(case: TestCase, assignment: Assignment) -> Tolerance:
    """Within which two results of a case are the same."""
    # The tolerance of printed digits allows for their rounding, which no mistake has gone through.
    return assignment.tolerance if case.expect else case.tolerance


class Traced:
    """Traces of a submission, each made once, when it is asked for."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._traces: dict[tuple[str, str], list[Trace]] = {}

    def of(self, one: Evidence, check: str) -> list[Trace]:
        """What a check of a case did in each batch."""
        key = (one.case.name, check)
        if key not in self._traces:
            self._traces[key] = [trace_of(check, row) for row in one.checks[check].rows]
        return self._traces[key]

    def tells(self, one: Evidence, check: str) -> bool:
        """Whether the check came so far in any batch that there is something to compare."""
        return any(trace.outcome != Outcome.NOT_REACHED for trace in self.of(one, check))

    def matches(self, mistake: MistakeTraces, one: Evidence, check: str) -> bool:
        """Whether a mistake that is wrong there does the same in every batch that tells anything."""
        theirs = mistake.wrong.get((one.case.name, check))
        if theirs is None or not self.tells(one, check):
            return False
        # One sentence has many causes: all properties have to be broken in the same way.
        broken = any(mine.outcome == Kind.BROKEN.value for mine in self.of(one, check))
        others = self.assignment.properties if broken else ()
        return all(self._alike(mistake, one, name) for name in (check, *others))

    def _alike(self, mistake: MistakeTraces, one: Evidence, check: str) -> bool:
        theirs = mistake.wrong.get((one.case.name, check))
        if theirs is None or not one.failed(check):
            return theirs is None and not one.failed(check)
        tolerance = match_tolerance(one.case, self.assignment)
        return all(
            alike(mine, other, tolerance)
            for mine, other in zip(self.of(one, check), theirs)
            if mine.outcome != Outcome.NOT_REACHED
        )

    def agreement(self, mistake: MistakeTraces, one: Evidence, check: str) -> int:
        """2 where both are right or do the same wrong, 1 where the same numbers are not finite."""
        key = (one.case.name, check)
        if key not in mistake.wrong or not one.failed(check):
            return 2 * (key not in mistake.wrong and not one.failed(check))
        if self.matches(mistake, one, check):
            return 2
        return int(all(map(same_not_finite, self.of(one, check), mistake.wrong[key])))
