"""Compares one observation with what was expected: type first, then shape, finiteness, closeness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from autograder.sandbox import observation as seen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograder.formats.draws import Batch
    from autograder.model import Tolerance
    from autograder.sandbox.observation import BatchObservation, Observation

WRONG_TYPE: Final = "wrong_type"
WRONG_SHAPE: Final = "wrong_shape"
NOT_FINITE: Final = "not_finite"
WRONG_VALUE: Final = "wrong_value"
INPUT_CHANGED: Final = "input_changed"


class Problem(NamedTuple):
    """Why an observation earns nothing.

    `kind` is one of the names above, or the outcome of an observation that has no value. `bad` marks
    the elements that are wrong, for NOT_FINITE and WRONG_VALUE; `changed` names the input that was.
    """

    kind: str
    bad: NDArray[np.bool_] | None = None
    changed: str = ""


def compare(
    observed: Observation, expected: NDArray[np.float64], tolerance: Tolerance
) -> Problem | None:
    """The problem with an observation; None where it is right.

    Where a single number is expected, any array of size one will do. Every other shape must be the
    expected one to the letter: nothing is broadcast.
    """
    if observed.value is None:
        return Problem(WRONG_TYPE if observed.outcome == seen.OTHER else observed.outcome)
    got = as_expected_shape(observed.value, expected)
    if got is None:
        return Problem(WRONG_SHAPE)
    not_finite = ~np.isfinite(got) & np.isfinite(expected)
    if not_finite.any():
        return Problem(NOT_FINITE, not_finite)
    bad = ~within(got, expected, tolerance)
    return Problem(WRONG_VALUE, bad) if bad.any() else None


def compare_inputs(batch: Batch, observed: BatchObservation) -> Problem | None:
    """The problem with what a batch's calls left of their inputs; None where they are as before."""
    if observed.inputs_after is None or any(
        call.outcome not in (seen.VALUE, seen.OTHER) for call in observed.calls
    ):
        return Problem(seen.NOT_REACHED)
    for name, before in batch.items():
        after = observed.inputs_after.get(name)
        if after is None or after.shape != before.shape or not _identical(before, after):
            return Problem(INPUT_CHANGED, changed=name)
    return None


def _identical(before: NDArray[Any], after: NDArray[Any]) -> bool:
    # Bit by bit, so that a -0.0 for a 0.0 counts as a change; integers arrive as 64-bit ones.
    return before.astype(after.dtype).tobytes() == after.tobytes()


def as_expected_shape(
    value: NDArray[Any], expected: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """The value in float64 and in the expected shape, or None where it has another one."""
    if value.shape != expected.shape and not (expected.ndim == 0 and value.size == 1):
        return None
    return value.astype(np.float64).reshape(expected.shape)


def within(
    got: NDArray[np.float64], expected: NDArray[np.float64], tolerance: Tolerance
) -> NDArray[np.bool_]:
    """Where `|got - expected| <= atol + rtol * |expected|` holds; NaN is close to nothing."""
    with np.errstate(all="ignore"):
        close = np.abs(got - expected) <= tolerance.atol + tolerance.rtol * np.abs(expected)
        # For an infinite expectation the bound is infinite, and any number would be within it.
        return np.asarray(np.where(np.isfinite(expected), close, got == expected))
