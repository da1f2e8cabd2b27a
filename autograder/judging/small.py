"""Small inputs of a random case: its own recipes, drawn in small sizes and with coarse numbers.

They depend on nothing but the case, so what is expected for them can be stored, and a student reads
the same at home.
"""

from __future__ import annotations

import itertools
from typing import Any, Final

from autograder.formats.draws import draw
from autograder.model import Batch, Inputs, Randomness, Recipe, Sizes, TestCase

_SIZES_TRIED: Final = 3  # of each named size, from the smallest on
_DRAWS: Final = {0: 4, 1: 2, 3: 1}  # how many of each size, by decimals
_MOST_NUMBERS: Final = 40  # of one input; more is not small
_MOST_COMBINATIONS: Final = 27  # of sizes

Small = tuple[Inputs, list[Batch]]


def small_inputs(case: TestCase) -> list[Small]:
    """Small inputs for a random case, from the simplest on, drawn; the same ones each time."""
    random = case.inputs.random
    if random is None:
        return []
    ranges = {
        name: range(low, min(high, low + _SIZES_TRIED - 1) + 1)
        for name, (low, high) in random.sizes.items()
    }
    combinations = sorted(itertools.product(*ranges.values()), key=sum)[:_MOST_COMBINATIONS]
    found: dict[str, tuple[tuple[int, int], Small]] = {}
    for sizes in combinations:
        for decimals, draws in _DRAWS.items():
            for seed in range(draws):
                small = _small(case, random, dict(zip(ranges, sizes)), decimals, seed)
                batches = draw(small)
                arrays = [array for batch in batches for array in batch.inputs.values()]
                if any(array.size > _MOST_NUMBERS for array in arrays):
                    continue
                shown = str([array.tolist() for array in arrays])
                numbers = sum(array.size for array in arrays)
                found.setdefault(shown, ((numbers, len(shown)), (small, batches)))
    return [small for _, small in sorted(found.values(), key=lambda item: item[0])]


def plan_of(small: Small) -> list[Any]:
    """What a small input of a case is drawn from, as plain data for `drawn_small`."""
    inputs, _ = small
    assert inputs.random is not None
    recipes = [value for value in inputs.values.values() if isinstance(value, Recipe)]
    sizes = {name: low for name, (low, _) in inputs.random.sizes.items()}
    return [sizes, recipes[0].decimals if recipes else 0, inputs.random.seed]


def drawn_small(case: TestCase, plan: list[Any]) -> Small:
    """A small input of a case, drawn by its plan."""
    sizes, decimals, seed = plan
    assert case.inputs.random is not None
    inputs = _small(case, case.inputs.random, sizes, decimals, seed)
    return inputs, draw(inputs)


def _small(
    case: TestCase, random: Randomness, sizes: dict[str, int], decimals: int, seed: int
) -> Inputs:
    values = {
        name: value._replace(decimals=decimals) if isinstance(value, Recipe) else value
        for name, value in case.inputs.values.items()
    }
    if not case.program.setup_once:
        fixed = {name: Sizes(size, size) for name, size in sizes.items()}
        return Inputs(values, Randomness(seed, 1, fixed))
    # Two batches after one setup, the sizes of which may differ.
    loose = {
        name: Sizes(size, min(size + 1, random.sizes[name].high)) for name, size in sizes.items()
    }
    return Inputs(values, Randomness(seed, 2, loose))
