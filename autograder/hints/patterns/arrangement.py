"""Patterns in how numbers are arranged: at which places they are wrong, and results of another shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from autograder.hints.factors import factor_of
from autograder.hints.patterns.batches import Array, Failing, Finding, along, shown_of
from autograder.hints.patterns.wrong_numbers import another_array
from autograder.typed import NDArray

_MOST_LISTED: Final = 5
_LEAST_NUMBERS: Final = 3  # that have one factor, or are off by one amount
_LEAST_PLACES: Final = 3  # of which some are right; of two, one is right by chance
_REDUCTIONS: Final[dict[str, Callable[..., NDArray[Any]]]] = {"sum": np.sum, "mean": np.mean}
_TOO_FAR: Final = {"sum": "added up", "mean": "averaged"}


def _transposed(failing: Sequence[Failing]) -> Iterator[Finding]:
    if all(one.value.ndim == 2 and one.equals(one.value.T, one.expected) for one in failing):
        yield Finding("It looks like the transpose of what is expected: the two axes trade places.")


# Places. -----------------------------------------------------------------------------------------


def _signs(failing: Sequence[Failing]) -> Iterator[Finding]:
    if all(one.equals(np.abs(one.got), np.abs(one.expected)) for one in failing):
        yield Finding("The sizes of the numbers are right, but some signs are wrong.")


def _factors_along(failing: Sequence[Failing]) -> Iterator[Finding]:
    for axis in _axes_that_show(_has_factors, failing):
        yield Finding(
            f"Each {along(axis, failing[0])} is right up to a factor of its own.",
            "Look at what it is divided or multiplied by, and along which axis that was summed.",
        )


def _shifts_along(failing: Sequence[Failing]) -> Iterator[Finding]:
    for axis in _axes_that_show(_has_shifts, failing):
        each = along(axis, failing[0])
        yield Finding(f"Within each {each}, all numbers are off by the same amount.")


def _axes_that_show(
    shows: Callable[[Failing, int], bool | None], failing: Sequence[Failing]
) -> Iterator[int]:
    """The axes along which a pattern is in one batch at least, and in all that can show it."""
    for axis in range(failing[0].expected.ndim):
        found = [shows(one, axis) for one in failing if one.expected.ndim > axis]
        if True in found and False not in found:
            yield axis


def _has_factors(one: Failing, axis: int) -> bool | None:
    got, wanted = np.moveaxis(one.got, axis, 0), np.moveaxis(one.expected, axis, 0)
    if wanted.ndim < 2 or len(wanted) < 2:
        return None
    factors = []
    for mine, right in zip(got, wanted):
        if np.count_nonzero(right) < _LEAST_NUMBERS:
            continue  # a single number always is, and two that add up to 0 often
        factors.append(factor_of(mine, right, one.tolerance))
        if factors[-1] is None:
            return False
    return True if len(factors) > 1 else None


def _has_shifts(one: Failing, axis: int) -> bool | None:
    off = np.moveaxis(one.got - one.expected, axis, 0)
    off = off.reshape(len(off), -1)
    if len(off) < 2 or off.shape[1] < _LEAST_NUMBERS:
        return None
    amounts = off.mean(axis=1).reshape([-1 if k == axis else 1 for k in range(one.expected.ndim)])
    return one.equals(one.got - amounts, one.expected)


def _zeros_of_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    for name in failing[0].batch.inputs:
        if all(name in one.batch.inputs and _has_zeros_of(one, name) for one in failing):
            yield Finding(
                f"It is 0 wherever `{name}` is 0, though another number is expected there."
            )


def _has_zeros_of(one: Failing, name: str) -> bool:
    zeros = one.batch.inputs[name] == 0
    return np.array_equal(one.got == 0, zeros) and bool((one.bad & zeros).any())


def _reordered(failing: Sequence[Failing]) -> Iterator[Finding]:
    for axis in range(failing[0].expected.ndim):
        if all(
            one.expected.ndim > axis
            and one.expected.shape[axis] > 1
            and one.equals(np.sort(one.got, axis=axis), np.sort(one.expected, axis=axis))
            for one in failing
        ):
            yield Finding(f"These are the right numbers in another order along axis {axis}.")


def _some_slices(failing: Sequence[Failing]) -> Iterator[Finding]:
    for axis in range(failing[0].expected.ndim):
        if not all(one.expected.ndim > axis for one in failing):
            continue
        wrong = [_wrong_along(one, axis) for one in failing]
        if any(places.all() for places in wrong) or sum(map(len, wrong)) < _LEAST_PLACES:
            continue
        word = along(axis, failing[0])
        if not any(places[:-1].any() for places in wrong):
            yield Finding(f"It is right except in the last {word}.")
        if not any(places[1:].any() for places in wrong):
            yield Finding(f"It is right except in the first {word}.")
        shown = _wrong_along(shown_of(failing), axis)
        places = np.flatnonzero(shown)
        listed = ", ".join(map(str, places[:_MOST_LISTED]))
        more = ", ..." if len(places) > _MOST_LISTED else ""
        ask = "what is special there" if len(places) == 1 else "what do these have in common"
        yield Finding(
            f"It is right except in some places: not every {word} is wrong.",
            f"Here it is wrong at {listed}{more} (of 0 to {len(shown) - 1}); {ask}?",
        )


def _wrong_along(one: Failing, axis: int) -> NDArray[np.bool_]:
    bad = np.moveaxis(one.bad, axis, 0)
    return np.asarray(bad.reshape(len(bad), -1).any(axis=1))


# Shapes. -----------------------------------------------------------------------------------------


def _only_the_shape(failing: Sequence[Failing]) -> Iterator[Finding]:
    if not all(_same_numbers(one, one.value, one.expected) for one in failing):
        return
    first, last = failing[0], failing[-1]
    if first.value.squeeze().shape == first.expected.squeeze().shape:
        cause = "The numbers are right; only axes of length 1 are too many or missing."
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
        yield Finding(f"The {words} {where} is still to be taken: it is what is expected.")


def _reduced_too_far(failing: Sequence[Failing]) -> Iterator[Finding]:
    for words, axis in _reductions(failing, lambda one: (one.expected, one.value)):
        where = "All numbers are" if axis is None else f"Along axis {axis}, the numbers are"
        yield Finding(f"{where} {_TOO_FAR[words]}; each is expected by itself.")


def _reductions(
    failing: Sequence[Failing], arrays_of: Callable[[Failing], tuple[Array, Array]]
) -> Iterator[tuple[str, int | None]]:
    """The reductions, each with its axis, by which one array of each batch becomes the other."""
    arrays = [arrays_of(one) for one in failing]
    for words, reduce in _REDUCTIONS.items():
        for axis in (None, *range(arrays[0][0].ndim)):
            if all(
                (axis is None or axis < array.ndim)
                and _same_numbers(one, reduce(array, axis=axis), wanted)
                for one, (array, wanted) in zip(failing, arrays)
            ):
                yield words, axis


def _same_numbers(one: Failing, value: NDArray[Any], wanted: NDArray[Any]) -> bool:
    return value.size == wanted.size > 0 and one.equals(value.reshape(-1), wanted.reshape(-1))


def _like_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    """Shapes that say which axes are still there: those of an input, or all of its but one."""
    single = all(one.expected.ndim == 0 for one in failing)
    for name, given in failing[0].batch.inputs.items():
        shapes = [(f.value.shape, f.batch.inputs[name].shape) for f in failing]
        if single and given.ndim and all(mine == whole for mine, whole in shapes):
            cause = f"It still has the shape of the input `{name}`."
            yield Finding(cause, "A single number is left once all of it is added up or averaged.")
        for axis in range(given.ndim):
            if not all(mine in _without(whole, axis) for mine, whole in shapes):
                continue
            if single:
                cause = f"It has the shape of the input `{name}` without axis {axis}."
                yield Finding(
                    cause, "A single number is left once the other axes are summed as well."
                )
            elif all(f.expected.shape == whole for f, (_, whole) in zip(failing, shapes)):
                cause = f"Axis {axis} is gone, as after a sum or a mean along it."
                yield Finding(cause, "Each number is expected by itself.")


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
                "A matrix product gives that; `*` multiplies entry by entry.",
            )


def _jacobians(expected: Array) -> tuple[tuple[int, ...], ...]:
    return (expected.size, expected.size), (*expected.shape, expected.shape[-1])


PLACES: Final = (
    *(_transposed, _signs, _factors_along, _shifts_along, _reordered, _zeros_of_an_input),
    _some_slices,
)
SHAPES: Final = (
    *(another_array, _transposed, _only_the_shape, _repeated, _not_reduced, _reduced_too_far),
    *(_like_an_input, _like_a_product),
)
