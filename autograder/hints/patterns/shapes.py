"""Patterns in results of another shape: what their numbers have to do with the expected ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from autograder.hints.patterns.batches import Failing, Finding
from autograder.typed import NDArray

_REDUCTIONS: Final[dict[str, Callable[..., NDArray[Any]]]] = {"sum": np.sum, "mean": np.mean}
_TOO_FAR: Final = {"sum": "added up", "mean": "averaged"}


def _only_the_shape(failing: Sequence[Failing]) -> Finding | None:
    if all(_same_numbers(one, one.value, one.expected) for one in failing):
        shape, wanted = failing[-1].value.shape, failing[-1].expected.shape
        example = f"{shape} instead of {wanted or 'a single number'}, for example."
        if failing[0].value.squeeze().shape == failing[0].expected.squeeze().shape:
            cause = "The numbers are right; only axes of length 1 are too many or missing."
        else:
            cause = "The numbers are right, but arranged in another shape."
        return Finding(cause, example)
    return None


def _transposed(failing: Sequence[Failing]) -> Finding | None:
    if all(one.value.ndim == 2 and one.equals(one.value.T, one.expected) for one in failing):
        return Finding(
            "It looks like the transpose of what is expected: the two axes trade places."
        )
    return None


def _not_reduced(failing: Sequence[Failing]) -> Finding | None:
    """The sum or the mean along an axis, or of everything, is missing."""
    for words, reduce in _REDUCTIONS.items():
        for axis in (None, *range(failing[0].value.ndim)):
            if all(
                _same_numbers(one, _reduced(reduce, one.value, axis), one.expected)
                for one in failing
            ):
                where = "of all numbers" if axis is None else f"along axis {axis}"
                return Finding(f"The {words} {where} is still to be taken: it is what is expected.")
    return None


def _reduced_too_far(failing: Sequence[Failing]) -> Finding | None:
    for words, reduce in _REDUCTIONS.items():
        for axis in (None, *range(failing[0].expected.ndim)):
            if all(
                _same_numbers(one, _reduced(reduce, one.expected, axis), one.value)
                for one in failing
            ):
                where = "All numbers are" if axis is None else f"Along axis {axis}, the numbers are"
                return Finding(f"{where} {_TOO_FAR[words]}; each is expected by itself.")
    return None


def _repeated(failing: Sequence[Failing]) -> Finding | None:
    """The right result, again and again."""
    for one in failing:
        try:
            wanted = np.broadcast_to(one.expected, one.value.shape)
        except ValueError:
            return None
        if one.value.size == one.expected.size or not one.equals(one.value, wanted):
            return None
    return Finding("The right result is there, but more than once: an array is filled with it.")


def _of_batch_before(failing: Sequence[Failing]) -> Finding | None:
    known = [one for one in failing if one.number > 1]
    if known and all(one.before is not None and one.equals(one.value, one.before) for one in known):
        return Finding(
            "This is the right result of the batch before; something is kept and not replaced."
        )
    return None


def _of_another(failing: Sequence[Failing]) -> Finding | None:
    for name in failing[0].others:
        if all(name in f.others and f.equals(f.value, f.others[name]) for f in failing):
            more = "Have the two traded places, or was one overwritten?"
            return Finding(f"This is what {name} must be.", more)
    for name in failing[0].batch.inputs:
        if all(name in f.batch.inputs and f.equals(f.value, f.batch.inputs[name]) for f in failing):
            return Finding(f"This is the input `{name}` as it was given.")
    return None


def _same_numbers(one: Failing, value: NDArray[Any], wanted: NDArray[Any]) -> bool:
    return value.size == wanted.size > 0 and one.equals(value.reshape(-1), wanted.reshape(-1))


def _reduced(
    reduce: Callable[..., NDArray[Any]], array: NDArray[Any], axis: int | None
) -> NDArray[Any]:
    return np.empty(0) if axis is not None and axis >= array.ndim else reduce(array, axis=axis)


SHAPES: Final = (
    *(_of_another, _of_batch_before, _transposed, _only_the_shape),
    *(_repeated, _not_reduced, _reduced_too_far),
)
