"""The channel from a student's process: whatever comes through it, the grader copes."""

from __future__ import annotations

import json
import os
import struct
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.channel import (
    MAX_BODY,
    MAX_HEADER,
    ChannelClosed,
    Frame,
    FrameReader,
    pack,
)
from autograder.sandbox.observation import (
    MalformedError,
    Observation,
    array_header,
    decode_array,
    decode_observation,
)

NEVER = float("inf")


class Bytes:
    """A source of given bytes, in pieces of a given size."""

    def __init__(self, data: bytes, piece: int = 4096) -> None:
        self._pieces = [data[start : start + piece] for start in range(0, len(data), piece)]

    def read_some(self, deadline: float) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def read_all(data: bytes, piece: int = 4096) -> list[Observation]:
    """Read frames and observations until the channel's own errors end it."""
    reader = FrameReader(Bytes(data, piece).read_some)
    observations: list[Observation] = []
    while True:
        try:
            frame = reader.next(NEVER)
        except (MalformedError, ChannelClosed):
            return observations
        try:
            observations.append(decode_observation(*frame))
        except MalformedError:
            continue


def value_frame(array: np.ndarray[Any, Any]) -> bytes:
    header = {"kind": "observation", "outcome": "value", "type_name": "numpy.ndarray"}
    return pack({**header, **array_header(array)}, array.tobytes())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.just("observation") | json_values,
        "outcome": st.sampled_from(["value", "raised", "done", "other", "placeholder"])
        | json_values,
        "type_name": st.text(max_size=10) | json_values,
        "dtype": st.sampled_from(["<f8", "<f2", "<i8", "|O", "<U4"]) | json_values,
        "shape": st.lists(st.integers(-2, 2**70), max_size=40) | json_values,
        "error": st.fixed_dictionaries({}, optional={"line": json_values, "type_name": json_values})
        | json_values,
    },
)


@given(st.binary(max_size=2000), st.integers(1, 64))
def test_random_bytes_raise_nothing_but_the_channels_own_errors(data: bytes, piece: int) -> None:
    read_all(data, piece)


@settings(max_examples=40)
@given(headers, st.binary(max_size=200))
def test_headers_of_any_content_raise_nothing_but_the_channels_own_errors(
    header: dict[str, Any], body: bytes
) -> None:
    encoded = json.dumps(header).encode()
    read_all(struct.pack("<II", len(encoded), len(body)) + encoded + body)


@given(st.data())
def test_mutated_frames_raise_nothing_but_the_channels_own_errors(data: st.DataObject) -> None:
    frames = bytearray(value_frame(np.arange(6.0).reshape(2, 3)) * 2)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(frames) - 1))
        frames[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        if not frames:
            return
    read_all(bytes(frames))


@given(st.integers(MAX_HEADER + 1, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_length_beyond_the_caps_is_refused_before_anything_is_read(
    header: int, body: int
) -> None:
    for lengths in ((header, body), (2, MAX_BODY + 1 + body % (2**32 - MAX_BODY - 1))):
        reader = FrameReader(Bytes(struct.pack("<II", *lengths) + b"{}" * 100).read_some)
        with pytest.raises(MalformedError):
            reader.next(NEVER)


def test_a_shape_bomb_allocates_nothing() -> None:
    tracemalloc.start()
    for shape in ([2**39, 2**39, 0], [2**62], [2**31, 2**31], [-1, -8], [1] * 33, [2**80]):
        with pytest.raises(MalformedError):
            decode_array({"dtype": "<f8", "shape": shape}, b"12345678")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_deep_and_endless_headers_are_refused() -> None:
    for text in (
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[1]",
        b"\xff",
    ):
        with pytest.raises(MalformedError):
            FrameReader(Bytes(struct.pack("<II", len(text), 0) + text).read_some).next(NEVER)


@settings(max_examples=50)
@given(
    st.sampled_from(["<f2", "<f4", "<f8", "<i8", "<u8"]),
    st.lists(st.integers(0, 5), max_size=4),
    st.integers(1, 50),
)
def test_an_array_comes_through_as_it_was(dtype: str, shape: list[int], piece: int) -> None:
    array = np.arange(int(np.prod(shape)), dtype=dtype).reshape(shape)
    (observation,) = read_all(value_frame(array), piece)
    assert observation.value is not None
    assert observation.value.dtype == array.dtype
    assert observation.value.shape == array.shape
    assert observation.value.tobytes() == array.tobytes()


def test_frames_arrive_whole_over_a_real_pipe_however_they_are_cut() -> None:
    end, start = os.pipe()

    sent = [Frame({"kind": "printed", "n": n}, bytes(n)) for n in range(5)]
    os.write(start, b"".join(pack(*frame) for frame in sent))
    os.close(start)
    reader = FrameReader(lambda _: os.read(end, 3))
    assert [reader.next(time.monotonic() + 1) for _ in sent] == sent
    with pytest.raises(ChannelClosed):
        reader.next(time.monotonic() + 1)
    os.close(end)
