"""General patterns in wrong numbers, for results that match no known mistake.

A pattern is a function that looks at the evidence and gives a sentence, or "". To add one, write it
and put it into `_PATTERNS` (how the numbers are wrong) or `_CIRCUMSTANCES` (where they are).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.judging.compare import as_expected_shape, within
from autograder.judging.evidence import Evidence
from autograder.model import Batch, Tolerance
from autograder.typed import NDArray

_LARGE: Final = 100.0  # inputs beyond are called large
_EXP_OVERFLOWS: Final = 709.0  # exp of more is beyond the largest double, 1.8e308
_CONSTANTS: Final = {
    "-1": -1.0,
    "2": 2.0,
    "1/2": 0.5,
    "ln 2, as between logarithms of base e and 2": math.log(2),
    "1 / ln 2, as between logarithms of base 2 and e": 1 / math.log(2),
    "ln 10, as between logarithms of base e and 10": math.log(10),
    "1 / ln 10, as between logarithms of base 10 and e": 1 / math.log(10),
}


class Failing(NamedTuple):
    """One failing batch of a call that returned numbers."""

    number: int  # from 1
    batch: Batch
    sizes: dict[str, int]
    value: NDArray[Any]
    expected: NDArray[np.float64]
    bad: NDArray[np.bool_]
    printed: str


def describe_patterns(failed: Evidence, check: str, known: Sequence[Evidence]) -> str:
    """One or two sentences about a failed result, or "" if nothing stands out."""
    if check not in failed.results:
        return ""
    failing = list(_failing(failed, check))
    whole = [pattern(failing, failed.case.tolerance) for pattern in _PATTERNS] if failing else []
    sentences = [sentence for sentence in whole if sentence][:1]
    sentences += [s for where in _CIRCUMSTANCES if (s := where(check, known))][:1]
    return " ".join(sentences)


def _failing(failed: Evidence, check: str) -> Iterator[Failing]:
    for row in failed.checks[check].failures:
        value, expected, problem = row.observed.value, row.expected, row.problem
        if value is not None and expected is not None and problem is not None:
            bad = np.ones(expected.shape, dtype=bool) if problem.bad is None else problem.bad
            warned = " ".join(message for message, _, _ in row.observed.warned)
            sizes = row.batch.sizes
            yield Failing(row.number, row.batch, sizes, value, expected, bad, warned)


# How the numbers are wrong. ----------------------------------------------------------------------


def _constant_factor(failing: list[Failing], tolerance: Tolerance) -> str:
    """All numbers are wrong by one factor, which may be a named size of the batch."""
    pairs = [(as_expected_shape(one.value, one.expected), one.expected) for one in failing]
    factor = name_factor(pairs, [one.sizes for one in failing], tolerance)
    if factor == "-1":
        return "It looks as if only the sign is wrong."
    return f"It looks as if every number is {factor} times the expected one." if factor else ""


def name_factor(
    pairs: Sequence[tuple[NDArray[np.float64] | None, NDArray[np.float64]]],
    sizes: Sequence[dict[str, int]],
    tolerance: Tolerance,
) -> str:
    """The factor by which results differ from others in all batches: `N`, `1 / (C * N)`, `2`, or "".

    Where sizes coincide, as N and C in a square batch, all names that fit are told.
    """
    factors: list[float] = []
    for got, wanted in pairs:
        scale = float((wanted**2).sum())
        if got is None or not np.isfinite(got).all() or not 0 < scale < np.inf:
            return ""
        factors.append(float((got * wanted).sum()) / scale)
        if factors[-1] == 0 or not within(got / factors[-1], wanted, tolerance).all():
            return ""
    if np.allclose(factors, 1, rtol=1e-4, atol=0):
        return ""
    fitting = [
        name
        for name, value in _named_factors(sizes)
        if np.allclose(factors, value, rtol=1e-4, atol=0)
    ]
    named = [name for name in fitting if name not in _CONSTANTS]
    if named:
        here = f" ({factors[0]:.4g} here)" if len(factors) == 1 else ""
        return " or ".join(named[:2]) + here
    if fitting:
        return fitting[0]
    alike = np.allclose(factors, factors[0], rtol=1e-4, atol=0)
    return f"{factors[0]:.6g}" if alike and len(factors) > 1 else ""


def _named_factors(
    batches: Sequence[dict[str, int]],
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    names = sorted(set.intersection(*map(set, batches)))
    sizes = {name: np.array([float(batch[name]) for batch in batches]) for name in names}
    products = {**sizes}
    for position, first in enumerate(names):
        for second in names[position + 1 :]:
            products[f"{first} * {second}"] = sizes[first] * sizes[second]
    for name, value in products.items():
        inverse = f"1 / ({name})" if "*" in name else f"1 / {name}"
        yield name, value
        yield inverse, 1 / value
        yield f"-{name}", -value
        yield f"-{inverse}", -1 / value
    for first, one in sizes.items():
        for second, other in sizes.items():
            if first != second:
                yield f"{first} / {second}", one / other
    for name, constant in _CONSTANTS.items():
        yield name, np.full(len(batches), constant)


def _transposed(failing: list[Failing], tolerance: Tolerance) -> str:
    for one in failing:
        if one.expected.ndim != 2 or one.value.shape != one.expected.T.shape:
            return ""
        if not within(one.value.astype(np.float64).T, one.expected, tolerance).all():
            return ""
    return "It looks like the transpose of what is expected: rows and columns trade places."


def _shifted(failing: list[Failing], tolerance: Tolerance) -> str:
    """All numbers of a batch are off by the same amount."""
    for one in failing:
        got = as_expected_shape(one.value, one.expected)
        if got is None or got.size < 2 or not np.isfinite(got).all():
            return ""
        if not within(got - (got - one.expected).mean(), one.expected, tolerance).all():
            return ""
    return (
        "It looks right up to a constant: within a batch, all numbers are off by the same amount "
        f"({(failing[0].value - failing[0].expected).mean():+.4g} in the first that fails)."
    )


def _some_rows(failing: list[Failing], tolerance: Tolerance) -> str:
    """Whole rows are right in every failing batch, others wrong."""
    del tolerance
    for one in failing:
        if one.bad.ndim < 2 or one.value.shape != one.expected.shape or _bad_rows(one).all():
            return ""
    smallest = min(failing, key=lambda one: one.bad.size)
    rows = _bad_rows(smallest)
    wrong = [str(row) for row in np.flatnonzero(rows)[:5]]
    more = ", ..." if rows.sum() > 5 else ""
    noun = "row" if len(wrong) == 1 else "rows"
    which = f"of batch {smallest.number}, " if len(failing) > 1 or smallest.number > 1 else ""
    return (
        f"It looks right except in some rows: {which}{noun} {', '.join(wrong)}{more} of "
        f"{len(rows)} (counted from 0). What do these have in common?"
    )


def _bad_rows(one: Failing) -> NDArray[np.bool_]:
    return np.asarray(one.bad.reshape(len(one.bad), -1).any(axis=1))


def _not_finite(failing: list[Failing], tolerance: Tolerance) -> str:
    """NaN or infinities: numpy's own warnings tell where from, or else the size of the inputs."""
    del tolerance
    if all(np.isfinite(one.value.astype(np.float64)).all() for one in failing):
        return ""
    printed = failing[0].printed
    if "overflow encountered in exp" in printed:
        return (
            "It looks like an overflow, as numpy itself warns: exp of more than "
            f"{_EXP_OVERFLOWS:.0f} is infinite, and inf / inf or inf - inf is NaN."
        )
    if "divide by zero encountered in log" in printed:
        return (
            "It looks like the logarithm of 0, as numpy itself warns: log(0) is -inf, and 0 * -inf "
            "is NaN."
        )
    largest = max(
        float(np.abs(array).max()) for one in failing for array in one.batch.inputs.values()
    )
    if largest > _EXP_OVERFLOWS:
        return (
            f"The inputs go up to {largest:.4g} here. It looks as if something leaves the range of "
            f"floating-point numbers: exp of more than {_EXP_OVERFLOWS:.0f} is infinite, exp of less "
            "than -745 is 0, log(0) is -inf, and inf / inf, inf - inf and 0 * inf are NaN."
        )
    return ""


