"""Requests: all that a student's process is ever told, which is code, calls and inputs.

No expected value, no points, no name of a test case: there is nothing here worth stealing. Random
inputs travel as their recipe; the worker draws them while the grader, which needs them too, does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograder.formats.draws import Inputs, Randomness, Recipe, Sizes
from autograder.sandbox.channel import pack, unpack
from autograder.sandbox.observation import array_header
from autograder.sandbox.walls import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Program(NamedTuple):
    """What is run: sources by path, the main one, its class, and the calls made on each object."""

    sources: Mapping[str, bytes]
    main: str
    class_name: str
    constructor: Sequence[Any]  # plain values and arrays, passed by position
    calls: Sequence[tuple[str, Sequence[str]]]  # method and names of inputs, passed by position


class CaseRun(NamedTuple):
    """One test case, as it is run."""

    inputs: Inputs
    shared_object: bool  # one object for all batches, not a fresh one for each
    return_inputs: bool  # send the inputs back as they are after the calls


class Request(NamedTuple):
    """One worker's work, and the conditions under which it is done."""

    program: Program
    runs: Sequence[CaseRun]
    limits: Mapping[str, int]
    plan: Plan  # the walls to raise where they are to be had
    required: Sequence[str]  # the walls without which nothing is run


def encode_request(request: Request) -> bytes:
    """A request as bytes."""
    blobs = _Blobs()
    program, runs, limits, plan, required = request
    header = {
        "sources": {path: blobs.add(source) for path, source in program.sources.items()},
        "main": program.main,
        "class_name": program.class_name,
        "constructor": [_encode_value(value, blobs) for value in program.constructor],
        "calls": [[method, list(names)] for method, names in program.calls],
        "runs": [
            {
                "values": {
                    name: _encode_value(value, blobs) for name, value in run.inputs.values.items()
                },
                "random": run.inputs.random,
                "shared_object": run.shared_object,
                "return_inputs": run.return_inputs,
            }
            for run in runs
        ],
        "limits": dict(limits),
        "plan": plan,
        "required": list(required),
    }
    return pack(header, b"".join(blobs.parts))


def decode_request(data: bytes) -> Request:
    """The request that `encode_request` made; every array is a fresh, writable copy."""
    header, body = unpack(data)
    program = Program(
        {path: body[start:end] for path, (start, end) in header["sources"].items()},
        header["main"],
        header["class_name"],
        [_decode_value(value, body) for value in header["constructor"]],
        [(method, names) for method, names in header["calls"]],
    )
    runs = [
        CaseRun(
            Inputs(
                {name: _decode_value(value, body) for name, value in run["values"].items()},
                _decode_randomness(run["random"]),
            ),
            run["shared_object"],
            run["return_inputs"],
        )
        for run in header["runs"]
    ]
    walls, uid = header["plan"]
    return Request(program, runs, header["limits"], Plan(tuple(walls), uid), header["required"])


class _Blobs:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._length = 0

    def add(self, data: bytes) -> tuple[int, int]:
        start = self._length
        self.parts.append(data)
        self._length += len(data)
        return start, self._length


def _encode_value(value: Any, blobs: _Blobs) -> Any:
    if isinstance(value, np.ndarray):
        return {**array_header(value), "at": blobs.add(value.tobytes())}
    return {"recipe": value} if isinstance(value, Recipe) else value


def _decode_value(value: Any, body: bytes) -> Any:
    if isinstance(value, dict):
        if "recipe" in value:
            draw, shape, *rest = value["recipe"]
            return Recipe(draw, tuple(shape), *rest)
        start, end = value["at"]
        return np.frombuffer(body[start:end], value["dtype"]).reshape(value["shape"]).copy()
    return value


def _decode_randomness(random: Any) -> Randomness | None:
    if random is None:
        return None
    seed, batches, sizes = random
    return Randomness(seed, batches, {name: Sizes(*size) for name, size in sizes.items()})
