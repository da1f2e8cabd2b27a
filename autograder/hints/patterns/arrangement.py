"""Patterns in how numbers are arranged: at which places they are wrong, and which ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from autograder.hints.factors import factor_of
from autograder.hints.patterns.batches import Failing, Finding, along, shown_of
from autograder.typed import NDArray

_MOST_LISTED: Final = 5
_LEAST_NUMBERS: Final = 3  # that have one factor, or are off by one amount
_MOST: Final = 2 / 3  # of the places at which it can be wrong
_LEAST_PLACES: Final = 3  # of which some are right; of two, one is right by chance


def transposed(failing: Sequence[Failing]) -> Iterator[Finding]:
    """The transpose, which has another shape unless it is square."""
    if all(one.value.ndim == 2 and one.equals(one.value.T, one.expected) for one in failing):
        yield Finding("It looks like the transpose of what is expected: the two axes trade places.")


def _signs(failing: Sequence[Failing]) -> Iterator[Finding]:
    if all(one.equals(np.abs(one.got), np.abs(one.expected)) for one in failing):
        yield Finding("The sizes of the numbers are right, but some signs are wrong.")


def _where_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    for name in failing[0].batch.inputs:
        arrays = [one.batch.inputs.get(name) for one in failing]
        if any(a is None or a.shape != f.expected.shape for a, f in zip(arrays, failing)):
            continue
        zeros = np.concatenate([np.ravel(array == 0) for array in arrays if array is not None])
        bad = np.concatenate([one.bad.ravel() for one in failing])
        for there, words in ((zeros, "is"), (~zeros, "is not")):
            mostly = bad.sum() >= _MOST * there.sum() and (~there).sum() >= _LEAST_PLACES
            if mostly and not (bad & ~there).any():
                yield Finding(
                    f"It is wrong where `{name}` {words} 0, and right elsewhere.",
                    "Look at what is done at those places.",
                )


def _equal_slices(failing: Sequence[Failing]) -> Iterator[Finding]:
    for axis in range(failing[0].expected.ndim):
        several = [f for f in failing if f.expected.ndim > axis and f.expected.shape[axis] > 1]
        if several and all(
            f.equals(f.got, np.repeat(f.got.take([0], axis), f.got.shape[axis], axis))
            for f in failing
        ):
            yield Finding(
                f"Along axis {axis} the same numbers are repeated, where different ones are expected.",
                "Is something added up or averaged along it, or filled in from one place?",
            )


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
    if all(
        one.equals(np.sort(one.got, axis=None), np.sort(one.expected, axis=None)) for one in failing
    ):
        yield Finding(
            "These are the right numbers at other places.",
            "reshape keeps the order in which numbers are stored; to turn axes, use a transpose.",
        )


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


PLACES: Final = (
    *(transposed, _signs, _equal_slices, _zeros_of_an_input, _where_an_input, _factors_along),
    *(_shifts_along, _reordered, _some_slices),
)
