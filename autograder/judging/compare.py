"""Compares an observation with what was expected: type first, then shape, finiteness, closeness."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.judging.evidence import Kind, Problem
from autograder.model import Tolerance
from autograder.sandbox.observation import Observation, Outcome
from autograder.typed import NDArray


def compare(
    observed: Observation, expected: NDArray[np.float64], tolerance: Tolerance
) -> Problem | None:
    """The problem with an observation; None if it is right.

    Where a single number is expected, any array of size one will do. Every other shape must be the
    expected one to the letter: nothing is broadcast.
    """
    problem = compare_form(observed, expected)
    if observed.value is None or (problem is not None and problem.bad is None):
        return problem
    got = as_expected_shape(observed.value, expected)
    assert got is not None
    bad = ~within(got, expected, tolerance)
    if problem is not None:
        return problem._replace(bad=bad)  # finite numbers beside NaN may be wrong, too
    return Problem(Kind.WRONG_VALUE, bad) if bad.any() else None


def compare_form(observed: Observation, expected: NDArray[np.float64]) -> Problem | None:
    """The problem with the type, shape or finiteness of an observation, if there is one."""
    if observed.value is None:
        other = observed.outcome is Outcome.OTHER
        return Problem(Kind.WRONG_TYPE if other else observed.outcome)
    got = as_expected_shape(observed.value, expected)
    if got is None:
        return Problem(Kind.WRONG_SHAPE)
    not_finite = ~np.isfinite(got) & np.isfinite(expected)
    if not not_finite.any():
        return None
    return Problem(Kind.NOT_FINITE, not_finite)


def as_expected_shape(
    value: NDArray[Any], expected: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """The value in float64 and in the expected shape, or None if it has another one."""
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
