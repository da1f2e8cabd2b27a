"""The channel: frames of a JSON header and raw bytes, from a process that is not to be trusted.

A frame is two little-endian 32-bit lengths, the header as UTF-8 JSON, and the body. No pickles: one
would let the student's process choose what the grader executes.

The order of frames, which worker.py sends and session.py expects, is

    ready | refused           with the walls that stand; after `refused` nothing comes
    for each case:
      observation             for each file that its program is the first to import
                              nothing more for a case of which a file could not be imported
      for each batch, for each step that can be run (steps.Progress says which):
        observation           one for each observed result, or a single one for a step without
                              any (`done`) and for one that failed as a whole (`whole`)
      input                   for each input, if the case wants them back; after each batch

and at any time `printed`, with text for the student, and `at`, with the line that a slow step is at.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any, Final, NamedTuple, NoReturn

from autograder.sandbox.observation import MOST_NUMBERS, MalformedError

MAX_HEADER: Final = 64 * 1024
MAX_BODY: Final = 8 * MOST_NUMBERS

_LENGTHS: Final = struct.Struct("<II")


class ChannelClosed(Exception):
    """The other end is gone."""


class OutOfTime(Exception):
    """The deadline passed before a frame was there."""


class Frame(NamedTuple):
    """One message."""

    header: dict[str, Any]
    body: bytes


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """A frame as bytes."""
    encoded = _ENCODER.encode(header).encode("ascii")
    return _LENGTHS.pack(len(encoded), len(body)) + encoded + body


class FrameReader:
    """Takes frames off a source; never holds more than one frame and one read."""

    def __init__(self, read_some: Callable[[float], bytes]) -> None:
        """`read_some` gives some bytes, none at the end, or raises OutOfTime at its deadline."""
        self._read_some = read_some
        self._buffer = bytearray()

    def next(self, deadline: float) -> Frame:
        """The next frame. Raises MalformedError, ChannelClosed or OutOfTime (time.monotonic)."""
        header_length, body_length = _LENGTHS.unpack(self._take(_LENGTHS.size, deadline))
        if header_length > MAX_HEADER or body_length > MAX_BODY:
            raise MalformedError("a frame larger than allowed")
        try:
            header = _DECODER.decode(self._take(header_length, deadline).decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise MalformedError("a header that is not JSON") from error
        if not isinstance(header, dict):
            raise MalformedError("a header that is not an object")
        return Frame(header, self._take(body_length, deadline))

    def _take(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            data = self._read_some(deadline)
            if not data:
                raise ChannelClosed
            self._buffer += data
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


class Printed:
    """What the code prints in one test case, up to a limit, taken off piece by piece."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._parts: list[bytes] = []
        self._cut = False

    def add(self, frame: Frame) -> None:
        """Keep what was printed, as far as there is room."""
        taken = frame.body[: self._left]
        self._left -= len(taken)
        if taken:
            self._parts.append(taken)
        self._cut = self._cut or len(taken) < len(frame.body) or frame.header.get("cut") is True

    def take(self) -> tuple[str, bool]:
        """The text since the last time, and whether some of it was cut."""
        text, cut = b"".join(self._parts).decode("utf-8", "replace"), self._cut
        self._parts, self._cut = [], False
        return text, cut


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_ENCODER: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)
