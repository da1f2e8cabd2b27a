"""Small inputs of a random case: its own recipes, drawn in small sizes and with coarse numbers.

They depend on nothing but the case, so what is expected for them can be stored, and a student reads
the same at home.
"""

from __future__ import annotations

import itertools
from typing import Any, Final, NamedTuple

from autograder.formats.draws import draw
from autograder.judging.evidence import Expected
from autograder.judging.stored import Part
from autograder.model import Batch, Inputs, Randomness, Recipe, Sizes, TestCase

_SIZES_TRIED: Final = 3  # of each named size, from the smallest on
_DRAWS: Final = {0: 4, 1: 2, 3: 1}  # how many of each size, by decimals
_MOST_NUMBERS: Final = 40  # of one input; more is not small
_MOST_COMBINATIONS: Final = 27  # of sizes


class Small(NamedTuple):
    """A small input of a case, and by batch what the results must be for it."""

    inputs: Inputs
    expected: list[Expected]


def small_inputs(case: TestCase) -> list[tuple[Inputs, list[Batch]]]:
    """Small inputs for a random case, from the simplest on, drawn; the same ones each time."""
    random = case.inputs.random
    if random is None:
        return []
    ranges = {
        name: range(low, min(high, low + _SIZES_TRIED - 1) + 1)
        for name, (low, high) in random.sizes.items()
    }
    combinations = sorted(itertools.product(*ranges.values()), key=sum)[:_MOST_COMBINATIONS]
    found: dict[str, tuple[tuple[int, int], tuple[Inputs, list[Batch]]]] = {}
    recipes = [value for value in case.inputs.values.values() if isinstance(value, Recipe)]
    # Probabilities without decimals are 0 and 1, which is not what the case is about.
    first = 1 if any(recipe.draw == "probabilities" for recipe in recipes) else 0
    tries = [(d, seed) for d, draws in _DRAWS.items() if d >= first for seed in range(draws)]
    for sizes, (decimals, seed) in itertools.product(combinations, tries):
        small = planned(case, [dict(zip(ranges, sizes)), decimals, seed])
        batches = draw(small)
        arrays = [array for batch in batches for array in batch.inputs.values()]
        if any(array.size > _MOST_NUMBERS for array in arrays):
            continue
        shown = str([array.tolist() for array in arrays])
        numbers = sum(array.size for array in arrays)
        found.setdefault(shown, ((numbers, len(shown)), (small, batches)))
    return [small for _, small in sorted(found.values(), key=lambda item: item[0])]


def plan_of(inputs: Inputs) -> list[Any]:
    """What a small input is drawn from, as plain data for `planned`."""
    assert inputs.random is not None
    recipes = [value for value in inputs.values.values() if isinstance(value, Recipe)]
    sizes = {name: low for name, (low, _) in inputs.random.sizes.items()}
    return [sizes, recipes[0].decimals if recipes else 0, inputs.random.seed]


def planned(case: TestCase, plan: list[Any]) -> Inputs:
    """A small input of a case by its plan: named sizes, decimals and a seed."""
    sizes, decimals, seed = plan
    values = {
        name: value._replace(decimals=decimals) if isinstance(value, Recipe) else value
        for name, value in case.inputs.values.items()
    }
    if not case.program.setup_once:
        fixed = {name: Sizes(size, size) for name, size in sizes.items()}
        return Inputs(values, Randomness(seed, 1, fixed))
    # Two batches after one setup, the sizes of which may differ.
    assert case.inputs.random is not None
    high = {name: size.high for name, size in case.inputs.random.sizes.items()}
    loose = {name: Sizes(size, min(size + 1, high[name])) for name, size in sizes.items()}
    return Inputs(values, Randomness(seed, 2, loose))


def read_small(part: Part, case: TestCase) -> list[Small]:
    """The small inputs of a case, from the part that has them."""
    return [
        Small(planned(case, plan), [part.arrays(batch) for batch in expected])
        for plan, expected in part.data.get(case.name, ())
    ]
