"""Traces: what a check did in one batch, condensed so that two solutions can be compared by it.

At most `_MOST_NUMBERS` numbers of a result are kept, spread over all of it. That is enough to tell
solutions apart, and keeps what is stored in a handout small.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.judging.compare import within
from autograder.judging.evidence import Kind, Row
from autograder.judging.stored import Part
from autograder.model import Tolerance
from autograder.sandbox.observation import Observation, Outcome
from autograder.typed import NDArray

BESIDES: Final = "\n"  # between the hints of two mistakes, each of which is on one line

_MOST_NUMBERS: Final = 64
_SENTENCES: Final = Tolerance(rtol=0.1, atol=0)  # their numbers may come from numbers drawn anew


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


class MistakeTraces(NamedTuple):
    """What a known mistake does: by case and check a trace of every batch, where it is wrong."""

    name: str
    hint: str
    wrong: Mapping[tuple[str, str], Sequence[Trace]]


class Likeness(IntEnum):
    """How far two solutions did the same."""

    DIFFERENT = 0
    NOT_FINITE = 1  # as far as can be seen: one NaN is like any other
    SAME = 2


def trace_of(row: Row) -> Trace:
    """The trace of a row of a check."""
    problem, observed = row.problem, row.observed
    if row.expected is not None:
        trace = _trace_of_result(observed)
        finite = np.isfinite(trace.numbers).all()
        return trace if finite else trace._replace(cause=first_warning(observed))
    # Inputs, or a property, whose results may differ from run to run.
    if problem is None:
        return Trace(Outcome.DONE.value)
    sentence, numbers = problem.said
    trace = Trace(problem.kind.value, error=problem.changed or sentence)
    if problem.kind is Kind.BROKEN:
        return trace._replace(shape=(len(numbers),), numbers=np.array(numbers))
    if observed.value is None or not problem.changed:
        return trace
    shape, kept = sample(observed.value)
    return trace._replace(shape=shape, numbers=kept)


class _Traces(Sequence[Trace]):
    """The traces of a mistake in a case, each made of its numbers when it is asked for."""

    def __init__(self, numbers: range, trace: Callable[[int], Trace]) -> None:
        self._numbers = numbers
        self._trace = trace

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, n: Any) -> Any:
        return self._trace(self._numbers[n])


def read_mistakes(part: Part) -> list[MistakeTraces]:
    """What known mistakes do, from the part that has it."""
    keys = [(case, check) for case, check in part.data["keys"]]
    forms = part.data["forms"]
    table = part.array(part.data["traces"]).astype(int).tolist()

    def trace(number: int) -> Trace:
        form, start = table[number]
        outcome, shape, numbers, error, cause = forms[form]
        return Trace(outcome, tuple(shape), part.array((start, numbers)), error, cause)

    return [
        MistakeTraces(
            name, hint, {keys[key]: _Traces(range(n, n + count), trace) for key, n, count in wrong}
        )
        for name, hint, wrong in part.data["mistakes"]
    ]


def likeness(
    one: Trace, other: Trace, tolerance: Tolerance, right: NDArray[np.float64] | None
) -> Likeness:
    """How far two traces agree, as far as numbers within a tolerance can tell.

    NaN and infinities prove little. Among them, only a finite number that agrees and that is not the
    right one makes two results the same; `right` are the numbers of a right result.
    """
    if one.outcome != other.outcome or one.shape != other.shape or one.error != other.error:
        return Likeness.DIFFERENT
    if one.outcome == Kind.BROKEN.value:
        tolerance = _SENTENCES
    if one.cause and other.cause and one.cause != other.cause:
        return Likeness.DIFFERENT  # these came about in different ways
    a, b = one.numbers, other.numbers
    if a.size:  # for most mistakes the first number is enough, at a tenth of the cost
        x, y = float(a[0]), float(b[0])
        if abs(x - y) > tolerance.atol + tolerance.rtol * abs(y):  # not so if one is NaN
            return Likeness.DIFFERENT
    finite = np.isfinite(a)
    with np.errstate(all="ignore"):
        same = within(a, b, tolerance) | (a == b) | (np.isnan(a) & np.isnan(b))
        if not same.all():
            return Likeness.DIFFERENT
        if finite.all():
            return Likeness.SAME
        if right is None or right.shape != a.shape:
            return Likeness.NOT_FINITE
        wrong = bool((finite & ~within(a, right, tolerance)).any())
        return Likeness.SAME if wrong else Likeness.NOT_FINITE


def same_not_finite(one: Trace, other: Trace) -> bool:
    """Whether some numbers of two results are NaN or infinite, and they are the same ones."""
    bad, others = ~np.isfinite(one.numbers), ~np.isfinite(other.numbers)
    return one.shape == other.shape and bool(bad.any()) and np.array_equal(bad, others)


def sample(value: NDArray[np.generic]) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """The shape of an array and the numbers of it that a trace keeps."""
    # Any array of size one counts as a number, as it does in judging results.
    shape = value.shape if value.size != 1 else ()
    flat = value.reshape(-1)
    if flat.size > _MOST_NUMBERS:
        flat = flat[np.linspace(0, flat.size - 1, _MOST_NUMBERS).round().astype(np.int64)]
    return shape, flat.astype(np.float64)


def first_warning(observed: Observation) -> str:
    """What numpy warned of first, of those warnings that tell where NaN and infinities come from."""
    for message, _, _ in observed.warned:
        warning = re.search(r"(?:overflow|divide by zero|invalid value) encountered", message)
        if warning:
            return warning[0]
    return ""


def _trace_of_result(observed: Observation) -> Trace:
    outcome = observed.outcome.value
    if observed.value is not None:
        return Trace(outcome, *sample(observed.value))
    if observed.outcome is Outcome.PLACEHOLDER:
        return Trace(outcome, error="raised" if observed.error else observed.type_name)
    if observed.error is not None:
        return Trace(outcome, error=_signature(observed))
    return Trace(outcome)


def _signature(observed: Observation) -> str:
    """An exception's type with the shapes in its message, or else with the message."""
    assert observed.error is not None
    shapes = re.findall(r"\(\d+(?:, ?\d+)*,?\)", observed.error.message)
    told = " ".join(shape.replace(" ", "") for shape in shapes) or observed.error.message
    return f"{observed.error.type_name} {told}"[:300]
