"""Observations: what one call of the student's code did, as raw numbers and plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DONE: Final = "done"  # imported, or an object made: nothing to look at
VALUE: Final = "value"  # numbers came back
PLACEHOLDER: Final = "placeholder"  # None, NotImplemented, NotImplementedError: not written yet
OTHER: Final = "other"  # something came back that is no plain array of numbers
RAISED: Final = "raised"
TIMED_OUT: Final = "timed_out"
CRASHED: Final = "crashed"  # the process ended, or broke the channel
NOT_REACHED: Final = "not_reached"  # something before it failed

OUT_OF_TURN: Final = "sent something else than the result of the call"  # a reason to stop it

IMPORT: Final = "import"
CONSTRUCTOR: Final = "constructor"
CALL: Final = "call"

_SENT_BY_WORKERS: Final = (DONE, VALUE, PLACEHOLDER, OTHER, RAISED)
_DTYPES: Final = ("<f2", "<f4", "<f8", "<i8", "<u8")
_MAX_DIMENSIONS: Final = 32


class StudentError(NamedTuple):
    """An exception, and the line of the student's own that it came from (line 0: none did)."""

    type_name: str
    message: str
    path: str
    line: int
    function: str


class Observation(NamedTuple):
    """What one call did. `value` is set for VALUE only, `error` for RAISED (and PLACEHOLDER) only."""

    outcome: str
    stage: str = CALL
    value: NDArray[Any] | None = None
    type_name: str = ""
    error: StudentError | None = None
    reason: str = ""  # one sentence, where the outcome alone does not say enough
    printed: str = ""
    printed_cut: bool = False


class BatchObservation(NamedTuple):
    """One batch: an observation for every call, and the inputs as they were found afterwards."""

    calls: tuple[Observation, ...]
    inputs_after: dict[str, NDArray[Any]] | None = None


class MalformedError(Exception):
    """A worker sent something that is not an observation."""


def array_header(array: NDArray[Any]) -> dict[str, Any]:
    """What must be known to read an array back from its bytes."""
    return {"dtype": array.dtype.str, "shape": list(array.shape)}


def decode_observation(header: dict[str, Any], body: bytes) -> Observation:
    """Read an observation, trusting nothing. Raises MalformedError."""
    outcome = header.get("outcome")
    if outcome not in _SENT_BY_WORKERS:
        raise MalformedError("unknown outcome")
    return Observation(
        outcome=outcome,
        value=decode_array(header, body) if outcome == VALUE else None,
        type_name=_text(header, "type"),
        error=_decode_error(header["error"]) if "error" in header else None,
    )


def decode_array(header: dict[str, Any], body: bytes) -> NDArray[Any]:
    """Read an array from raw bytes, trusting nothing. Raises MalformedError."""
    dtype, shape = header.get("dtype"), header.get("shape")
    if dtype not in _DTYPES or not isinstance(shape, list) or len(shape) > _MAX_DIMENSIONS:
        raise MalformedError("bad array header")
    size = 1
    for length in shape:
        if type(length) is not int or not 0 <= length < 2**40:
            raise MalformedError("bad shape")
        size *= length
    if len(body) != size * int(dtype[2:]):
        raise MalformedError("bad length")
    try:
        return np.frombuffer(body, dtype=dtype).reshape(shape).copy()
    except ValueError as error:  # more than numpy can index
        raise MalformedError("bad shape") from error


def _decode_error(header: Any) -> StudentError:
    if not isinstance(header, dict) or type(header.get("line")) is not int:
        raise MalformedError("bad error")
    return StudentError(
        _text(header, "type"),
        _text(header, "message"),
        _text(header, "path"),
        max(0, min(header["line"], 2**31)),
        _text(header, "function"),
    )


def _text(header: dict[str, Any], key: str) -> str:
    value = header.get(key, "")
    if not isinstance(value, str):
        raise MalformedError(f"bad {key}")
    return value[:4000]
