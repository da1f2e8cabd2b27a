"""What counts as a result: a number, a bool, an array of these, or lists and tuples that form one.

One function for the results of students, of the reference and of known mistakes. It goes by exact
types: a subclass brings operators of its own, and its numbers are not plain numbers.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from autograder.sandbox.observation import MAX_DIMENSIONS, MOST_NUMBERS, Observation, Outcome
from autograder.typed import NDArray

_NUMBERS: Final = (
    *(float, int, bool, np.bool_, np.float64, np.float32, np.float16, np.longdouble),
    *(np.int64, np.int32, np.int16, np.int8, np.longlong),
    *(np.uint64, np.uint32, np.uint16, np.uint8, np.ulonglong),
)
_KINDS: Final = "biuf"
_MOST_NAME: Final = 200
_UNKNOWN: Final = "a type that cannot be shown"


def as_array(value: object) -> NDArray[Any] | None:
    """The value as an array of bools, 64-bit integers or floats; None if it is something else."""
    # A few nested lists may stand for more numbers than there is memory.
    return _array(value, [MOST_NUMBERS], 0)


def observe(value: object) -> Observation:
    """What came of a result: its numbers, copied, or the type of what else it is."""
    if is_nothing(value):
        return Observation(Outcome.PLACEHOLDER, type_name=repr(value))
    array = as_array(value)
    outcome = Outcome.OTHER if array is None else Outcome.VALUE
    return Observation(outcome, value=array, type_name=type_name(value))


def is_nothing(value: object) -> bool:
    """Whether this stands for a result that nobody has written yet."""
    return value is None or value is NotImplemented


def type_name(value: Any) -> str:
    """The type of a value for a message; of an array with what is special about it."""
    kind: Any = type(value)
    if kind is np.ndarray:
        if value.ndim > MAX_DIMENSIONS:
            return f"numpy array of {value.ndim} dimensions"
        if value.size > MOST_NUMBERS:
            return f"numpy array of shape {value.shape}, too large"
        return f"numpy array of {str(value.dtype)[:_MOST_NAME]}"
    try:
        module, name = kind.__module__, str(kind.__qualname__[:_MOST_NAME])
        own = module in ("builtins", "numpy")
        return (name if own else f"{str(module)[:_MOST_NAME]}.{name}") or _UNKNOWN
    except BaseException:  # of a metaclass of the student's
        return _UNKNOWN


def _is(value: object, kinds: tuple[type, ...]) -> bool:
    # By identity, as `==` and `in` would ask the metaclass of the student's own type.
    own = type(value)
    return any(own is kind for kind in kinds)


def _plain(array: NDArray[Any]) -> NDArray[Any] | None:
    kind = array.dtype.kind
    if kind not in _KINDS or array.size > MOST_NUMBERS or array.ndim > MAX_DIMENSIONS:
        return None
    wanted = array.dtype.newbyteorder("<")
    if kind in "iu":
        wanted = np.dtype(f"<{kind}8")
    elif kind == "f" and array.dtype.itemsize not in (2, 4, 8):  # long double
        wanted = np.dtype("<f8")
    try:
        return np.ascontiguousarray(array.astype(wanted)).reshape(array.shape)
    except ValueError:  # an empty array whose sides are too long for wider numbers
        return None


def _array(value: Any, left: list[int], depth: int) -> NDArray[Any] | None:
    """A number, an array, or lists and tuples of them, all of one shape on each level.

    `left` counts down the numbers that there may be.
    """
    if type(value) is np.ndarray:
        return _plain(value)
    if _is(value, _NUMBERS):
        try:
            return _plain(np.array(value, dtype=np.float64 if type(value) is float else None))
        except OverflowError:
            return None
    if not _is(value, (list, tuple)):
        return None
    left[0] -= len(value)
    if left[0] < 0 or depth == MAX_DIMENSIONS:
        return None
    if all(_is(item, _NUMBERS) for item in value):
        return _plain(np.array(value, dtype=None if value else np.float64))
    parts: list[NDArray[Any]] = []
    for item in value:
        part = _array(item, left, depth + 1)
        if part is None or (parts and part.shape != parts[0].shape):
            return None
        left[0] -= part.size
        if left[0] < 0:
            return None
        parts.append(part)
    return _plain(np.array(parts))
