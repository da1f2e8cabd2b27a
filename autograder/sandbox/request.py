"""Requests: all that a student's process is ever told, which is code, programs and inputs.

No expected value, no points, no name of a test case: there is nothing here worth stealing. Random
inputs travel as their recipe; the worker draws them while the grader, which needs them too, does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.errors import Place
from autograder.model import Inputs, Randomness, Recipe, Sizes
from autograder.sandbox.channel import pack, unpack
from autograder.sandbox.observation import array_header
from autograder.sandbox.walls import Plan
from autograder.steps import Import, Program, Step

_NOWHERE: Final = Place(Path())  # where a step stands is nothing to the worker


class Code(NamedTuple):
    """What a student handed in: sources by path, and which of them are the files asked for."""

    sources: Mapping[str, bytes]
    files: Mapping[str, str]  # by the assignment's name for a file, its path in `sources`
    missing: Mapping[str, str] = MappingProxyType({})  # what is wrong with files that are not there


class CaseRun(NamedTuple):
    """One test case, as it is run."""

    program: Program
    inputs: Inputs
    observed: tuple[str, ...]  # results that are sent back
    return_inputs: bool = False  # send the inputs back as they are after the steps


class Request(NamedTuple):
    """One worker's work, and the conditions under which it is done."""

    code: Code
    runs: Sequence[CaseRun]
    limits: Mapping[str, float]
    plan: Plan  # the walls to raise if they are available
    required: Sequence[str]  # the walls without which nothing is run


def encode_request(request: Request) -> bytes:
    """A request as bytes; each program is sent once."""
    blobs = _Blobs()
    code, runs, limits, plan, required = request
    programs = list(dict.fromkeys(run.program for run in runs))
    header = {
        "sources": {path: blobs.add(source) for path, source in code.sources.items()},
        "files": dict(code.files),
        "programs": [_encode_program(program) for program in programs],
        "runs": [
            {
                "program": programs.index(run.program),
                "values": {
                    name: _encode_value(value, blobs) for name, value in run.inputs.values.items()
                },
                "random": run.inputs.random,
                "observed": run.observed,
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
    code = Code(
        {path: body[start:end] for path, (start, end) in header["sources"].items()},
        header["files"],
    )
    programs = [_decode_program(program) for program in header["programs"]]
    runs = [
        CaseRun(
            programs[run["program"]],
            Inputs(
                {name: _decode_value(value, body) for name, value in run["values"].items()},
                _decode_randomness(run["random"]),
            ),
            tuple(run["observed"]),
            run["return_inputs"],
        )
        for run in header["runs"]
    ]
    walls, uid = header["plan"]
    return Request(code, runs, header["limits"], Plan(tuple(walls), uid), header["required"])


class _Blobs:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._length = 0

    def add(self, data: bytes) -> tuple[int, int]:
        start = self._length
        self.parts.append(data)
        self._length += len(data)
        return start, self._length


def _encode_program(program: Program) -> Any:
    def plain(steps: Sequence[Step]) -> list[Any]:
        return [[value for value in step if not isinstance(value, Place)] for step in steps]

    return [list(program.imports), plain(program.setup), plain(program.body), program.setup_once]


def _decode_program(encoded: Any) -> Program:
    def steps(plain: list[Any]) -> tuple[Step, ...]:
        return tuple(
            Step(text, _NOWHERE, *map(tuple, names), *flags)  # type: ignore[arg-type]
            for text, *rest in plain
            for names, flags in [(rest[:5], rest[5:])]
        )

    imports, setup, body, setup_once = encoded
    return Program(
        tuple(
            Import(text, module, tuple((name, bound) for name, bound in names), alias, file)
            for text, module, names, alias, file in imports
        ),
        steps(setup),
        steps(body),
        setup_once,
    )


def _encode_value(value: Any, blobs: _Blobs) -> Any:
    if isinstance(value, np.ndarray):
        return {**array_header(value), "at": blobs.add(value.tobytes())}
    return {"recipe": value}


def _decode_value(value: Any, body: bytes) -> Any:
    if "recipe" in value:
        draw, shape, *rest = value["recipe"]
        return Recipe(draw, tuple(shape), *rest)
    start, end = value["at"]
    return np.frombuffer(body[start:end], value["dtype"]).reshape(value["shape"]).copy()


def _decode_randomness(random: Any) -> Randomness | None:
    if random is None:
        return None
    seed, batches, sizes = random
    return Randomness(seed, batches, {name: Sizes(*size) for name, size in sizes.items()})
