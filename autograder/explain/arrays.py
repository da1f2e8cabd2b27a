"""Arrays as text: inputs to paste into Python, and expected and got side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from autograder.typed import NDArray

_MOST_PASTED: Final = 24  # numbers of an input that are worth pasting
_MOST_ROWS: Final = 8
_MOST_COLUMNS: Final = 6
_DIGITS: Final = (6, 9, 12, 17)
_TRUTH: Final = 0  # digits: 1 and 0 are True and False


def show_input(name: str, array: NDArray[Any], most: int = _MOST_PASTED) -> str:
    """An input as a Python statement; one that is too large to read is described."""
    if too_large(array, most):
        low, high = _number(array.min(), 4), _number(array.max(), 4)
        return f"{name}: shape {array.shape}, {array.dtype}, from {low} to {high}"
    if array.ndim == 0:
        return f"{name} = {as_python(array.item())}"
    dtype = "" if array.dtype in (np.float64, np.bool_) else f", dtype=np.{array.dtype}"
    return f"{name} = np.array({as_python(array)}{dtype})"


def too_large(array: NDArray[Any], most: int = _MOST_PASTED) -> bool:
    """Whether an input has more numbers than are worth pasting."""
    return array.size > most


def as_python(value: Any) -> str:
    """Numbers, or lists of them to any depth, as Python that gives the very same ones."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"[{', '.join(map(as_python, value))}]"
    # The fewest digits that give the same number in its own dtype.
    return str(value).replace("inf", "np.inf").replace("nan", "np.nan")


def show_step(step: NDArray[np.float64]) -> str:
    """An intermediate result: a number, or rows of numbers."""
    if step.ndim == 0:
        return f"    {_number(step, 4)}"
    rows = step.reshape(-1, step.shape[-1]) if step.size else step.reshape(1, 0)
    return "\n".join(f"    {line}" for line in _aligned([[_number(x, 4) for x in r] for r in rows]))


def show_comparison(
    expected: NDArray[np.float64],
    got: NDArray[np.float64],
    bad: NDArray[np.bool_],
    *,
    truth: bool = False,
) -> str:
    """Expected and got, side by side where they are small, else the places where they differ most.

    `truth` says that what was got is True and False.
    """
    digits = _TRUTH if truth else _digits_that_tell(expected, got, bad)
    if expected.ndim == 0:
        return f"    expected {_number(expected, digits)}, got {_number(got, digits)}"
    table = expected.ndim <= 2 and expected.size and expected.shape[0] <= _MOST_ROWS
    if table and expected.shape[-1] <= (_MOST_COLUMNS if expected.ndim == 2 else _MOST_ROWS):
        return _side_by_side(
            np.atleast_2d(expected), np.atleast_2d(got), np.atleast_2d(bad), digits
        )
    return _worst_places(expected, got, bad, digits)


def _side_by_side(
    expected: NDArray[np.float64], got: NDArray[np.float64], bad: NDArray[np.bool_], digits: int
) -> str:
    left = [[_number(x, digits) for x in row] for row in expected]
    right = [
        [_number(x, digits) + ("*" if wrong else " ") for x, wrong in zip(row, marks)]
        for row, marks in zip(got, bad)
    ]
    left_lines, right_lines = _aligned(left), _aligned(right)
    width = max(map(len, [*left_lines, "expected"]))
    lines = [f"    {'expected':{width}}    got (* is wrong)"]
    lines += [
        f"    {one:{width}}    {other}".rstrip() for one, other in zip(left_lines, right_lines)
    ]
    return "\n".join(lines)


def _worst_places(
    expected: NDArray[np.float64], got: NDArray[np.float64], bad: NDArray[np.bool_], digits: int
) -> str:
    with np.errstate(all="ignore"):
        error = np.where(bad, np.abs(got - expected), -1.0)
    error = np.where(bad & ~np.isfinite(error), np.inf, error)
    lines = [f"    {int(bad.sum()):,} of {bad.size:,} numbers are wrong; the worst:"]
    for _ in range(min(3, int(bad.sum()))):  # not sorted: there may be a million
        at = tuple(map(int, np.unravel_index(error.argmax(), error.shape)))
        error[at] = -2.0
        lines.append(
            f"    {list(at)}: expected {_number(expected[at], digits)}, got {_number(got[at], digits)}"
        )
    return "\n".join(lines)


def _aligned(rows: Iterable[list[str]]) -> list[str]:
    rows = list(rows)
    width = max((len(cell) for row in rows for cell in row), default=0)
    return ["[" + "  ".join(f"{cell:>{width}}" for cell in row) + "]" for row in rows]


def _digits_that_tell(
    expected: NDArray[np.float64], got: NDArray[np.float64], bad: NDArray[np.bool_]
) -> int:
    """The fewest digits with which every wrong number looks different from the expected one."""
    pairs = list(zip(expected[bad][:100], got[bad][:100]))
    for digits in _DIGITS:
        if all(_number(one, digits) != _number(other, digits) for one, other in pairs):
            return digits
    return _DIGITS[-1]


def _number(value: Any, digits: int) -> str:
    if digits == _TRUTH:
        return str(bool(value)) if value in (0, 1) else f"{float(value):.6g}"
    return f"{float(value):.{digits}g}"
