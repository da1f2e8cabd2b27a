"""Traces: what a check did in one batch, condensed so that two solutions can be compared by it.

At most `_MOST_NUMBERS` numbers of a result are kept, spread over all of it. That is enough to tell
solutions apart, and keeps what is stored in a handout small.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np

from autograder.judging.compare import within
from autograder.judging.evidence import Kind, Row
from autograder.model import INPUTS_UNCHANGED, Tolerance
from autograder.sandbox.observation import Observation, Outcome
from autograder.typed import NDArray

_MOST_NUMBERS: Final = 64
_SENTENCES: Final = Tolerance(rtol=0.1, atol=0)  # their numbers may come of numbers drawn anew


class Trace(NamedTuple):
    """What one check of one batch did.

    `outcome` is that of the observation, or the kind of problem of what is not compared with a value;
    `numbers` belong to a result or a changed input of the shape given; `error` tells exceptions, and
    the sentences of properties, apart. `cause` is numpy's first warning in the step, if the numbers
    are not finite.
    """

    outcome: str
    shape: tuple[int, ...] = ()
    numbers: NDArray[np.float64] = np.empty(0)
    error: str = ""
    cause: str = ""


def trace_of(check: str, row: Row) -> Trace:
    """The trace of a row of a check."""
    if check == INPUTS_UNCHANGED:
        return _trace_of_inputs(row)
    if row.expected is None:  # a property, whose results may differ from run to run
        return _trace_of_property(row)
    trace = _trace_of_result(row.observed)
    if np.isfinite(trace.numbers).all():
        return trace
    return trace._replace(cause=first_warning(row.observed))


def alike(one: Trace, other: Trace, tolerance: Tolerance) -> bool:
    """Whether two solutions did the same, as far as numbers within a tolerance can tell."""
    if one.outcome != other.outcome or one.shape != other.shape or one.error != other.error:
        return False
    if one.outcome == Kind.BROKEN.value:
        tolerance = _SENTENCES
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


def _trace_of_result(observed: Observation) -> Trace:
    outcome = observed.outcome.value
    if observed.value is not None:
        return Trace(outcome, *_sample(observed.value))
    if observed.outcome is Outcome.PLACEHOLDER:
        return Trace(outcome, error="raised" if observed.error else observed.type_name)
    if observed.error is not None:
        return Trace(outcome, error=_signature(observed))
    return Trace(outcome)


def first_warning(observed: Observation) -> str:
    for message, _, _ in observed.warned:
        warning = re.search(r"(?:overflow|divide by zero|invalid value) encountered", message)
        if warning:
            return warning[0]
    return ""


def _trace_of_property(row: Row) -> Trace:
    if row.problem is None:
        return Trace(Outcome.DONE.value)
    sentence, numbers = row.problem.said
    return Trace(Kind.BROKEN.value, (len(numbers),), np.array(numbers), sentence)


def _trace_of_inputs(row: Row) -> Trace:
    if row.problem is None:
        return Trace(Outcome.DONE.value)
    kind = row.problem.kind.value
    if row.problem.kind is not Kind.INPUT_CHANGED:
        return Trace(kind)
    if row.observed.value is None:
        return Trace(kind, error=row.problem.changed)
    return Trace(kind, *_sample(row.observed.value), error=row.problem.changed)


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
