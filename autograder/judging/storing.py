"""Storing answers: what a suite says of its cases, as the content of a file that stored.py reads."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from autograder.judging.small import plan_of
from autograder.judging.stored import ABOUT, NUMBERS, VERSION, inputs_digest
from autograder.judging.suite import Suite
from autograder.judging.traces import MistakeTraces, Trace
from autograder.typed import NDArray


def store(suite: Suite, *, more_cases: bool = True) -> bytes:
    """The answers of a suite as they are handed out, without the names of mistakes.

    `more_cases` tells whether the platform has cases that are not handed out.

    Raises AssignmentError if the reference or the known mistakes are at fault.
    """
    parts = _parts(suite)
    for part in parts.values():
        for mistake in part.data.get("mistakes", ()):
            mistake[0] = ""
    return _npz("", parts, more_cases=more_cases)


def store_mistakes(suite: Suite) -> bytes:
    """The answers, with what the known mistakes do by name: for staff's eyes, and to spare the grader
    the time of working it all out for every submission, as long as the suite is the same.
    """
    return _npz(suite.digest, _parts(suite))


def store_part(suite: Suite, name: str) -> bytes:
    """One part of them, as the content of a file of its own."""
    return _npz(suite.digest, {name: _MAKERS[name](suite)})


def _parts(suite: Suite) -> dict[str, _Part]:
    hints = any(case.hints for case in suite.assignment.cases)  # else nobody is to read them
    names = ["cases", "small", *(["mistakes", "pairs"] if hints else [])]
    return {name: _MAKERS[name](suite) for name in names}


class _Part:
    """A part that is being written: plain data, and all of its numbers, one after another."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self._parts: list[NDArray[np.float64]] = []
        self._length = 0
        self._known: dict[bytes, int] = {}  # mistakes have many results in common

    def add(self, array: NDArray[np.float64]) -> list[Any]:
        return [self.place(array), list(array.shape)]

    def place(self, array: NDArray[np.float64]) -> int:
        flat = np.asarray(array, dtype=np.float64).reshape(-1)
        start = self._known.setdefault(flat.tobytes(), self._length)
        if start == self._length:
            self._parts.append(flat)
            self._length += flat.size
        return start

    def add_all(self, arrays: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
        return {name: self.add(array) for name, array in arrays.items()}

    def joined(self) -> NDArray[np.float64]:
        return np.concatenate([np.empty(0), *self._parts]).astype("<f8")


def _cases(suite: Suite) -> _Part:
    part = _Part()
    for case in suite.assignment.cases:
        part.data[case.name] = {
            "inputs": inputs_digest(suite.batches(case)),
            "expected": [part.add_all(batch) for batch in suite.expected(case)],
            "steps": {
                result: list(part.add_all(steps).items())
                for result, steps in suite.steps(case).items()
            },
        }
    return part


def _small(suite: Suite) -> _Part:
    """Small inputs are tried for visible cases only, and kept as what they are drawn from."""
    part = _Part()
    for case in suite.assignment.cases:
        if case.inputs.random is not None and case.visibility == "visible":
            part.data[case.name] = [
                [plan_of(small.inputs), [part.add_all(batch) for batch in small.expected]]
                for small in suite.small(case)
            ]
    return part


def _mistakes(mistakes: Sequence[MistakeTraces]) -> _Part:
    part = _Part()
    keys: dict[tuple[str, str], int] = {}
    forms: dict[str, int] = {}
    table: list[tuple[int, int]] = []  # of all traces: the form, and where the numbers start
    told = []
    for name, hint, wrong in mistakes:
        places = []
        for key, traces in wrong.items():
            places.append([keys.setdefault(key, len(keys)), len(table), len(traces)])
            table += [(_form(trace, forms), part.place(trace.numbers)) for trace in traces]
        told.append([name, hint, places])
    part.data = {
        "keys": list(keys),
        "forms": [json.loads(form) for form in forms],
        "mistakes": told,
        "traces": part.add(np.array(table, dtype=np.float64).reshape(-1, 2)),
    }
    return part


def _checks(suite: Suite) -> set[str]:
    return {check for case in suite.assignment.cases for check in case.points}


def _form(trace: Trace, forms: dict[str, int]) -> int:
    """The number of all of a trace but the numbers themselves."""
    outcome, shape, numbers, error, cause = trace
    form = json.dumps([outcome, list(shape), list(numbers.shape), error, cause])
    return forms.setdefault(form, len(forms))


_MAKERS: Final[dict[str, Callable[[Suite], _Part]]] = {
    "cases": _cases,
    "small": _small,
    "mistakes": lambda suite: _mistakes(suite.mistakes(_checks(suite))),
    "pairs": lambda suite: _mistakes(suite.pairs(_checks(suite))),
}


def _npz(suite: str, parts: Mapping[str, _Part], *, more_cases: bool = False) -> bytes:
    about = {"version": VERSION, "suite": suite, "more_cases": more_cases}
    arrays: dict[str, Any] = {ABOUT: _as_bytes(about)}
    for name, part in parts.items():
        arrays[name] = _as_bytes(part.data)
        arrays[name + NUMBERS] = part.joined()
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # not compressed: the zips that it goes into are
    return buffer.getvalue()


def _as_bytes(data: Any) -> NDArray[Any]:
    return np.frombuffer(json.dumps(data).encode(), dtype=np.uint8)
