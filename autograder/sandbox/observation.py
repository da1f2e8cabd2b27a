"""Observations: what one step of a program did, as raw numbers and plain text."""

# Not `from __future__ import annotations`: the type of every field would be compiled a second time.

import math
from collections.abc import Callable, Collection
from enum import Enum
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from autograder.typed import NDArray

T = TypeVar("T")


class Outcome(str, Enum):
    """What came of a step, of one of its results, or of importing a file."""

    DONE = "done"  # imported, or a step without a result: nothing to look at
    VALUE = "value"  # numbers came back
    PLACEHOLDER = "placeholder"  # None, NotImplemented, NotImplementedError: not written yet
    OTHER = "other"  # something came back that is not a plain array of numbers
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"  # the process ended, or broke the channel
    NOT_REACHED = "not_reached"  # something before it failed


MOST_NUMBERS: Final = 1_000_000  # of one result
MAX_DIMENSIONS: Final = 32
MOST_WARNINGS: Final = 8  # of one step

# Errors that the worker itself finds; their `message` is the name that is missing, or what came. None
# is a name that a class of the student's may have.
MISSING_NAME: Final = "missing name"  # the file does not define it; `owner` lists what it defines
MISSING_ATTRIBUTE: Final = "missing attribute"  # of an object of the type `owner`
WRONG_COUNT: Final = "wrong count"  # of values returned
OWN_ERRORS: Final = (MISSING_NAME, MISSING_ATTRIBUTE, WRONG_COUNT)

_FAILED: Final = (Outcome.RAISED, Outcome.PLACEHOLDER)
_RESULT_DTYPES: Final = ("<f2", "<f4", "<f8", "<i8", "<u8", "|b1")
INPUT_DTYPES: Final = (*_RESULT_DTYPES, "|i1", "<i2", "<i4")
_MOST_TEXT: Final = 4000


class StudentError(NamedTuple):
    """An exception with the student's line that it came from (0: none), or where a step hangs."""

    type_name: str
    message: str
    path: str = ""
    line: int = 0
    function: str = ""
    step_line: int = 0  # the line within the step that raised, from 1
    owner: str = ""  # see MISSING_NAME and MISSING_ATTRIBUTE


class Warned(NamedTuple):
    """A warning of numpy's, such as "overflow encountered in exp", and where it came from."""

    message: str
    path: str
    line: int


class Observation(NamedTuple):
    """What came of one result, of a step without results, or of an import.

    `value` is set for VALUE only, `error` for RAISED, and perhaps for PLACEHOLDER and TIMED_OUT.
    """

    outcome: Outcome
    step: int = -1  # the step of the program that this tells of, from 0; -1: of none
    file: str = ""  # for an import that failed, the file
    value: NDArray[Any] | None = None
    type_name: str = ""
    error: StudentError | None = None
    reason: str = ""  # one sentence, if the outcome alone does not say enough
    blocked_by: str = ""  # for NOT_REACHED, the result that did not come
    printed: str = ""
    printed_cut: bool = False
    warned: tuple[Warned, ...] = ()


class BatchObservation(NamedTuple):
    """One batch: an observation for every observed result, and the inputs as they were afterwards."""

    results: dict[str, Observation]
    complete: bool = False  # whether every step was run
    inputs_after: dict[str, NDArray[Any]] | None = None
    changed: tuple[tuple[int, tuple[str, ...]], ...] = ()  # inputs, by step
    left_out: tuple[int, ...] = ()  # steps that failed, or were not run because of one that did
    used_random: bool = False
    warned: tuple[tuple[int, tuple[Warned, ...]], ...] = ()  # by step, in those without a result


class MalformedError(Exception):
    """A worker sent what no honest one sends."""


def array_header(array: NDArray[Any]) -> dict[str, Any]:
    """What must be known to read an array back from its bytes."""
    return {"dtype": array.dtype.str, "shape": list(array.shape)}


_WORDS: Final = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}  # to compare bits, by size