# Where they are wrong. ---------------------------------------------------------------------------


def _of_one(check: str, known: Sequence[Evidence]) -> str:
    """Only where a named size is 1."""

    def is_one(size: str, batch: Batch) -> bool:
        return batch.sizes.get(size) == 1

    for size in dict.fromkeys(s for one in known for s in _batches(one)[0].sizes):
        if _only_where(partial(is_one, size), check, known):
            return f"It fails only if {size} = 1."
    return ""


def _of_some_inputs(check: str, known: Sequence[Evidence]) -> str:
    """Only where an input has one of the properties in `_PROPERTIES`."""

    def has(words: str, name: str, batch: Batch) -> object:
        return name in batch.inputs and _PROPERTIES[words](batch.inputs[name])

    names = dict.fromkeys(name for one in known for name in one.case.inputs.values)
    for words in _PROPERTIES:
        for name in names:
            if _only_where(partial(has, words, name), check, known):
                return f"It fails only if `{name}` {words}."
    return ""


def _batches(one: Evidence) -> list[Batch]:
    return [row.batch for row in next(iter(one.checks.values())).rows]


def _only_where(holds: Callable[[Batch], object], check: str, known: Sequence[Evidence]) -> bool:
    """Whether something holds in every failing batch that is known, and in no other."""
    seen = {True: set[bool](), False: set[bool]()}
    for one in known:
        for row in one.checks[check].rows if check in one.checks else ():
            seen[row.problem is not None].add(bool(holds(row.batch)))
    return seen[True] == {True} and seen[False] == {False}


_PROPERTIES: Final[dict[str, Callable[[NDArray[Any]], object]]] = {
    "holds other numbers than 0 and 1": lambda array: not np.isin(array, (0, 1)).all(),
    f"holds large numbers, beyond {_LARGE:.0f} in size": lambda array: np.abs(array).max() > _LARGE,
    "holds whole numbers, in an array of integers": lambda array: array.dtype.kind == "i",
    "is an array of single precision, or less": lambda array: array.dtype.itemsize < 8,
}
_PATTERNS: Final = (_not_finite, _constant_factor, _transposed, _shifted, _some_rows)
_CIRCUMSTANCES: Final = (_of_one, _of_some_inputs)
