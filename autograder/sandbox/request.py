"""Requests: all that a student's process is ever told, which is code, programs and inputs.

No expected value, no points, no name of a test case: there is nothing here worth stealing. Random
inputs travel as their recipe; the worker draws them while the grader, which needs them too, does.
"""

from __future__ import annotations

import binascii
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.errors import Place
from autograder.model import Inputs, Randomness, Recipe, Sizes
from autograder.sandbox.observation import array_header
from autograder.steps import Import, Program, Step
from autograder.typed import NDArray

_NOWHERE: Final = Place(Path())  # where a step stands in its file is nothing to the worker


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
    walls: Sequence[str]  # to raise if they are available
    uid: int  # to change to, 0 for none
    required: Sequence[str]  # the walls without which nothing is run


def encode_request(request: Request) -> bytes:
    """A request as JSON: tuples become lists, and each program is sent once."""

    def without_places(steps: Sequence[Step]) -> tuple[Step, ...]:
        return tuple(step._replace(place=_NOWHERE) for step in steps)

    known = list(dict.fromkeys(run.program for run in request.runs))
    programs = [
        p._replace(setup=without_places(p.setup), body=without_places(p.body)) for p in known
    ]
    runs = [(known.index(run.program), *run[1:]) for run in request.runs]
    code = request.code._replace(missing={})
    return json.dumps([programs, code, runs, *request[2:]], default=_plain).encode("ascii")


def decode_request(data: bytes) -> Request:
    """The request that `encode_request` made; every array is a fresh, writable copy."""
    programs, (sources, files, _), runs, *conditions = _as_tuples(json.loads(data))
    known = [_program(*program) for program in programs]
    cases = [CaseRun(known[number], _inputs(*inputs), *rest) for number, inputs, *rest in runs]
    code = Code({path: binascii.a2b_base64(source) for path, source in sources.items()}, files)
    return Request(code, cases, *conditions)


def _plain(value: Any) -> Any:
    """What JSON lacks, in terms of what it has."""
    if isinstance(value, bytes):
        return binascii.b2a_base64(value).decode("ascii")
    if isinstance(value, np.ndarray):
        return {**array_header(value), "data": value.tobytes()}
    return dict(value) if isinstance(value, Mapping) else os.fspath(value)


def _as_tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_as_tuples, value))
    return {k: _as_tuples(v) for k, v in value.items()} if isinstance(value, dict) else value


def _program(imports: Any, setup: Any, body: Any, setup_once: bool) -> Program:
    steps = [tuple(Step(text, _NOWHERE, *rest) for text, _, *rest in p) for p in (setup, body)]
    return Program(tuple(Import(*one) for one in imports), steps[0], steps[1], setup_once)


def _inputs(values: Mapping[str, Any], random: Any) -> Inputs:
    given = {n: Recipe(*v) if isinstance(v, tuple) else _array(**v) for n, v in values.items()}
    if random is None:
        return Inputs(given)
    seed, batches, sizes = random
    named = {name: Sizes(*size) for name, size in sizes.items()}
    return Inputs(given, Randomness(seed, batches, named))


def _array(dtype: str, shape: tuple[int, ...], data: str) -> NDArray[Any]:
    return np.frombuffer(binascii.a2b_base64(data), dtype).reshape(shape).copy()
