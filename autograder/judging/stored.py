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
import math
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.errors import AssignmentError, Fault, Place
from autograder.formats.assignment import digest_of
from autograder.hints.smallest import small_inputs
from autograder.judging.answers import MistakeTraces, Reference
from autograder.judging.traces import Trace

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from autograder.formats.draws import Batch, Inputs
    from autograder.judging.answers import Expected, Steps
    from autograder.model import Assignment, TestCase

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
    mistakes: list[dict[str, Any]] = []
    if any(case.hints for case in assignment.cases):  # else nobody is to read them
        mistakes = _pieces_of_mistakes(oracle, assignment, numbers, named=False)
    index = {"version": _VERSION, "cases": cases, "mistakes": mistakes}
    return _npz(index, numbers)


def freeze_mistakes(assignment: Assignment) -> bytes:
    """What the known mistakes do in the cases, by name: for staff's eyes, and to spare the grader the
    time of running them for every submission.
    """
    numbers = _Numbers()
    mistakes = _pieces_of_mistakes(Reference(assignment), assignment, numbers, named=True)
    index = {"version": _VERSION, "suite": digest_of(assignment), "mistakes": mistakes}
    return _npz(index, numbers)


def frozen_mistakes(assignment: Assignment) -> list[MistakeTraces] | None:
    """What `freeze_mistakes` put beside the cases; None where nothing is there that fits them."""
    if not assignment.answers_path.is_file():
        return None
    answers = _Answers(assignment.answers_path)
    return answers.mistakes() if answers.index.get("suite") == digest_of(assignment) else None


class FrozenOracle:
    """An oracle that reads its answers from a file. Raises AssignmentError where it cannot."""

    def __init__(self, assignment: Assignment) -> None:
        self._answers = _Answers(assignment.answers_path)
        self._cases = self._answers.index.get("cases", {})

    def expected_of_all(self, drawn: Mapping[str, list[Batch]]) -> dict[str, Expected]:
        for name, batches in drawn.items():
            if name not in self._cases or self._cases[name]["inputs"] != _digest(batches):
                raise self._answers.fault(f"has no answers for the case `{name}` as it stands")
        read = self._answers.arrays
        return {name: [read(batch) for batch in self._cases[name]["expected"]] for name in drawn}

    def expected_of_small(self, case: TestCase, small: Sequence[Inputs]) -> list[Expected | None]:
        del small  # they follow from the case, the inputs of which have been compared
        read = self._answers.arrays
        return [one and [read(batch) for batch in one] for one in self._cases[case.name]["small"]]

    def steps(self, case: TestCase, batches: list[Batch]) -> Steps:
        del batches
        steps = self._cases[case.name]["steps"]
        return {method: self._answers.arrays(dict(named)) for method, named in steps.items()}

    def mistakes(self, checks: Collection[str]) -> list[MistakeTraces]:
        return [
            mistake
            for mistake in self._answers.mistakes()
            if any(check in checks for _, check in mistake.wrong)
        ]


class _Answers:
    """A file of answers. Raises AssignmentError where it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                self.index = json.loads(arrays["index"].tobytes())
                self._numbers = arrays["numbers"]
            if self.index["version"] != _VERSION:
                raise ValueError(f"version {self.index['version']}")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise self.fault(f"cannot be read ({error})") from error

    def mistakes(self) -> list[MistakeTraces]:
        return [
            MistakeTraces(
                mistake["name"],
                mistake["hint"],
                {
                    (case, check): [
                        Trace(outcome, tuple(shape), self.array(numbers), error, cause)
                        for outcome, shape, numbers, error, cause in traces
                    ]
                    for case, check, traces in mistake["wrong"]
                },
            )
            for mistake in self.index["mistakes"]
        ]

    def array(self, piece: list[Any]) -> NDArray[np.float64]:
        start, shape = piece
        return np.array(self._numbers[start : start + math.prod(shape)]).reshape(shape)

    def arrays(self, pieces: Mapping[str, list[Any]]) -> dict[str, NDArray[np.float64]]:
        return {name: self.array(piece) for name, piece in pieces.items()}

    def fault(self, what: str) -> AssignmentError:
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


def _pieces_of_mistakes(
    oracle: Reference, assignment: Assignment, numbers: _Numbers, *, named: bool
) -> list[dict[str, Any]]:
    checks = {check for case in assignment.cases for check in case.points}
    return [
        {
            "name": mistake.name if named else "",
            "hint": mistake.hint,
            "wrong": [
                [case, check, [_pieces(trace, numbers) for trace in traces]]
                for (case, check), traces in mistake.wrong.items()
            ],
        }
        for mistake in oracle.mistakes(checks)
    ]


def _pieces(trace: Trace, numbers: _Numbers) -> list[Any]:
    outcome, shape, values, error, cause = trace
    return [outcome, shape, numbers.add(values), error, cause]


def _npz(index: dict[str, Any], numbers: _Numbers) -> bytes:
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(index).encode(), dtype=np.uint8)
    np.savez_compressed(buffer, index=text, numbers=numbers.joined())
    return buffer.getvalue()


def _digest(batches: Sequence[Batch]) -> str:
    """A digest of a case's inputs, by which answers are known to belong to them."""
    digest = hashlib.sha256()
    for batch in batches:
        for name, array in batch.items():
            digest.update(f"{name} {array.dtype.str} {array.shape}\0".encode() + array.tobytes())
    return digest.hexdigest()
