"""The smallest input that shows a failure: a few simple numbers in place of a large batch.

The inputs that are tried are those of judging/small.py. All of them run at once, and the simplest that
fails in the same way is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from autograder.judging.compare import compare
from autograder.judging.diagnosis import Counterexample, Tried
from autograder.judging.evidence import Evidence, Expected, Kind, Problem, Row
from autograder.judging.small import Small
from autograder.model import TestCase
from autograder.sandbox.observation import BatchObservation, Observation, Outcome

Way = tuple[str, str]  # the kind of problem, and the type of exception if there is one

_SHRINKABLE: Final = (Kind.WRONG_VALUE, Kind.NOT_FINITE, Kind.WRONG_SHAPE, Outcome.RAISED)


def worth_an_example(evidence: Evidence) -> bool:
    """Whether small inputs are to be tried for a case: it draws its inputs, and failed on them."""
    return evidence.case.inputs.random is not None and bool(_ways(evidence))


def find_counterexamples(
    evidence: Sequence[Evidence], tried: Mapping[str, Tried]
) -> dict[tuple[str, str], Counterexample]:
    """For failed checks, by case and check, the simplest input that fails in the same way."""
    found: dict[tuple[str, str], Counterexample] = {}
    for one in evidence:
        name = one.case.name
        if name not in tried:
            continue
        case, small, expected, observed, cut_short = tried[name]
        ways = _ways(one)
        for inputs, values, seen in zip(small, expected, observed):
            for check in [check for check in ways if (name, check) not in found]:
                shown = _shown(case, check, ways[check], inputs, values, seen)
                if shown is not None:
                    found[name, check] = shown._replace(cut_short=cut_short)
    return found


def _ways(evidence: Evidence) -> dict[str, Way]:
    """By result, the way in which it fails most often, if that is worth a smaller input."""
    ways = {}
    for name in evidence.results.keys() & evidence.checks.keys():
        counted = Counter(
            _way(row.problem, row.observed)
            for row in evidence.checks[name].failures
            if row.problem is not None and row.problem.kind in _SHRINKABLE
            if not row.observed.file
        )
        if counted:
            ways[name] = counted.most_common(1)[0][0]
    return ways


def _way(problem: Problem, observed: Observation) -> Way:
    return problem.kind.value, observed.error.type_name if observed.error else ""


def _shown(
    case: TestCase,
    check: str,
    way: Way,
    small: Small,
    expected: list[Expected] | None,
    observed: tuple[BatchObservation, ...],
) -> Counterexample | None:
    if expected is None:
        return None
    _, batches = small
    for n, (values, seen) in enumerate(zip(expected, observed)):
        result = seen.results[check]
        problem = compare(result, values[check], case.tolerance)
        if problem is not None and _way(problem, result) == way:
            row = Row(n + 1, batches[n], result, values[check], problem)
            return Counterexample(row, batches[:n], seen)
    return None
