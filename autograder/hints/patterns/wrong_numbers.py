"""Patterns in wrong numbers: what they are instead of the right ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from autograder.hints.factors import factor_of
from autograder.hints.patterns.batches import Array, Failing, Finding
from autograder.hints.patterns.from_inputs import (
    another_array,
    another_change,
    beside_an_input,
    factor_of_the_wrong,
    off_by_an_input,
    off_with_an_input,
    without_an_input,
)

# What a result may be of the right one, if a step is left out or done too often.
_FORMS: Final[dict[str, Callable[[Array], Array]]] = {
    "the square of": np.square,
    "the square root of": np.sqrt,
    "the reciprocal of": np.reciprocal,
    "the exponential of": np.exp,
    "the natural logarithm of": np.log,
    "1 minus": lambda x: 1 - x,
    "the size, without its sign, of": np.abs,
    "the positive part of": lambda x: np.maximum(x, 0),
}
_MOST_DECIMALS: Final = 6
_LEAST_ROUNDED: Final = 3  # numbers, so that none is taken for a rounded one by chance
_NEARLY: Final = 1e-2
_HUGE: Final = 1e300


def nothing(failing: Sequence[Failing]) -> Iterator[Finding]:
    """Zeros alone, of whatever shape."""
    if any(one.got.any() for one in failing):
        return
    if len({float(x) for one in failing for x in one.expected.flat if x}) < 2:
        return  # a label, or yes and no: 0 is one of the answers
    more = "Look for a result that is set up and never filled in, or for fractions that are lost."
    yield Finding("There is nothing but zeros.", more)


def _near_infinity(failing: Sequence[Failing]) -> Iterator[Finding]:
    if all(np.abs(one.got).max() > _HUGE > np.abs(one.expected).max() for one in failing):
        yield Finding(
            f"A number beyond {_HUGE:.0e} stands for an infinity here.",
            "np.nan_to_num makes such numbers of inf, and 0 of NaN: it hides what went wrong before it.",
        )


def _cut_off(failing: Sequence[Failing]) -> Iterator[Finding]:
    most = max(float(np.abs(one.got).max(initial=0)) for one in failing)
    told = sum(int((np.abs(one.expected) > most).sum()) for one in failing)
    if told >= _LEAST_ROUNDED and all(
        one.equals(one.got, np.clip(one.expected, -most, most)) for one in failing
    ):
        yield Finding(f"It looks right, but numbers beyond {most:.4g} in size are cut off.")


def _one_factor(failing: Sequence[Failing]) -> Iterator[Finding]:
    factors = [factor_of(one.got, one.expected, one.tolerance) for one in failing]
    if None in factors or not any(np.count_nonzero(one.expected) > 1 for one in failing):
        return  # any single number is some factor away from another
    told = {f"{factor:.3g}" for factor in factors}
    if told == {"1"}:
        return  # nearly right, for which there is a pattern of its own
    if len(told) == 1:
        yield Finding(f"Every number is {told.pop()} times the expected one.")
    yield Finding(
        "Within a batch, all numbers are off by the same factor; it differs between batches."
    )


def _added_up(failing: Sequence[Failing]) -> Iterator[Finding]:
    known = [one for one in failing if one.number > 1]
    if sum(one.expected.size for one in known) < 2:
        return
    for one in known:
        if one.value_before is None or one.value_before.size != one.value.size:
            return
        if not one.equals(one.got - one.value_before.reshape(one.expected.shape), one.expected):
            return
    yield Finding(
        "The results of the batches before are still in this one.",
        "Something adds up from batch to batch, on a class or in the module; start anew each time.",
    )


def _another_form(failing: Sequence[Failing]) -> Iterator[Finding]:
    if len({float(x) for one in failing for x in one.expected.flat}) < 2:
        return
    for words, form in _FORMS.items():
        if all(one.equals(one.got, form(one.expected)) for one in failing):
            yield Finding(f"It looks like {words} what is expected.")


def _shifted(failing: Sequence[Failing]) -> Iterator[Finding]:
    offs = []
    for one in failing:
        if one.expected.size < 2:
            return
        offs.append(float((one.got - one.expected).mean()))
        if not one.equals(one.got - offs[-1], one.expected):
            return
    same = len(offs) > 1 and np.allclose(offs, offs[0], rtol=1e-3)
    more = f"It is {offs[0]:+.4g} in every batch." if same else ""
    cause = (
        "It looks right up to a constant: within a batch, all numbers are off by the same amount."
    )
    yield Finding(cause, more)


def _rounded(failing: Sequence[Failing]) -> Iterator[Finding]:
    if sum(one.expected.size for one in failing) < _LEAST_ROUNDED:
        return
    for decimals in range(_MOST_DECIMALS + 1):
        shift = 10.0**decimals
        for cut in (np.round, np.trunc):
            wanted = [cut(one.expected * shift) / shift for one in failing]
            if not all(
                np.allclose(one.got, array, rtol=0, atol=1e-9)
                for one, array in zip(failing, wanted)
            ):
                continue
            if not any(array.any() for array in wanted):
                return
            if decimals == 0:
                cause = "Only whole numbers are left of the right result: the fractions are lost."
                yield Finding(cause, "Look for integer arrays, `//`, `int` or `round`.")
            yield Finding(f"The result is rounded to {decimals} decimals; return all digits.")


def _nearly_right(failing: Sequence[Failing]) -> Iterator[Finding]:
    for one in failing:
        largest = np.abs(one.expected).max(initial=0)
        if not (np.abs(one.got - one.expected) <= _NEARLY * largest).all():
            return
    yield Finding(
        "The numbers are nearly right, to within 1 % of the largest.",
        "Look for a small constant that is added or used as a limit, for single or half precision, or "
        "for rounding on the way.",
    )


def _some_by_a_factor(failing: Sequence[Failing]) -> Iterator[Finding]:
    factor = factor_of_the_wrong(failing)
    if factor is None or f"{factor:.4g}" in ("0", "-1", "1") or all(f.bad.all() for f in failing):
        return  # zeros and signs are told by the places at which they are
    if sum(np.count_nonzero(one.bad) for one in failing) < _LEAST_ROUNDED:
        return
    yield Finding(f"The numbers that are wrong are {factor:.4g} times the expected ones.")


VALUES: Final = (
    *(nothing, _near_infinity, another_array, _cut_off, _rounded, _added_up, _another_form),
    *(
        another_change,
        without_an_input,
        off_by_an_input,
        beside_an_input,
        _one_factor,
        _shifted,
        off_with_an_input,
    ),
    *(_nearly_right, _some_by_a_factor),
)
