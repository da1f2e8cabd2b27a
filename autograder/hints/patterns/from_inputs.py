"""Patterns of an input in wrong numbers: it is there in place of the result, is lacking, or too much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from autograder.hints.factors import Factor, FactorNames, factor_of, named_factor
from autograder.hints.patterns.batches import Array, Failing, Finding
from autograder.judging.evidence import Kind

_LEAST_NUMBERS: Final = 3  # that are off by a part of an input, and of the input


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


def another_change(failing: Sequence[Failing]) -> Iterator[Finding]:
    """What is added to an input, as in a step of an optimizer, is wrong by a factor."""
    for name in failing[0].batch.inputs:
        changes = [_change(one, name) for one in failing]
        factors = [change for change in changes if change is not None]
        if len(factors) < len(changes) or factor_of_the_wrong(failing) is not None:
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


def without_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    """An input, as it is or on its side, is not added or not subtracted."""
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


def off_by_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    """A part of an input is added, or of its squares: what weight decay and regularisation do."""
    for name in failing[0].batch.inputs:
        arrays = [f.batch.inputs[name].astype(float) for f in failing if name in f.batch.inputs]
        squares = [np.asarray((array**2).sum()) for array in arrays]
        for what, parts in (("", arrays), ("the sum of the squares of ", squares)):
            shapes = [part.shape for part in parts]
            if shapes == [f.expected.shape for f in failing] and _distinct(parts) >= _LEAST_NUMBERS:
                times = _times(failing, parts)
                if times is not None:
                    yield Finding(
                        f"It is off by {times:.4g} times {what}the input `{name}`.",
                        "Is there a term for regularisation, or weight decay, that nobody asks for?",
                    )


def beside_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    """An input with a multiple of the result added, as a step of an optimizer would do."""
    for name, first in failing[0].batch.inputs.items():
        if first.size < _LEAST_NUMBERS or any(
            one.batch.inputs[name].shape != one.expected.shape for one in failing
        ):
            continue
        got = np.concatenate([np.ravel(one.got - one.batch.inputs[name]) for one in failing])
        expected = np.concatenate([one.expected.ravel() for one in failing])
        factor = factor_of(got, expected, failing[0].tolerance)
        if factor and np.count_nonzero(expected) >= _LEAST_NUMBERS:
            yield Finding(
                f"It is the input `{name}` plus {factor:.3g} times what is expected.",
                "Is a step taken with it that nobody asks for?",
            )


def off_with_an_input(failing: Sequence[Failing]) -> Iterator[Finding]:
    """What a result is off by rises or falls with an input and depends on nothing else in the batch."""
    for name in failing[0].batch.inputs:
        more_than_two = sum(
            one.expected.size - 2 for one in failing
        )  # through two runs a line anyway
        if more_than_two >= 2 * _LEAST_NUMBERS and all(_is_line(one, name) for one in failing):
            yield Finding(
                f"The error depends on `{name}` alone: it is the same wherever `{name}` is the same.",
                f"So look at what is done to `{name}`.",
            )


def _is_line(one: Failing, name: str) -> bool:
    arrays = one.batch.inputs.values()
    given = one.batch.inputs.get(name)
    if given is None or any(array.size and np.ptp(array) == 0 for array in arrays):
        return False  # beside an input of equal numbers, all depends on the others alone
    if given.shape != one.expected.shape:
        return False
    if given.size < _LEAST_NUMBERS:
        return True
    slope, height = np.polyfit(given.ravel().astype(float), (one.got - one.expected).ravel(), 1)
    return one.equals(one.got - slope * given - height, one.expected)


def _distinct(arrays: Sequence[Array]) -> int:
    return len({float(x) for array in arrays for x in array.flat})


def _times(failing: Sequence[Failing], parts: Sequence[Array]) -> float | None:
    """By what number times the parts all results are off, if it is one and more than the tolerance."""
    offs = [one.got - one.expected for one in failing]
    squares = sum(float((part**2).sum()) for part in parts)
    times = sum(float((off * part).sum()) for off, part in zip(offs, parts)) / (squares or 1)
    told = 0
    for one, off, part in zip(failing, offs, parts):
        bound = one.tolerance.atol + one.tolerance.rtol * np.abs(one.expected)
        if not (np.abs(off - times * part) <= bound).all():
            return None
        told += int((np.abs(off) > 10 * bound).sum())
    return times if told >= _LEAST_NUMBERS else None


def factor_of_the_wrong(failing: Sequence[Failing]) -> float | None:
    """The factor by which all wrong numbers differ from those expected; None if there is none."""
    got = np.concatenate([one.got[one.bad] for one in failing])
    expected = np.concatenate([one.expected[one.bad] for one in failing])
    if not got.any():
        return 0.0
    factor = factor_of(got, expected, failing[0].tolerance)
    return None if factor is None else float(f"{factor:.6g}")
