"""Circumstances: what the inputs of the failing batches have in common, and no other's.

Small inputs that were tried may contradict a circumstance, and so may the printed example, which is one
of them; then it is not told. They suggest none but a size of 1: what tells them apart is how small they
are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from autograder.hints.factors import SizeNames, Sizes
from autograder.judging.evidence import Row
from autograder.typed import NDArray

OF_ALL: Final = "Of all inputs"  # how a circumstance begins
_LARGE: Final = 100.0  # inputs beyond are called large
_MOST_SIZES: Final = 6
_LEAST_WITHOUT: Final = 4  # inputs that lack a property, none of which fails
_MOST: Final = 2 / 3  # of the batches with it

_FRACTIONS: Final = "holds fractions"

Holds = Callable[[NDArray[Any]], object]

_PROPERTIES: Final[dict[str, Holds]] = {
    "holds other numbers than 0 and 1": lambda array: not np.isin(array, (0, 1)).all(),
    f"holds large numbers, beyond {_LARGE:.0f} in size": lambda array: np.abs(array).max() > _LARGE,
    "holds whole numbers, in an array of integers": lambda array: array.dtype.kind == "i",
    "is an array of single precision, or less": lambda array: array.dtype.itemsize < 8,
    "holds negative numbers": lambda array: (array < 0).any(),
    "holds a 0": lambda array: (array == 0).any(),
    _FRACTIONS: lambda array: (array != np.rint(array)).any(),
}


def circumstance_of_sizes(batches: Sequence[Row], small: Sequence[Row], names: SizeNames) -> str:
    """A sentence on the sizes with which a check fails, or "" if they tell nothing."""
    seen = [*batches, *small]
    fails = np.array([row.problem is not None for row in seen])
    if fails.all() or not fails.any():
        return ""
    sizes = [names.of(row.batch) for row in seen]
    suggested = 0 < fails[: len(batches)].sum() < len(batches)
    for holds, words, opposite in _of_sizes(sizes, relations=suggested):
        if (holds == fails).all():
            return f"{OF_ALL} tried, it fails only on those with {words}."
        if (holds != fails).all() and opposite:
            return f"{OF_ALL} tried, it is right only on those with {words}."
    return _beyond_a_size(fails, sizes, len(batches)) if suggested else ""


def circumstance_of_inputs(
    batches: Sequence[Row], small: Sequence[Row], *, alone: bool = False
) -> str:
    """A sentence on the numbers with which a check fails, or "" if they tell nothing.

    If there is nothing else to tell, it is one `alone`.
    """
    seen = [*batches, *small]
    fails = np.array([row.problem is not None for row in seen])
    if not 0 < fails[: len(batches)].sum() < len(batches):
        return ""
    for words, applies in _PROPERTIES.items():
        for name in seen[0].batch.inputs:
            arrays = [row.batch.inputs[name] for row in seen if name in row.batch.inputs]
            if len(arrays) < len(seen) or not all(array.size for array in arrays):
                continue
            holds = np.array([bool(applies(array)) for array in arrays])
            mostly = alone and words == _FRACTIONS and _mostly(fails, holds, len(batches))
            if np.array_equal(holds, fails) or mostly:
                return f"{OF_ALL} tried, it fails only if `{name}` {words}."
    return ""


def _beyond_a_size(fails: NDArray[np.bool_], sizes: Sequence[Sizes], batches: int) -> str:
    """What is right up to a size, such as one that is written in the code, and seldom beyond."""
    for name in sorted(set.intersection(*map(set, sizes))):
        lengths = np.array([one[name] for one in sizes])
        beyond = lengths >= lengths[fails].min()
        if _mostly(fails, beyond, batches):
            most = lengths[~beyond].max()
            return f"{OF_ALL} tried, it fails only on those with {name} > {most:g}."
    return ""


def _mostly(fails: NDArray[np.bool_], holds: NDArray[np.bool_], batches: int) -> bool:
    """Whether nothing fails without a property, and most of the batches that have it do."""
    return (
        not (fails & ~holds).any()
        and (~holds).sum() >= _LEAST_WITHOUT
        and fails[:batches][holds[:batches]].mean() >= _MOST
    )


def _of_sizes(
    sizes: Sequence[dict[str, float]], *, relations: bool
) -> Iterator[tuple[NDArray[np.bool_], str, bool]]:
    """What may hold of sizes, with the words for it, and whether it may be what makes a result right."""
    names = [n for n in sorted(set(sizes[0])) if all(n in one for one in sizes)][:_MOST_SIZES]
    lengths = {name: np.array([one[name] for one in sizes]) for name in names}
    for name in names:
        yield lengths[name] == 1, f"{name} = 1", True
    for position, first in enumerate(names if relations else ()):
        for second in names[position + 1 :]:
            yield lengths[first] == lengths[second], f"{first} = {second}", True
            yield lengths[first] > lengths[second], f"{first} > {second}", False
            yield lengths[first] < lengths[second], f"{first} < {second}", False
