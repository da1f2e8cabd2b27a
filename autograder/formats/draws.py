"""Draws: the recipes by which a random test case makes its inputs.

The reader of case files, its messages and the drawing of batches follow the table `DRAWS`.

Every run of a case must see the same numbers, on every platform and numpy version. So draws use
`RandomState`, whose streams numpy has frozen (those of `Generator` may change); integers are drawn
with an explicit width, since the default one differs on Windows; and numbers are rounded to a few
decimals, since the C library's log and pow may differ in the last bit, and so easy to read.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.random import RandomState

from autograder.formats.sizes import SIZE, value_of
from autograder.formats.structure import Kind, number
from autograder.model import Batch, Inputs, Randomness, Recipe
from autograder.typed import NDArray

Shape = tuple[int, ...]

DTYPES: Final = ("float64", "float32", "float16", "int64", "int32", "int16", "int8", "bool")
_MOST_DEVIATIONS: Final = 5  # from the mean, of normal numbers: one in a million is farther away
_MOST_DECIMALS: Final = 100  # beyond, rounding would itself overflow
LARGEST: Final = 1e100
# Seeded anew for each case: the same stream as that of a new one, in a thirtieth of the time.
_GENERATOR: Final = RandomState(0)


def _number_of(dtype: str) -> Kind:
    """A number that an array of this dtype holds."""
    if dtype == "float64":
        return number()
    if dtype == "bool":
        return number(0, 1, whole=True)
    if dtype.startswith("int"):
        return number(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max), whole=True)
    return number(-float(np.finfo(dtype).max), float(np.finfo(dtype).max))


NUMBER_OF: Final = {dtype: _number_of(dtype) for dtype in DTYPES}


def overflow(recipe: Recipe) -> str:
    """What a draw can give that its dtype does not hold; nothing if it holds all."""
    bounds = NUMBER_OF[recipe.dtype].schema
    given = {k: v for k, v in recipe.options.items() if isinstance(v, (int, float))}
    spread = _MOST_DEVIATIONS * given.get("scale", 0)
    centres = [given[k] for k in ("low", "high", "value", "mean") if k in given]
    ends = [centre + recipe.shift + sign * spread for centre in centres for sign in (-1, 1)]
    if recipe.dtype == "bool" or all(bounds["minimum"] <= e <= bounds["maximum"] for e in ends):
        return ""
    worst = max(ends, key=abs)
    return f"{recipe.dtype} holds no {worst:g}, which this draw can give; choose a wider dtype"


class Option(NamedTuple):
    """A setting of a draw; one without a default has to be given."""

    default: float | None
    kind: Kind
    meaning: str


class Draw(NamedTuple):
    """A named recipe: `sample(rng, shape, decimals, **options)` gives an array of that shape.

    `decimals` is how finely the numbers of a draw of spread 1 are rounded. Each is a line of `DRAWS`:

    >>> def signs(rng, shape, _decimals):
    ...     return rng.randint(0, 2, size=shape, dtype=np.int64) * 2.0 - 1.0
    >>> DRAWS_OF_MINE = {"signs": Draw(signs, "1 or -1, with equal chances")}
    >>> DRAWS_OF_MINE["signs"].sample(RandomState(1), (2, 3), 3).tolist()
    [[1.0, 1.0, -1.0], [-1.0, 1.0, 1.0]]
    """

    sample: Callable[..., NDArray[Any]]
    meaning: str
    options: Mapping[str, Option] = MappingProxyType({})
    dtype: str = "float64"
    least_dimensions: int = 0


def draw(inputs: Inputs) -> list[Batch]:
    """The batches of a test case: the same numbers each time and everywhere.

    >>> from autograder.model import Randomness, Sizes
    >>> recipe = Recipe("integers", ("N", 2), {"low": 1, "high": 6}, 0.0, "int64")
    >>> [batch] = draw(Inputs({"dice": recipe}, Randomness(seed=1, batches=1, sizes={"N": Sizes(3, 3)})))
    >>> batch.inputs["dice"].tolist(), batch.sizes
    ([[6, 4], [5, 1], [2, 4]], {'N': 3})
    """
    seed, batches, ranges = inputs.random or Randomness(0, 1, {})
    rng = _GENERATOR
    rng.seed(seed)
    drawn = []
    for batch in range(batches):
        sizes = {
            name: int(rng.randint(low, high + 1, dtype=np.int64))
            for name, (low, high) in ranges.items()
        }
        arrays = {
            name: _sample(value, rng, sizes) if isinstance(value, Recipe) else np.array(value)
            for name, value in inputs.values.items()
        }
        # The case's own seed would let the student's `randn` repeat the inputs.
        students_seed = zlib.crc32(f"{seed}, batch {batch}".encode())
        drawn.append(Batch(arrays, sizes, students_seed))
    return drawn


def _sample(recipe: Recipe, rng: RandomState, sizes: dict[str, int]) -> NDArray[Any]:
    shape = tuple(value_of(size, sizes) for size in recipe.shape)
    options = {name: value_of(value, sizes) for name, value in recipe.options.items()}
    values = DRAWS[recipe.draw].sample(rng, shape, recipe.decimals, **options)
    # In place, here and below, if it can be: of large arrays each new one costs more than its numbers.
    values = np.asarray(np.add(values, recipe.shift, out=values if _is_float(values) else None))
    return values if values.dtype == recipe.dtype else _as_dtype(values, recipe.dtype)


def _is_float(values: NDArray[Any]) -> bool:
    return values.dtype == np.float64


def _as_dtype(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """A contiguous copy of the dtype; rounded to the nearest if it holds whole numbers only."""
    if dtype.startswith("int") and values.dtype.kind == "f":
        values = np.rint(values)
    return np.array(values, dtype=dtype, order="C")


def normal(
    rng: RandomState, shape: Shape, decimals: int, mean: float, scale: float
) -> NDArray[Any]:
    """Numbers of a normal distribution with this mean and standard deviation (`scale`)."""
    values = np.asarray(rng.standard_normal(shape))
    values *= scale
    values += mean
    return _rounded(values, scale, decimals)


def uniform(rng: RandomState, shape: Shape, decimals: int, low: float, high: float) -> NDArray[Any]:
    """Numbers spread evenly from `low` to `high`, within which rounding keeps them."""
    values = np.asarray(rng.random_sample(shape))
    values *= high - low
    values += low
    return np.clip(_rounded(values, high - low, decimals), low, high, out=values)


def integers(rng: RandomState, shape: Shape, _decimals: int, low: int, high: int) -> NDArray[Any]:
    """Whole numbers (int64) from `low` to `high`, both included."""
    return np.asarray(rng.randint(low, high + 1, size=shape, dtype=np.int64))


def labels(rng: RandomState, shape: Shape, _decimals: int, of: int) -> NDArray[Any]:
    """Whole numbers (int64) from 0 to `of` - 1."""
    return np.asarray(rng.randint(0, of, size=shape, dtype=np.int64))


def constant(_rng: RandomState, shape: Shape, _decimals: int, value: float) -> NDArray[Any]:
    """The same number everywhere; nothing is drawn."""
    return np.full(shape, value, dtype=np.float64)


def one_hot(rng: RandomState, shape: Shape, _decimals: int) -> NDArray[Any]:
    """Zeros with a single 1 along the last axis, at a random place."""
    labels = rng.randint(0, shape[-1], size=shape[:-1], dtype=np.int64)
    return np.asarray(labels[..., np.newaxis] == np.arange(shape[-1]), dtype=np.float64)


def probabilities(
    rng: RandomState, shape: Shape, decimals: int, concentration: float
) -> NDArray[Any]:
    """Non-negative numbers that sum to 1 along the last axis, of the symmetric Dirichlet distribution.

    Source: L. Devroye, Non-Uniform Random Variate Generation (1986), chapter XI: gammas, normalised.
    """
    # A Dirichlet draw as normalised gammas, in whole thousandths; the largest of a row takes what the
    # rounding leaves, at most half a part for each class. So a row of many classes has finer parts.
    weights = rng.standard_gamma(concentration, shape)
    favourite = one_hot(rng, shape, decimals)  # for a row in which every weight underflowed
    weights = np.where(weights.any(axis=-1, keepdims=True), weights, favourite)
    units = 10.0 ** (decimals if shape[-1] <= 4 else max(decimals, 2 * len(str(shape[-1]))))
    parts = np.rint(units * weights / weights.sum(axis=-1, keepdims=True))
    largest = np.arange(shape[-1]) == parts.argmax(axis=-1)[..., np.newaxis]
    parts += largest * (units - parts.sum(axis=-1, keepdims=True))
    return np.asarray(parts / units)


def _rounded(values: NDArray[Any], spread: float, decimals: int) -> NDArray[Any]:
    """Values rounded to so many decimals of the power of ten below their spread."""
    decimals = decimals - math.floor(math.log10(spread)) if spread > 0 else _MOST_DECIMALS
    return np.round(values, decimals, out=values) if decimals < _MOST_DECIMALS else values


_ANY = number(-LARGEST, LARGEST)
_WHOLE = number(-(2**53), 2**53, whole=True)

DRAWS: Final[dict[str, Draw]] = {
    "normal": Draw(
        normal,
        "normally distributed numbers",
        {
            "mean": Option(0.0, _ANY, "their mean"),
            "scale": Option(1.0, number(0, LARGEST), "their standard deviation"),
        },
    ),
    "uniform": Draw(
        uniform,
        "numbers spread evenly from `low` to `high`",
        {"low": Option(0.0, _ANY, "the least"), "high": Option(1.0, _ANY, "the greatest")},
    ),
    "integers": Draw(
        integers,
        "whole numbers from `low` to `high`, both included",
        {"low": Option(0, _WHOLE, "the least"), "high": Option(9, _WHOLE, "the greatest")},
        dtype="int64",
    ),
    "labels": Draw(
        labels,
        "whole numbers from 0 to `of` - 1, such as labels of classes",
        {"of": Option(None, SIZE, "how many there are: a number or a named size")},
        dtype="int64",
    ),
    "constant": Draw(
        constant, "the same number everywhere", {"value": Option(0.0, _ANY, "the number")}
    ),
    "one_hot": Draw(
        one_hot, "rows with a single 1, at a random place", dtype="float64", least_dimensions=1
    ),
    "probabilities": Draw(
        probabilities,
        "rows of non-negative numbers that sum to 1",
        {
            "concentration": Option(
                1.0,
                number(0.01, 1e6),
                "that of the Dirichlet distribution; small ones give peaked rows",
            )
        },
        least_dimensions=1,
    ),
}
