"""The smallest input that shows a failure: a few rows of simple numbers in the place of a large batch.

The inputs that are tried are the case's own recipes, drawn in small sizes and with coarse numbers.
They depend on nothing but the case, so what is expected for them can be frozen, and a student reads
the same at home. All of them run at once, and the simplest that fails in the same way is taken.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from autograder.formats.draws import DECIMALS, Inputs, Randomness, Recipe, Sizes
from autograder.judging import compare
from autograder.sandbox import CaseRun
from autograder.sandbox import observation as seen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograder.formats.draws import Batch
    from autograder.judging.answers import Oracle
    from autograder.judging.compare import Problem
    from autograder.judging.judge import Evidence
    from autograder.model import Assignment, TestCase
    from autograder.sandbox.observation import BatchObservation, Observation

    Way = tuple[str, str]  # the kind of problem, and the type of exception where there is one
    RunSmall = Callable[[Sequence[CaseRun]], list[tuple[BatchObservation, ...]]]

_SIZES_TRIED: Final = 3  # of each named size, from the smallest on
_DRAWS: Final = {0: 4, 1: 2, DECIMALS: 1}  # how many of each size, by decimals
_MOST_NUMBERS: Final = 40  # of one input; more is not small
_SHRINKABLE: Final = (
    *(compare.WRONG_VALUE, compare.NOT_FINITE, compare.WRONG_SHAPE),
    seen.RAISED,
)


class Counterexample(NamedTuple):
    """A small input that fails as the case does; with earlier batches where an object is shared."""

    batches: list[Batch]  # the last one fails
    observed: Observation
    expected: NDArray[np.float64]
    problem: Problem


def small_inputs(case: TestCase) -> list[Inputs]:
    """Small inputs for a random case, from the simplest on; the same ones each time."""
    random = case.inputs.random
    if random is None:
        return []
    ranges = {
        name: range(low, min(high, low + _SIZES_TRIED - 1) + 1)
        for name, (low, high) in random.sizes.items()
    }
    found: dict[str, tuple[tuple[int, int], Inputs]] = {}
    for sizes in itertools.product(*ranges.values()):
        for decimals, draws in _DRAWS.items():
            for seed in range(draws):
                small = _small(case, dict(zip(ranges, sizes)), decimals, seed)
                batches = small.draw()
                if any(array.size > _MOST_NUMBERS for batch in batches for array in batch.values()):
                    continue
                shown = str([array.tolist() for batch in batches for array in batch.values()])
                numbers = sum(array.size for batch in batches for array in batch.values())
                found.setdefault(shown, ((numbers, len(shown)), small))
    return [small for _, small in sorted(found.values(), key=lambda item: item[0])]


def find_counterexamples(
    assignment: Assignment, failed: Sequence[Evidence], oracle: Oracle, run_small: RunSmall
) -> dict[tuple[str, str], Counterexample]:
    """For failed checks of visible random cases the simplest input that fails in the same way."""
    wanted = {
        one.case.name: one
        for one in failed
        if one.case.visibility == "visible" and one.case.inputs.random and _ways(assignment, one)
    }
    small = {name: small_inputs(one.case) for name, one in wanted.items()}
    expected = {name: oracle.expected_of_small(wanted[name].case, small[name]) for name in wanted}
    runs = [
        CaseRun(inputs, wanted[name].case.shared_object, return_inputs=False)
        for name in wanted
        for inputs in small[name]
    ]
    results = iter(run_small(runs) if runs else ())
    found: dict[tuple[str, str], Counterexample] = {}
    for name, one in wanted.items():
        ways = _ways(assignment, one)
        for inputs, values, observed in zip(small[name], expected[name], results):
            for check in ways.keys() - {check for case, check in found if case == name}:
                shown = _shown(assignment, one.case, check, ways[check], inputs, values, observed)
                if shown is not None:
                    found[name, check] = shown
    return found


def _ways(assignment: Assignment, one: Evidence) -> dict[str, Way]:
    """By call, the way in which it fails most often, where that is worth a smaller input."""
    ways = {}
    for index, (method, _) in enumerate(assignment.calls):
        problems = one.problems.get(method, ())
        counted = Counter(
            _way(problem, batch.calls[index])
            for problem, batch in zip(problems, one.observed)
            if problem is not None and problem.kind in _SHRINKABLE
        )
        if counted:
            ways[method] = counted.most_common(1)[0][0]
    return ways


def _way(problem: Problem, observed: Observation) -> Way:
    return problem.kind, observed.error.type_name if observed.error else ""


def _small(case: TestCase, sizes: dict[str, int], decimals: int, seed: int) -> Inputs:
    random = case.inputs.random
    assert random is not None
    values = {
        name: value._replace(decimals=decimals) if isinstance(value, Recipe) else value
        for name, value in case.inputs.values.items()
    }
    if not case.shared_object:
        fixed = {name: Sizes(size, size) for name, size in sizes.items()}
        return Inputs(values, Randomness(seed, 1, fixed))
    # Two batches on one object, the sizes of which may differ.
    loose = {
        name: Sizes(size, min(size + 1, random.sizes[name].high)) for name, size in sizes.items()
    }
    return Inputs(values, Randomness(seed, 2, loose))


def _shown(
    assignment: Assignment,
    case: TestCase,
    check: str,
    way: Way,
    inputs: Inputs,
    expected: list[dict[str, NDArray[np.float64]]] | None,
    observed: tuple[BatchObservation, ...],
) -> Counterexample | None:
    if expected is None:
        return None
    index = [call.method for call in assignment.calls].index(check)
    for n, (values, batch) in enumerate(zip(expected, observed)):
        problem = compare.compare(batch.calls[index], values[check], case.tolerance)
        if problem is not None and _way(problem, batch.calls[index]) == way:
            return Counterexample(
                inputs.draw()[: n + 1], batch.calls[index], values[check], problem
            )
    return None
