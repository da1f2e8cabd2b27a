"""The smallest input that shows a failure: a few simple numbers in place of a large batch.

The inputs that are tried are those of judging/small.py: the simplest two dozen, and the others only if
none of these fails in the same way. How many are tried is a matter of counts, so a report repeats;
time is the last resort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from autograder.formats.draws import draw
from autograder.judging.compare import compare
from autograder.judging.diagnosis import Counterexample, Tried, Way, main_way, way_of
from autograder.judging.evidence import Evidence, Kind, Problem, Row
from autograder.judging.small import Small
from autograder.judging.suite import Suite
from autograder.sandbox.observation import BatchObservation, Outcome
from autograder.sandbox.request import CaseRun

# Runs inputs on the submission; gives less than it was asked for if time is over.
RunSmall = Callable[[Sequence[CaseRun]], list[tuple[BatchObservation, ...]]]

_FIRST: Final = 24  # inputs of a case that are tried at once
_MOST_CASES: Final = 24  # for which inputs are tried
_SHRINKABLE: Final = (Kind.WRONG_VALUE, Kind.NOT_FINITE, Kind.WRONG_SHAPE, Outcome.RAISED)


def try_small(
    suite: Suite, evidence: Sequence[Evidence], run: RunSmall, is_over: Callable[[], bool]
) -> dict[str, Tried]:
    """Try small inputs for cases that failed on inputs that they draw; by case.

    `is_over` says when the time for it is up.
    """
    worth = [one for one in evidence if one.case.inputs.random is not None and _ways(one)]
    tried: dict[str, Tried] = {}
    for one in worth[:_MOST_CASES]:
        if is_over():
            tried[one.case.name] = Tried(one.case, [], cut_short=True)
        else:
            tried[one.case.name] = Tried(one.case, suite.small(one.case))
    _run_next(tried, list(tried), run, is_over)
    unshown = [
        one.case.name
        for one in worth
        if one.case.name in tried and len(_found_in(one, tried)) < len(_ways(one))
    ]
    _run_next(tried, unshown, run, is_over, last=True)
    return tried


def find_counterexamples(
    evidence: Sequence[Evidence], tried: Mapping[str, Tried]
) -> dict[tuple[str, str], Counterexample]:
    """For failed checks, by case and check, the simplest input that fails in the same way."""
    return {
        (one.case.name, check): example
        for one in evidence
        if one.case.name in tried
        for check, example in _found_in(one, tried).items()
    }


def rows_tried(tried: Tried, check: str) -> list[Row]:
    """What a check did with the small inputs that came to numbers or raised."""
    return [
        _example(check, small, n, seen, problem).row
        for small, n, seen, problem in _compared(tried, check)
        if problem is None or problem.kind in _SHRINKABLE
    ]


def _run_next(
    tried: dict[str, Tried],
    cases: Sequence[str],
    run: RunSmall,
    is_over: Callable[[], bool],
    *,
    last: bool = False,
) -> None:
    chosen: dict[str, Sequence[Small]] = {}
    for name in cases:
        done = len(tried[name].observed)
        if not tried[name].cut_short:
            chosen[name] = tried[name].small[done : None if last else done + _FIRST]
    runs = [
        CaseRun(tried[name].case.program, inputs, tried[name].case.observed)
        for name, small in chosen.items()
        for inputs, _ in small
    ]
    results = iter(run(runs) if runs else ())
    for name, small in chosen.items():
        observed = [seen for _, seen in zip(small, results)]
        tried[name] = tried[name]._replace(
            observed=(*tried[name].observed, *observed), cut_short=is_over()
        )


def _found_in(one: Evidence, tried: Mapping[str, Tried]) -> dict[str, Counterexample]:
    found = {}
    for check, way in _ways(one).items():
        for small, n, seen, problem in _compared(tried[one.case.name], check):
            if problem is not None and way_of(problem, seen.results[check]) == way:
                found[check] = _example(check, small, n, seen, problem)
                break
    return found


def _compared(
    tried: Tried, check: str
) -> Iterator[tuple[Small, int, BatchObservation, Problem | None]]:
    """What a check did with each batch of each small input."""
    for small, observed in zip(tried.small, tried.observed):
        for n, (expected, seen) in enumerate(zip(small.expected, observed)):
            problem = compare(seen.results[check], expected[check], tried.case.tolerance)
            yield small, n, seen, problem


def _example(
    check: str, small: Small, n: int, seen: BatchObservation, problem: Problem | None
) -> Counterexample:
    batches, expected = draw(small.inputs), small.expected[n]
    row = Row(n + 1, batches[n], seen.results[check], expected[check], problem)
    return Counterexample(row, batches[:n], seen, expected)


def _ways(evidence: Evidence) -> dict[str, Way]:
    """By result, the way in which it fails most often, if that is worth a smaller input."""
    ways = {}
    for name in evidence.results.keys() & evidence.checks.keys():
        check = evidence.checks[name]
        way = main_way(check)
        imported = not any(row.observed.file for row in check.failures)
        if imported and way is not None and way.kind in _SHRINKABLE:
            ways[name] = way
    return ways