def same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays are the same, bit by bit: a -0.0 is not a 0.0, nor is another dtype."""
    if (one.dtype.str, one.shape) != (other.dtype.str, other.shape):
        return False
    word = _WORDS.get(one.dtype.itemsize)
    if word is None:
        return one.tobytes() == other.tobytes()
    return bool((one.reshape(-1).view(word) == other.reshape(-1).view(word)).all())


def encode_observation(observation: Observation) -> tuple[dict[str, Any], bytes]:
    """The header and the body of a frame with what a worker can tell of an observation."""
    value, error = observation.value, observation.error
    header: dict[str, Any] = {
        "kind": "observation",
        "outcome": observation.outcome.value,
        "type_name": observation.type_name,
        "warned": [warned._asdict() for warned in observation.warned],
    }
    if error is not None:
        header["error"] = error._asdict()
    return (header, b"") if value is None else ({**header, **array_header(value)}, value.tobytes())


# From here on: reading what came from a worker, trusting nothing. All of it raises MalformedError.


def decode_observation(header: dict[str, Any], body: bytes) -> Observation:
    """Read an observation."""
    try:
        outcome = Outcome(header.get("outcome"))
    except ValueError:
        raise MalformedError("unknown outcome") from None
    if (body or "dtype" in header) and outcome is not Outcome.VALUE:
        raise MalformedError("bytes without a value")
    warned = header.get("warned", [])
    if not isinstance(warned, list) or len(warned) > MOST_WARNINGS:
        raise MalformedError("bad warnings")
    error = decode_error(header["error"]) if "error" in header else None
    if (error is None and outcome is Outcome.RAISED) or (error and outcome not in _FAILED):
        raise MalformedError("an error without an exception, or the other way round")
    return Observation(
        outcome=outcome,
        value=decode_array(header, body) if outcome is Outcome.VALUE else None,
        type_name=_checked(header.get("type_name", ""), str),
        error=error,
        warned=tuple(_record(Warned, warning) for warning in warned),
    )


def check_failure(observation: Observation, found_by_worker: Collection[str] = ()) -> None:
    """Check that a step or import can fail in this way, and that OWN_ERRORS are only those found."""
    kind = observation.error.type_name if observation.error else ""
    if observation.outcome not in _FAILED or (kind in OWN_ERRORS and kind not in found_by_worker):
        raise MalformedError("a failure that cannot be")


def decode_array(
    header: dict[str, Any], body: bytes, allowed: tuple[str, ...] = _RESULT_DTYPES
) -> NDArray[Any]:
    """Read an array from raw bytes."""
    dtype, shape = header.get("dtype"), header.get("shape")
    if dtype not in allowed or not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise MalformedError("bad array header")
    if any(type(length) is not int or not 0 <= length < 2**63 for length in shape):
        raise MalformedError("bad shape")
    size = math.prod(shape)
    if size > MOST_NUMBERS or len(body) != size * int(dtype[2:]):
        raise MalformedError("bad length")
    if dtype == "|b1" and body.strip(b"\x00\x01"):
        raise MalformedError("bad bool")
    try:
        return np.frombuffer(body, dtype=dtype).reshape(shape).copy()
    except ValueError as error:  # more than numpy can index
        raise MalformedError("bad shape") from error


def decode_error(header: Any) -> StudentError:
    """Read the description of an exception."""
    error = _record(StudentError, header)
    if error.type_name in OWN_ERRORS and not error.message:
        raise MalformedError("an error of the worker's that says nothing")
    if error.type_name == MISSING_ATTRIBUTE and not error.owner:
        raise MalformedError("an attribute that nothing lacks")
    return error


def decode_names(names: Any, allowed: Collection[str]) -> tuple[str, ...]:
    """Read a list of names out of those allowed."""
    if not isinstance(names, list) or not all(isinstance(n, str) and n in allowed for n in names):
        raise MalformedError("bad names")
    return tuple(dict.fromkeys(names))


def _record(kind: Callable[..., T], header: Any) -> T:
    """A tuple of texts and line numbers, of which any may be missing."""
    if not isinstance(header, dict):
        raise MalformedError("not an object")
    wanted = kind.__annotations__
    return kind(**{key: _checked(header.get(key, wanted[key]()), wanted[key]) for key in wanted})


def _checked(value: Any, wanted: Any) -> Any:
    if type(value) is not wanted:
        raise MalformedError(f"not of the type {wanted.__name__}")
    return value[:_MOST_TEXT] if wanted is str else max(0, min(value, 2**31))
