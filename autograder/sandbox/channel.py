"""The channel: frames of a JSON header and raw bytes, from a process that is not to be trusted.

A frame is two little-endian 32-bit lengths, the header as UTF-8 JSON, and the body. No pickles: one
would let the student's process choose what the grader executes.

The order of frames, which worker.py sends and session.py expects, is

    ready | refused           with the walls that stand; after `refused` nothing comes
    for each case:
      observation             for each file that its program imports; after one that failed, nothing
      for each batch, for each step that can be run (steps.Progress says which):
        observation           one for each observed result, or a single one for a step without
                              any (`done`) and for one that failed as a whole (`whole`)
      input                   for each input, if the case wants them back; after each batch

and at any time `printed`, with text for the student, and `at`, with the line that a slow step is at.
"""

from __future__ import annotations

import json
import struct
from typing import Any, Final, NamedTuple, NoReturn, Protocol

from autograder.sandbox.observation import MOST_NUMBERS

MAX_HEADER: Final = 64 * 1024
MAX_BODY: Final = 8 * MOST_NUMBERS

_LENGTHS: Final = struct.Struct("<II")


class ChannelError(Exception):
    """What came through the channel is not a frame."""


class ChannelClosed(Exception):
    """The other end is gone."""


class OutOfTime(Exception):
    """The deadline passed before a frame was there."""


class Source(Protocol):
    """Where bytes come from."""

    def read_some(self, deadline: float) -> bytes:
        """Some bytes, none at the end. Raises OutOfTime at the deadline (of time.monotonic)."""
        ...


class Frame(NamedTuple):
    """One message."""

    header: dict[str, Any]
    body: bytes


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """A frame as bytes."""
    encoded = _ENCODER.encode(header).encode("ascii")
    return _LENGTHS.pack(len(encoded), len(body)) + encoded + body


def unpack(data: bytes) -> Frame:
    """Read a frame that came from the grader itself."""
    header, body = _LENGTHS.unpack_from(data)
    start = _LENGTHS.size + header
    return Frame(json.loads(data[_LENGTHS.size : start]), data[start : start + body])


class FrameReader:
    """Takes frames off a source; never holds more than one frame and one read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._buffer = bytearray()

    def next(self, deadline: float) -> Frame:
        """The next frame. Raises ChannelError, ChannelClosed or OutOfTime."""
        header_length, body_length = _LENGTHS.unpack(self._take(_LENGTHS.size, deadline))
        if header_length > MAX_HEADER or body_length > MAX_BODY:
            raise ChannelError("a frame larger than allowed")
        header = self._take(header_length, deadline)
        return Frame(_parse(header), self._take(body_length, deadline))

    def _take(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            data = self._source.read_some(deadline)
            if not data:
                raise ChannelClosed
            self._buffer += data
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def _parse(data: bytes) -> dict[str, Any]:
    try:
        header = _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ChannelError("a header that is not JSON") from error
    if not isinstance(header, dict):
        raise ChannelError("a header that is not an object")
    return header


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_ENCODER: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)
