"""Traces: what a check of one batch did, condensed so that two solutions can be compared by it.

At most `_MOST_NUMBERS` numbers of a result are kept, spread over all of it. That is enough to tell
solutions apart, and keeps what is frozen into a handout small.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from autograder.judging.compare import INPUT_CHANGED, within
from autograder.judging.judge import find_problems
from autograder.model import INPUTS_UNCHANGED
from autograder.sandbox import observation as seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograder.formats.draws import Batch
    from autograder.judging.answers import Expected
    from autograder.judging.judge import Problems
    from autograder.model import Call, TestCase, Tolerance
    from autograder.sandbox.observation import BatchObservation, Observation

_MOST_NUMBERS: Final = 64


class Trace(NamedTuple):
    """What one check of one batch did.

    `outcome` is that of the observation, or `input_changed`; `numbers` belong to a result or a
    changed input of the shape given; `error` tells exceptions apart. `cause` is numpy's first
    warning on the way to numbers that are not finite, where it came through.
    """

    outcome: str
    shape: tuple[int, ...] = ()
    numbers: NDArray[np.float64] = np.empty(0)
    error: str = ""
    cause: str = ""


def trace_check(
    check: str, calls: Sequence[Call], observed: BatchObservation, batch: Batch
) -> Trace:
    """The trace of a check, a call's method or `inputs_unchanged`, in one batch."""
    if check == INPUTS_UNCHANGED:
        return _trace_of_inputs(batch, observed)
    index = [call.method for call in calls].index(check)
    trace = _trace_of_call(observed.calls[index])
    if np.isfinite(trace.numbers).all():
        return trace
    return trace._replace(cause=_first_warning(observed.calls[: index + 1]))


def traces_of_mistake(
    case: TestCase,
    calls: Sequence[Call],
    batches: Sequence[Batch],
    observed: Sequence[BatchObservation],
    expected: Expected,
) -> dict[str, list[Trace]]:
    """By check, what a mistake does in each batch of a case; only for checks that it fails."""
    problems: Problems = find_problems(case, calls, batches, observed, expected)
    return {
        check: [trace_check(check, calls, one, batch) for one, batch in zip(observed, batches)]
        for check, found in problems.items()
        if any(found)
    }


def alike(one: Trace, other: Trace, tolerance: Tolerance) -> bool:
    """Whether two solutions did the same, as far as numbers within a tolerance can tell."""
    if one.outcome != other.outcome or one.shape != other.shape or one.error != other.error:
        return False
    if one.cause and other.cause and one.cause != other.cause:
        return False  # NaN is like any other, but these came about in different ways
    a, b = one.numbers, other.numbers
    with np.errstate(all="ignore"):
        same = within(a, b, tolerance) | (a == b) | (np.isnan(a) & np.isnan(b))
    return bool(same.all())


def same_not_finite(one: Trace, other: Trace) -> bool:
    """Whether some numbers of two results are NaN or infinite, and they are the same ones."""
    bad, others = ~np.isfinite(one.numbers), ~np.isfinite(other.numbers)
    return one.shape == other.shape and bool(bad.any()) and np.array_equal(bad, others)


def _trace_of_call(observed: Observation) -> Trace:
    if observed.value is not None:
        return Trace(seen.VALUE, *_sample(observed.value))
    if observed.outcome == seen.PLACEHOLDER:
        return Trace(seen.PLACEHOLDER, error="raised" if observed.error else observed.type_name)
    if observed.error is not None:
        return Trace(observed.outcome, error=_signature(observed))
    return Trace(observed.outcome)


def _first_warning(calls: Sequence[Observation]) -> str:
    for call in calls:
        warning = re.search(r"(?:overflow|divide by zero|invalid value) encountered", call.printed)
        if warning:
            return warning[0]
    return ""


def _trace_of_inputs(batch: Batch, observed: BatchObservation) -> Trace:
    if observed.inputs_after is None:
        return Trace(seen.NOT_REACHED)
    for name, before in batch.items():
        after = observed.inputs_after.get(name)
        if after is None:
            return Trace(INPUT_CHANGED, error=name)
        if after.shape != before.shape or (after.astype(np.float64) != before).any():
            return Trace(INPUT_CHANGED, *_sample(after), error=name)
    return Trace(seen.DONE)


def _sample(value: NDArray[np.generic]) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    # Any array of size one counts as a number, as it does where results are judged.
    shape = value.shape if value.size != 1 else ()
    flat = value.reshape(-1)
    if flat.size > _MOST_NUMBERS:
        flat = flat[np.linspace(0, flat.size - 1, _MOST_NUMBERS).round().astype(np.int64)]
    return shape, flat.astype(np.float64)


def _signature(observed: Observation) -> str:
    """An exception's type with the shapes in its message, or else with the message."""
    assert observed.error is not None
    shapes = re.findall(r"\(\d+(?:, ?\d+)*,?\)", observed.error.message)
    told = " ".join(shape.replace(" ", "") for shape in shapes) or observed.error.message
    return f"{observed.error.type_name} {told}"[:300]
