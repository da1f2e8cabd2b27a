"""Patterns in wrong numbers: what they are instead of the right ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from autograder.hints.factors import Factor, FactorNames, factor_of, named_factor
from autograder.hints.patterns.batches import Array, Failing, Finding
from autograder.judging.evidence import Kind

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


def _nothing(failing: Sequence[Failing]) -> Iterator[Finding]:
    if any(one.got.any() for one in failing):
        return
    if len({float(x) for one in failing for x in one.expected.flat if x}) < 2:
        return  # a label, or yes and no: 0 is one of the answers
    more = "Look for a result that is set up and never filled in, or for fractions that are lost."
    yield Finding("There is nothing but zeros.", more)


def _off_by_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    """A part of an input is added, or of its squares: what weight decay and regularisation do."""
    for name in failing[0].batch.inputs:
        arrays = [f.batch.inputs[name].astype(float) for f in failing if name in f.batch.inputs]
        if len(arrays) < len(failing):
            continue
        squares = [np.asarray((array**2).sum()) for array in arrays]
        for what, wanted in (("", arrays), ("the sum of the squares of ", squares)):
            factors = [
                factor_of(one.got - one.expected, part, one.tolerance)
                for one, part in zip(failing, wanted)
                if part.shape == one.expected.shape
            ]
            found = [factor for factor in factors if factor is not None]
            if len({x for part in wanted for x in part.flat}) < _LEAST_ROUNDED:
                continue
            usual = float(np.median(found)) if found else 0.0
            exact = [
                1e-3 * abs(usual) + f.tolerance.atol / (abs(a).max() or 1)
                for f, a in zip(failing, wanted)
            ]
            alike = all(abs(one - usual) <= bound for one, bound in zip(found, exact))
            if len(found) == len(failing) >= _LEAST_ROUNDED and usual and alike:
                yield Finding(
                    f"It is off by {usual:.4g} times {what}the input `{name}`.",
                    "Is there a term for regularisation, or weight decay, that nobody asks for?",
                )


def _near_infinity(failing: Sequence[Failing]) -> Iterator[Finding]:
    if all(np.abs(one.got).max() > _HUGE > np.abs(one.expected).max() for one in failing):
        yield Finding(
            f"A number beyond {_HUGE:.0e} stands for an infinity here.",
            "np.nan_to_num makes such numbers of inf, and 0 of NaN: it hides what went wrong before it.",
        )


def _one_factor(failing: Sequence[Failing]) -> Iterator[Finding]:
    factors = [factor_of(one.got, one.expected, one.tolerance) for one in failing]
    if None in factors or not any(np.count_nonzero(one.expected) > 1 for one in failing):
        return  # a single number always is off by one
    told = {f"{factor:.3g}" for factor in factors}
    if len(told) == 1:
        yield Finding(f"Every number is {told.pop()} times the expected one.")
    yield Finding(
        "Within a batch, all numbers are off by the same factor; it differs between batches."
    )


def another_array(failing: Sequence[Failing]) -> Iterator[Finding]:
    """An input, another result, or the right result of the batch before."""
    for name in failing[0].batch.inputs:
        if all(name in f.batch.inputs and f.equals(f.got, f.batch.inputs[name]) for f in failing):
            yield Finding(f"This is the input `{name}` as it was given.")
    for name in failing[0].others:
        if all(name in f.others and f.equals(f.got, f.others[name]) for f in failing):
            more = "was one overwritten, or is an argument not used?"
            if failing[0].problem.kind is Kind.WRONG_SHAPE:
                more = "or was one overwritten?"
            yield Finding(f"This is what {name} must be.", f"Have the two traded places, {more}")
    known = [one for one in failing if one.number > 1]
    if known and all(f.before is not None and f.equals(f.got, f.before) for f in known):
        yield Finding(
            "This is the right result of the batch before; something is kept and not replaced.",
            "Run alone, as below, it has nothing before it.",
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


def _another_change(failing: Sequence[Failing]) -> Iterator[Finding]:
    """What is added to an input, as in a step of an optimizer, is wrong by a factor."""
    for name in failing[0].batch.inputs:
        changes = [_change(one, name) for one in failing]
        factors = [change for change in changes if change is not None]
        if len(factors) < len(changes) or _factor_of_the_wrong(failing) is not None:
            continue
        names = FactorNames({"": factors})
        words = names.told(names.of("")[0])
        if words == "-1":
            yield Finding(f"What is added to the input `{name}` has the wrong sign.")
        if words:
            yield Finding(
                f"What is added to the input `{name}` is {words} times what it should be."
            )


def _change(one: Failing, name: str) -> Factor | None:
    array = one.batch.inputs.get(name)
    if array is None or array.shape != one.expected.shape or array.size < 2:
        return None
    return named_factor(one.got - array, one.expected - array, one.tolerance, one.sizes)


def _without_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    for name in failing[0].batch.inputs:
        given = [one.batch.inputs[name] for one in failing if name in one.batch.inputs]
        if len({float(x) for array in given for x in array.flat}) < 2:
            continue  # to be off by a single number is chance
        for word, sign in (("added", 1), ("subtracted", -1)):
            if all(_lacks(one, name, sign) for one in failing):
                yield Finding(f"It looks as if the input `{name}` is not {word}.")


def _lacks(one: Failing, name: str, sign: int) -> bool:
    array = one.batch.inputs.get(name)
    if array is None or array.ndim > 2 or not array.any():
        return False
    for turned in (array, array.T):
        try:
            whole = one.got + sign * np.broadcast_to(turned, one.expected.shape)
        except ValueError:
            continue
        if one.equals(whole, one.expected):
            return True
    return False


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
    factor = _factor_of_the_wrong(failing)
    if factor is None or factor in (0, -1) or all(one.bad.all() for one in failing):
        return  # zeros and signs are told by the places at which they are
    if sum(np.count_nonzero(one.bad) for one in failing) < _LEAST_ROUNDED:
        return
    yield Finding(f"The numbers that are wrong are {factor:.4g} times the expected ones.")


def _factor_of_the_wrong(failing: Sequence[Failing]) -> float | None:
    """The factor by which all wrong numbers differ from those expected; None if there is none."""
    got = np.concatenate([one.got[one.bad] for one in failing])
    expected = np.concatenate([one.expected[one.bad] for one in failing])
    if not got.any():
        return 0.0
    factor = factor_of(got, expected, failing[0].tolerance)
    return None if factor is None else float(f"{factor:.6g}")


VALUES: Final = (
    *(_nothing, _near_infinity, another_array, _rounded, _added_up, _another_form),
    *(_another_change, _without_an_input, _off_by_an_input, _one_factor, _shifted, _nearly_right),
    _some_by_a_factor,
)
