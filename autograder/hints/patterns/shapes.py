"""Patterns in results of another shape than that which is expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from autograder.hints.patterns.arrangement import transposed
from autograder.hints.patterns.batches import Array, Failing, Finding
from autograder.hints.patterns.from_inputs import another_array
from autograder.hints.patterns.wrong_numbers import nothing
from autograder.typed import NDArray

_REDUCTIONS: Final[dict[str, Callable[..., NDArray[Any]]]] = {"sum": np.sum, "mean": np.mean}
_TOO_FAR: Final = {"sum": "added up", "mean": "averaged"}


def _only_the_shape(failing: Sequence[Failing]) -> Iterator[Finding]:
    if not all(_same_numbers(one, one.value, one.expected) for one in failing):
        return
    first, last = failing[0], failing[-1]
    if first.value.squeeze().shape == first.expected.squeeze().shape:
        cause = "The numbers are right; there are only too many or too few axes of length 1."
    else:
        cause = "The numbers are right, but arranged in another shape."
    wanted = last.expected.shape or "a single number"
    yield Finding(cause, f"{last.value.shape} instead of {wanted}, for example.")


def _repeated(failing: Sequence[Failing]) -> Iterator[Finding]:
    for one in failing:
        try:
            wanted = np.broadcast_to(one.expected, one.value.shape)
        except ValueError:
            return
        if one.value.size == one.expected.size or not one.equals(one.value, wanted):
            return
    yield Finding("The right result is there, but more than once: an array is filled with it.")


def _not_reduced(failing: Sequence[Failing]) -> Iterator[Finding]:
    for words, axis in _reductions(failing, lambda one: (one.value, one.expected)):
        where = "of all numbers" if axis is None else f"along axis {axis}"
        yield Finding(f"The last step is missing: the {words} {where} is what is expected.")


def _reduced_too_far(failing: Sequence[Failing]) -> Iterator[Finding]:
    zeros = all(
        one.equals(one.value, np.zeros_like(one.value)) for one in failing
    )  # as sum or mean
    for words, axis in _reductions(failing, lambda one: (one.expected, one.value)):
        where = "All numbers are" if axis is None else f"Along axis {axis}, the numbers are"
        what = " or ".join(_TOO_FAR.values()) if zeros else _TOO_FAR[words]
        yield Finding(f"{where} {what}; each one is expected on its own.")


def _reductions(
    failing: Sequence[Failing], arrays_of: Callable[[Failing], tuple[Array, Array]]
) -> Iterator[tuple[str, int | None]]:
    """The reductions, each with its axis, by which one array of each batch becomes the other."""
    arrays = [arrays_of(one) for one in failing]
    for words, reduce in _REDUCTIONS.items():
        for axis in (None, *range(arrays[0][0].ndim)):
            if all(
                (axis is None or axis < array.ndim)
                and array.size  # or there is no mean
                and _same_numbers(one, reduce(array, axis=axis), wanted)
                for one, (array, wanted) in zip(failing, arrays)
            ):
                yield words, axis


def _same_numbers(one: Failing, value: NDArray[Any], wanted: NDArray[Any]) -> bool:
    return value.size == wanted.size > 0 and one.equals(value.reshape(-1), wanted.reshape(-1))


def _one_of_several(failing: Sequence[Failing]) -> Iterator[Finding]:
    """Several numbers, one of which is the result."""
    for place in range(min(one.value.size for one in failing)):
        if all(
            one.expected.ndim == 0 and one.equals(one.value.reshape(-1)[place], one.expected)
            for one in failing
        ):
            yield Finding(
                f"Of the numbers that are returned, the one at position {place} is right.",
                "Return that alone.",
            )


def _like_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    """Shapes that say which axes are still there: those of an input, or all of its but one."""
    for name, given in failing[0].batch.inputs.items():
        shapes = [(f.value.shape, f.batch.inputs[name].shape) for f in failing]
        single = all(one.expected.ndim == 0 for one in failing)
        if single and given.ndim and all(mine == whole for mine, whole in shapes):
            yield Finding(f"It has the shape of the input `{name}`: add up or average all of it.")
        if single and all(mine == (len(whole),) for mine, whole in shapes):
            yield Finding(
                f"It has one number for each axis of the input `{name}`.",
                f"Is {name}.shape used where one of its lengths is meant, as in {name}.shape[0]?",
            )
        gone = [
            axis
            for axis in range(given.ndim)
            if all(mine in _without(whole, axis) for mine, whole in shapes)
        ]
        which = f"axis {gone[0]}" if len(gone) == 1 else "one of its axes"
        if single and gone:
            yield Finding(
                f"It has the shape of the input `{name}` without {which}: sum over the others as well."
            )
        elif gone and all(f.expected.shape == whole for f, (_, whole) in zip(failing, shapes)):
            yield Finding(f"{which.capitalize()} is gone, as after a sum or a mean along it.")


def _without(shape: tuple[int, ...], axis: int) -> tuple[tuple[int, ...], ...]:
    before, after = shape[:axis], shape[axis + 1 :]
    return (*before, *after), (*before, 1, *after)


def _like_a_product(failing: Sequence[Failing]) -> Iterator[Finding]:
    """Square matrices: derivatives of all numbers by all, or a product of an input with another."""
    if all(f.expected.ndim and f.value.shape in _jacobians(f.expected) for f in failing):
        yield Finding(
            "It has the shape of a Jacobian: the derivative of every number by every other.",
            "Multiply it with the gradient of what comes after, and the expected shape is left.",
        )
    for axis in range(2):
        if all(
            any(
                a.ndim == 2 and f.value.shape == (a.shape[axis],) * 2
                for a in f.batch.inputs.values()
            )
            for f in failing
        ):
            yield Finding(
                f"It is a square matrix, as long as axis {axis} of the inputs both ways.",
                "That comes from a matrix product, where `*` multiplies entry by entry, or of a column "
                "that meets a row.",
            )


def _jacobians(expected: Array) -> tuple[tuple[int, ...], ...]:
    stacked = (*expected.shape, expected.shape[-1])
    # A column that meets a row gives a square, too.
    return (stacked,) if 1 in expected.shape else (stacked, (expected.size, expected.size))


SHAPES: Final = (
    *(nothing, another_array, transposed, _only_the_shape, _repeated, _not_reduced),
    *(_reduced_too_far, _one_of_several, _like_an_input, _like_a_product),
)
