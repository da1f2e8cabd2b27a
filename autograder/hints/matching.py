"""Which known mistakes, or pairs of them, explain the failures of a check over all of its cases.

One check is looked at over all cases with the same program at once, so that one mistake gets one name:
of the mistakes that explain some of its failures, the one that explains most is taken, then the one
that explains most of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from autograder.judging.diagnosis import ZEROS, main_way
from autograder.judging.evidence import Evidence, Kind
from autograder.judging.traces import (
    Likeness,
    MistakeTraces,
    Trace,
    likeness,
    same_not_finite,
    sample,
    trace_of,
)
from autograder.model import Assignment, TestCase, Tolerance
from autograder.sandbox.observation import Outcome
from autograder.typed import NDArray

# How batches fail in many programs, whatever is wrong with them.
_TELLS_NOTHING = (
    *(Outcome.TIMED_OUT, Outcome.CRASHED, Outcome.NOT_REACHED),
    *(Kind.WRONG_TYPE, Kind.NOTHING_RIGHT),
)
_SILENT = {outcome.value for outcome in _TELLS_NOTHING}


class Hypothesis(NamedTuple):
    """A mistake that the failures of a check may come from, and how far it agrees with each case."""

    mistake: MistakeTraces
    likes: dict[str, Likeness]  # by case, as far as the mistake is wrong there and the case tells

    def explains(self, cases: Iterable[str]) -> list[str]:
        """Those of some cases in which it does the same, as far as can be seen."""
        return [name for name in cases if self.likes.get(name, Likeness.DIFFERENT)]

    def rank(self, cases: Iterable[str]) -> tuple[int, int]:
        """How much speaks for it in some cases, and how much NaN; (0, 0) if it explains nothing.

        A case with other numbers outweighs one with the same. NaN alone proves nothing if there are
        other numbers in any case.
        """
        found = [self.likes[name] for name in cases if name in self.likes]
        same, nan = found.count(Likeness.SAME), found.count(Likeness.NOT_FINITE)
        against = found.count(Likeness.DIFFERENT)
        if same > against:
            return same - against, nan
        return 0, 0 if same or Likeness.DIFFERENT in self.likes.values() else nan


def tells(one: Evidence, check: str) -> bool:
    """Whether a check fails in a case, and there is more to learn from some batch than that it does."""
    return check in one.checks and any(
        row.problem and row.problem.kind not in _TELLS_NOTHING and not row.observed.file
        for row in one.checks[check].rows
    )


def hypotheses(
    known: Sequence[Evidence], check: str, mistakes: Sequence[MistakeTraces], traced: Traced
) -> list[Hypothesis]:
    """The mistakes that explain a failure of a check in some case, and fail no case that passes."""
    failed = [one for one in known if tells(one, check)]
    zeros = {one.case.name for one in failed if main_way(one.checks[check]) == ZEROS}
    passed = [one.case.name for one in known if check in one.checks and one.checks[check].passed]
    found = []
    for mistake in mistakes:
        if any((name, check) in mistake.wrong for name in passed):
            continue
        likes = {
            one.case.name: traced.likeness(mistake, one, check)
            for one in failed
            if (one.case.name, check) in mistake.wrong
        }
        # Many mistakes give nothing but zeros somewhere: it is one of them in all such cases, or none.
        if not all(likes.get(name, Likeness.DIFFERENT) for name in zeros):
            likes = {name: like for name, like in likes.items() if name not in zeros}
        if any(likes.values()):
            found.append(Hypothesis(mistake, likes))
    return found


def find_mistakes(
    known: Sequence[Evidence],
    check: str,
    mistakes: Sequence[MistakeTraces],
    traced: Traced,
    earlier: Sequence[MistakeTraces] = (),
) -> dict[str, MistakeTraces]:
    """By case, the known mistake that explains how a check fails there.

    A mistake explains a case if it does the same in every batch that tells anything. It is dropped if
    the submission is right in a case that the mistake fails, or if as many of the cases that nothing
    else explains speak against it as for it. Of the rest the one that explains most cases is taken; of
    equal ones one that was named `earlier`, in cases that are seen before these; of equal ones again
    that which the other checks agree with most, and then the first. What it does not explain is
    explained by others, in the same way.
    """
    left = [one.case.name for one in known if tells(one, check)]
    candidates = hypotheses(known, check, mistakes, traced)
    named = {mistake.name + mistake.hint for mistake in earlier}
    others = [(one, other) for one in known for other in one.checks if other != check]
    found: dict[str, MistakeTraces] = {}
    while left and candidates:
        ranks = [one.rank(left) for one in candidates]
        best = max(ranks)
        if best == (0, 0):
            break
        equal = [one for rank, one in zip(ranks, candidates) if rank == best]
        again = [one for one in equal if one.mistake.name + one.mistake.hint in named]
        chosen = (again or equal)[0]
        if len(equal) > 1 and not again:
            chosen = max(equal, key=lambda h: sum(traced.agreement(h.mistake, *o) for o in others))
        found.update(dict.fromkeys(chosen.explains(left), chosen.mistake))
        left = [name for name in left if name not in found]
        candidates = [one for one in candidates if one is not chosen]
    return found


def match_tolerance(case: TestCase, assignment: Assignment) -> Tolerance:
    """Within which two results of a case are the same."""
    # The tolerance of printed digits allows for their rounding, which no mistake has gone through.
    return assignment.tolerance if case.expect else case.tolerance


class Traced:
    """Traces of a submission, and how far mistakes agree with them; each is worked out once."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._traces: dict[tuple[str, str], list[tuple[Trace, NDArray[np.float64] | None]]] = {}
        self._likes: dict[tuple[int, str, str], Likeness] = {}

    def of(self, one: Evidence, check: str) -> list[tuple[Trace, NDArray[np.float64] | None]]:
        """What a check of a case did in each batch, with the numbers that are right."""
        key = (one.case.name, check)
        if key not in self._traces:
            self._traces[key] = [
                (trace_of(row), None if row.expected is None else sample(row.expected)[1])
                for row in one.checks[check].rows
            ]
        return self._traces[key]

    def likeness(self, mistake: MistakeTraces, one: Evidence, check: str) -> Likeness:
        """How far a mistake that is wrong there does the same in all batches that tell anything."""
        key = (id(mistake), one.case.name, check)
        if key not in self._likes:
            self._likes[key] = self._likeness(mistake, one, check)
            # One sentence has many causes: all properties have to be broken in the same way.
            others = self.assignment.properties if self._likes[key] else ()
            broken = others and any(t.outcome == Kind.BROKEN.value for t, _ in self.of(one, check))
            if broken and not all(self._same(mistake, one, other) for other in others):
                self._likes[key] = Likeness.DIFFERENT
        return self._likes[key]

    def _same(self, mistake: MistakeTraces, one: Evidence, check: str) -> bool:
        is_wrong = (one.case.name, check) in mistake.wrong
        if not is_wrong or not one.failed(check):
            return not is_wrong and not one.failed(check)
        return bool(self._likeness(mistake, one, check))

    def _likeness(self, mistake: MistakeTraces, one: Evidence, check: str) -> Likeness:
        tolerance = match_tolerance(one.case, self.assignment)
        theirs = mistake.wrong[one.case.name, check]
        wrong = [row.problem is not None for row in one.checks[check].rows]
        best = Likeness.NOT_FINITE
        for (mine, right), other, is_wrong in zip(self.of(one, check), theirs, wrong):
            if mine.outcome in _SILENT:
                continue
            like = likeness(mine, other, tolerance, right)
            if like is Likeness.DIFFERENT:
                return like
            if is_wrong:  # that both are right in a batch proves nothing
                best = max(best, like)
        return best

    def agreement(self, mistake: MistakeTraces, one: Evidence, check: str) -> int:
        """2 if both are right or do the same wrong, 1 if the same numbers are not finite."""
        theirs = mistake.wrong.get((one.case.name, check))
        if theirs is None or not one.failed(check):
            return 2 * (theirs is None and not one.failed(check))
        if tells(one, check) and self.likeness(mistake, one, check):
            return 2
        traces = [trace for trace, _ in self.of(one, check)]
        return int(all(map(same_not_finite, traces, theirs)))
