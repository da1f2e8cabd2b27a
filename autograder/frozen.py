"""Frozen answers: what an oracle says of an assignment's cases, in a file that takes its place.

The file is numpy's own `.npz` with two arrays: `index`, JSON as bytes, and `numbers`, all numbers one
after another, of which the index names pieces by start and shape. No pickles, which would run code on
loading, and one format that every supported numpy reads and writes alike. It holds results of the
cases given and hints, but no solution, right or wrong.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.errors import AssignmentError, Fault, Place
from autograder.hints.smallest import small_inputs
from autograder.hints.trace import Trace
from autograder.oracle import MistakeTraces, Reference

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from autograder.formats.draws import Batch, Inputs
    from autograder.formats.model import Assignment, TestCase
    from autograder.oracle import Expected, Steps

_VERSION = 1


def freeze(assignment: Assignment) -> bytes:
    """The answers of an assignment's reference to its cases, as the content of a file.

    Raises AssignmentError where the reference or the known mistakes are at fault.
    """
    oracle = Reference(assignment)
    drawn = {case.name: case.inputs.draw() for case in assignment.cases}
    expected = oracle.expected_of_all(drawn)
    numbers = _Numbers()
    cases = {}
    for case in assignment.cases:
        small = oracle.expected_of_small(case, small_inputs(case))
        cases[case.name] = {
            "inputs": _digest(drawn[case.name]),
            "expected": [numbers.add_all(batch) for batch in expected[case.name]],
            "small": [one and [numbers.add_all(batch) for batch in one] for one in small],
            "steps": {
                method: list(numbers.add_all(steps).items())
                for method, steps in oracle.steps(case, drawn[case.name]).items()
            },
        }
    checks = {check for case in assignment.cases for check in case.points}
    mistakes = [
        {
            "hint": mistake.hint,
            "wrong": [
                [
                    case,
                    check,
                    [[*trace._replace(numbers=numbers.add(trace.numbers))] for trace in traces],
                ]
                for (case, check), traces in mistake.wrong.items()
            ],
        }
        for mistake in oracle.mistakes(checks)
        if mistake.wrong
    ]
    index = {"version": _VERSION, "cases": cases, "mistakes": mistakes}
    return _npz(index=json.dumps(index).encode(), numbers=numbers.joined())


class FrozenOracle:
    """An oracle that reads its answers from a file. Raises AssignmentError where it cannot."""

    def __init__(self, assignment: Assignment) -> None:
        self._path = assignment.answers_path
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                self._index = json.loads(arrays["index"].tobytes())
                self._numbers = arrays["numbers"]
            if self._index["version"] != _VERSION:
                raise ValueError(f"version {self._index['version']}")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise self._fault(f"cannot be read ({error})") from error

    def expected_of_all(self, drawn: Mapping[str, list[Batch]]) -> dict[str, Expected]:
        cases = self._index["cases"]
        for name, batches in drawn.items():
            if name not in cases or cases[name]["inputs"] != _digest(batches):
                raise self._fault(f"has no answers for the case `{name}` as it stands")
        return {name: [self._all(b) for b in cases[name]["expected"]] for name in drawn}

    def expected_of_small(self, case: TestCase, small: Sequence[Inputs]) -> list[Expected | None]:
        del small  # they follow from the case, the inputs of which have been compared
        answers = self._index["cases"][case.name]["small"]
        return [one and [self._all(batch) for batch in one] for one in answers]

    def steps(self, case: TestCase, batches: list[Batch]) -> Steps:
        del batches
        steps = self._index["cases"][case.name]["steps"]
        return {method: self._all(dict(named)) for method, named in steps.items()}

    def mistakes(self, checks: Collection[str]) -> list[MistakeTraces]:
        return [
            MistakeTraces(
                "",
                mistake["hint"],
                {
                    (case, check): [
                        Trace(outcome, tuple(shape), self._array(numbers), error, cause)
                        for outcome, shape, numbers, error, cause in traces
                    ]
                    for case, check, traces in mistake["wrong"]
                },
            )
            for mistake in self._index["mistakes"]
            if any(check in checks for _, check, _ in mistake["wrong"])
        ]

    def _array(self, piece: list[Any]) -> NDArray[np.float64]:
        start, shape = piece
        size = int(np.prod(shape, dtype=np.int64))
        return np.array(self._numbers[start : start + size]).reshape(shape)

    def _all(self, pieces: Mapping[str, list[Any]]) -> dict[str, NDArray[np.float64]]:
        return {name: self._array(piece) for name, piece in pieces.items()}

    def _fault(self, what: str) -> AssignmentError:
        message = f"{what}; take testcases/ anew from the zip that it came in"
        return AssignmentError([Fault(Place(self._path), message)])


class _Numbers:
    """All numbers of a file, one after another."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.float64]] = []
        self._length = 0
        self._known: dict[bytes, int] = {}  # mistakes have many results in common

    def add(self, array: NDArray[np.float64]) -> Any:
        flat = np.asarray(array, dtype=np.float64).reshape(-1)
        start = self._known.setdefault(flat.tobytes(), self._length)
        if start == self._length:
            self._parts.append(flat)
            self._length += flat.size
        return [start, list(array.shape)]

    def add_all(self, arrays: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
        return {name: self.add(array) for name, array in arrays.items()}

    def joined(self) -> NDArray[np.float64]:
        return np.concatenate([np.empty(0), *self._parts]).astype("<f8")


def _pieces(trace: Trace, numbers: _Numbers) -> list[Any]:
    outcome, shape, values, error, cause = trace
    return [outcome, shape, numbers.add(values), error, cause]


def _npz(*, index: bytes, numbers: NDArray[np.float64]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, index=np.frombuffer(index, dtype=np.uint8), numbers=numbers)
    return buffer.getvalue()


def _digest(batches: Sequence[Batch]) -> str:
    """A digest of a case's inputs, by which answers are known to belong to them."""
    digest = hashlib.sha256()
    for batch in batches:
        for name, array in batch.items():
            digest.update(f"{name} {array.dtype.str} {array.shape}\0".encode() + array.tobytes())
    return digest.hexdigest()
