"""The smallest input that shows a failure: a few simple numbers in place of a large batch.

The inputs that are tried are those of judging/small.py: the simplest two dozen, and the others only if
none of these fails in the same way. How many are tried is a matter of counts, so a report repeats;
time is the last resort.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from autograder.formats.draws import draw
from autograder.judging.compare import compare
from autograder.judging.diagnosis import Counterexample, Tried, Way, main_way, way_of
from autograder.judging.evidence import Evidence, Kind, Row
from autograder.judging.small import Small
from autograder.judging.suite import Suite
from autograder.model import Batch, TestCase
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
        if one.case.name in tried
        and any((one.case.name, check) not in _found_in(one, tried) for check in _ways(one))
    ]
    _run_next(tried, unshown, run, is_over, last=True)
    return tried


def find_counterexamples(
    evidence: Sequence[Evidence], tried: Mapping[str, Tried]
) -> dict[tuple[str, str], Counterexample]:
    """For failed checks, by case and check, the simplest input that fails in the same way."""
    found: dict[tuple[str, str], Counterexample] = {}
    for one in evidence:
        if one.case.name in tried:
            found.update(_found_in(one, tried))
    return found


def batches_tried(tried: Tried, check: str) -> list[tuple[Batch, bool]]:
    """The small inputs that came to numbers or raised, each with whether a check fails on it."""
    seen_so_far = []
    for (inputs, expected), observed in zip(tried.small, tried.observed):
        for batch, values, seen in zip(draw(inputs), expected, observed):
            problem = compare(seen.results[check], values[check], tried.case.tolerance)
            if problem is None or problem.kind in _SHRINKABLE:
                seen_so_far.append((batch, problem is not None))
    return seen_so_far


def _run_next(
    tried: dict[str, Tried],
    cases: Sequence[str],
    run: RunSmall,
    is_over: Callable[[], bool],
    *,
    last: bool = False,
) -> None:
    """Run the next inputs of some cases, all in one process."""
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


def _found_in(one: Evidence, tried: Mapping[str, Tried]) -> dict[tuple[str, str], Counterexample]:
    case, small, observed, _ = tried[one.case.name]
    ways = _ways(one)
    found: dict[tuple[str, str], Counterexample] = {}
    for inputs, seen in zip(small, observed):
        for check, way in ways.items():
            if (case.name, check) not in found:
                shown = _shown(case, check, way, inputs, seen)
                if shown is not None:
                    found[case.name, check] = shown
    return found


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


def _shown(
    case: TestCase,
    check: str,
    way: Way,
    small: Small,
    observed: tuple[BatchObservation, ...],
) -> Counterexample | None:
    for n, (values, seen) in enumerate(zip(small.expected, observed)):
        result = seen.results[check]
        problem = compare(result, values[check], case.tolerance)
        if problem is not None and way_of(problem, result) == way:
            batches = draw(small.inputs)
            row = Row(n + 1, batches[n], result, values[check], problem)
            return Counterexample(row, batches[:n], seen, values)
    return None
