"""Storing answers: what a suite says of its cases, as the content of a file that stored.py reads."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.judging.stored import VERSION, inputs_digest
from autograder.judging.suite import Suite
from autograder.judging.traces import Trace
from autograder.model import TestCase
from autograder.typed import NDArray


def store(suite: Suite) -> bytes:
    """The answers of a suite, as the content of a file.

    Raises AssignmentError if the reference or the known mistakes are at fault.
    """
    numbers = _Numbers()
    cases = {}
    for case in suite.assignment.cases:
        cases[case.name] = {
            "inputs": inputs_digest(suite.batches(case)),
            "expected": [numbers.add_all(batch) for batch in suite.expected(case)],
            "small": _pieces_of_small(suite, case, numbers),
            "steps": {
                result: list(numbers.add_all(steps).items())
                for result, steps in suite.steps(case).items()
            },
        }
    mistakes: dict[str, Any] = {"mistakes": [], "pairs": []}
    if any(case.hints for case in suite.assignment.cases):  # else nobody is to read them
        mistakes = _pieces_of_mistakes(suite, numbers, named=False)
    index = {"version": VERSION, "cases": cases, **mistakes}
    return _npz(index, numbers)


def store_mistakes(suite: Suite) -> bytes:
    """What the known mistakes do in the cases, by name: for staff's eyes, and to spare the grader the
    time of running them for every submission.
    """
    numbers = _Numbers()
    mistakes = _pieces_of_mistakes(suite, numbers, named=True)
    index = {"version": VERSION, "suite": suite.digest, **mistakes}
    return _npz(index, numbers)


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


def _pieces_of_small(suite: Suite, case: TestCase, numbers: _Numbers) -> list[Any]:
    return [
        one and [numbers.add_all(batch) for batch in one] for one in suite.expected_of_small(case)
    ]


def _pieces_of_mistakes(suite: Suite, numbers: _Numbers, *, named: bool) -> dict[str, Any]:
    checks = {check for case in suite.assignment.cases for check in case.points}
    known = {"mistakes": suite.mistakes(checks), "pairs": suite.pairs(checks)}
    return {
        which: [
            {
                "name": mistake.name if named else "",
                "hint": mistake.hint,
                "wrong": [
                    [case, check, [_pieces(trace, numbers) for trace in traces]]
                    for (case, check), traces in mistake.wrong.items()
                ],
            }
            for mistake in mistakes
        ]
        for which, mistakes in known.items()
    }


def _pieces(trace: Trace, numbers: _Numbers) -> list[Any]:
    outcome, shape, values, error, cause = trace
    return [outcome, shape, numbers.add(values), error, cause]


def _npz(index: dict[str, Any], numbers: _Numbers) -> bytes:
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(index).encode(), dtype=np.uint8)
    np.savez_compressed(buffer, index=text, numbers=numbers.joined())
    return buffer.getvalue()
