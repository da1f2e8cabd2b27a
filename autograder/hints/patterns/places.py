"""Patterns in which numbers are wrong, and how these hang together along the axes of a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from autograder.hints.factors import factor_of
from autograder.hints.patterns.batches import Failing, Finding, along, shown_of
from autograder.typed import NDArray

_MOST_LISTED: Final = 5
_LEAST_NUMBERS: Final = 3  # that have one factor, or are off by one amount
_LEAST_PLACES: Final = 3  # of which some are right; of two, one is right by chance


def _transposed(failing: Sequence[Failing]) -> Finding | None:
    if all(one.value.ndim == 2 and one.equals(one.value.T, one.expected) for one in failing):
        return Finding(
            "It looks like the transpose of what is expected: the two axes trade places."
        )
    return None


def _signs(failing: Sequence[Failing]) -> Finding | None:
    if all(one.equals(np.abs(one.got), np.abs(one.expected)) for one in failing):
        return Finding("The sizes of the numbers are right, but some signs are wrong.")
    return None


def _factors_along(failing: Sequence[Failing]) -> Finding | None:
    """Every row, or every column, is right up to a factor of its own."""
    for axis in range(failing[0].expected.ndim):
        if _all_that_tell(_has_factors, failing, axis):
            return Finding(
                f"Each {along(axis, failing[0])} is right up to a factor of its own.",
                "Look at what it is divided or multiplied by, and along which axis that was summed.",
            )
    return None


def _shifts_along(failing: Sequence[Failing]) -> Finding | None:
    """Every row, or every column, is off by an amount of its own."""
    for axis in range(failing[0].expected.ndim):
        if _all_that_tell(_has_shifts, failing, axis):
            each = along(axis, failing[0])
            return Finding(f"Within each {each}, all numbers are off by the same amount.")
    return None


def _all_that_tell(
    shows: Callable[[Failing, int], bool | None], failing: Sequence[Failing], axis: int
) -> bool:
    """Whether batches show a pattern along an axis: one at least, and all in which it can be seen."""
    found = [shows(one, axis) for one in failing if one.expected.ndim > axis]
    return True in found and False not in found


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


def _zeros_of_an_input(failing: Sequence[Failing]) -> Finding | None:
    """There are zeros where an input has them, though other numbers are expected."""
    for name in failing[0].batch.inputs:
        if all(name in one.batch.inputs and _has_zeros_of(one, name) for one in failing):
            return Finding(
                f"It is 0 wherever `{name}` is 0, though another number is expected there."
            )
    return None


def _has_zeros_of(one: Failing, name: str) -> bool:
    array = one.batch.inputs[name]
    if array.shape != one.got.shape:
        return False
    zeros = array == 0
    return bool(np.array_equal(one.got == 0, zeros) and (one.bad & zeros).any())


def _reordered(failing: Sequence[Failing]) -> Finding | None:
    """The right numbers, in another order."""
    for axis in range(failing[0].expected.ndim):
        if all(
            one.expected.ndim > axis
            and one.expected.shape[axis] > 1
            and one.equals(np.sort(one.got, axis=axis), np.sort(one.expected, axis=axis))
            for one in failing
        ):
            return Finding(f"These are the right numbers in another order along axis {axis}.")
    return None


def _some_slices(failing: Sequence[Failing]) -> Finding | None:
    """Along an axis, some rows or columns are right in every failing batch and others wrong."""
    for axis in range(failing[0].expected.ndim):
        if not all(one.expected.ndim > axis for one in failing):
            continue
        wrong = [_wrong_along(one, axis) for one in failing]
        if any(places.all() for places in wrong) or sum(map(len, wrong)) < _LEAST_PLACES:
            continue
        word = along(axis, failing[0])
        cause = f"It is right except in some places: not every {word} is wrong."
        if all(places[:-1].sum() == 0 for places in wrong):
            return Finding(f"It is right except in the last {word}.")
        if all(places[1:].sum() == 0 for places in wrong):
            return Finding(f"It is right except in the first {word}.")
        shown = shown_of(failing)
        places = np.flatnonzero(_wrong_along(shown, axis))
        listed = ", ".join(map(str, places[:_MOST_LISTED]))
        more = ", ..." if len(places) > _MOST_LISTED else ""
        return Finding(
            cause,
            f"Here it is wrong at {listed}{more} of 0 to {shown.expected.shape[axis] - 1}; what do "
            "these have in common?",
        )
    return None


def _wrong_along(one: Failing, axis: int) -> NDArray[np.bool_]:
    bad = np.moveaxis(one.bad, axis, 0)
    return np.asarray(bad.reshape(len(bad), -1).any(axis=1))


PLACES: Final = (
    *(_transposed, _signs, _factors_along, _shifts_along, _reordered, _zeros_of_an_input),
    _some_slices,
)
