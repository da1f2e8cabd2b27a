"""Storing answers: what a suite says of its cases, as the content of a file that stored.py reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.judging.small import plan_of
from autograder.judging.stored import NUMBER, VERSION, checksum, inputs_digest
from autograder.judging.suite import Suite
from autograder.judging.traces import MistakeTraces
from autograder.typed import NDArray


def store(suite: Suite, *, more_cases: bool = True) -> bytes:
    """The answers of a suite as they are handed out, without the names of mistakes.

    `more_cases` tells whether the platform has cases that are not handed out.

    Raises AssignmentError if the reference or the known mistakes are at fault.
    """
    parts = _parts(suite)
    for name in {"mistakes", "pairs"} & parts.keys():
        for mistake in parts[name].data["mistakes"]:
            mistake[0] = ""
    return _content("", parts, more_cases=more_cases)


def store_mistakes(suite: Suite) -> bytes:
    """The answers, with what the known mistakes do by name, for staff's eyes, and the assignment as it
    was read: to spare the grader the time of all this, as long as the suite is the same.
    """
    parts, settings = _parts(suite), _Part()
    settings.data = {"assignment": _plain(suite.assignment, suite.assignment.folder)}
    return _content(suite.digest, {"settings": settings, **parts})


def store_part(suite: Suite, name: str) -> bytes:
    """One part of them, as the content of a file of its own."""
    return _content(suite.digest, {name: _part(suite, name)})


def _parts(suite: Suite) -> dict[str, _Part]:
    hints = any(case.hints for case in suite.assignment.cases)  # else nobody is to read them
    names = ["cases", "small", *(["mistakes", "pairs"] if hints else [])]
    return {name: _part(suite, name) for name in names}


def _part(suite: Suite, name: str) -> _Part:
    if name == "cases":
        return _cases(suite)
    if name == "small":
        return _small(suite)
    return _mistakes(suite.mistakes if name == "mistakes" else suite.pairs)


class _Part:
    """A part that is being written: plain data, and all of its numbers, one after another."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.numbers: dict[bytes, int] = {}  # arrays by start; mistakes have many results in common
        self._length = 0

    def add(self, array: NDArray[np.float64]) -> list[Any]:
        return [self.place(array), list(array.shape)]

    def place(self, array: NDArray[np.float64]) -> int:
        start = self.numbers.setdefault(array.astype(NUMBER).tobytes(), self._length)
        if start == self._length:
            self._length += array.size
        return start

    def add_all(self, arrays: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
        return {name: self.add(array) for name, array in arrays.items()}


def _cases(suite: Suite) -> _Part:
    part = _Part()
    for case in suite.assignment.cases:
        part.data[case.name] = {
            "inputs": inputs_digest(suite.batches(case)),
            "expected": [part.add_all(batch) for batch in suite.expected(case)],
            "steps": {name: part.add_all(steps) for name, steps in suite.steps(case).items()},
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
    forms: dict[tuple[Any, ...], int] = {}  # of traces: all but the numbers themselves
    table: list[tuple[int, int]] = []  # of all traces: the form, and where the numbers start
    told = []
    for name, hint, wrong in mistakes:
        places = []
        for key, traces in wrong.items():
            places.append([keys.setdefault(key, len(keys)), len(table), len(traces)])
            for outcome, shape, numbers, error, cause in traces:
                form = (outcome, shape, numbers.shape, error, cause)
                table.append((forms.setdefault(form, len(forms)), part.place(numbers)))
        told.append([name, hint, places])
    part.data = {
        "keys": list(keys),
        "forms": list(forms),
        "mistakes": told,
        "traces": part.add(np.array(table, dtype=np.float64).reshape(-1, 2)),
    }
    return part


def _plain(value: Any, folder: Path) -> Any:
    """Settings as `stored.made` reads them: before the fields of each tuple stands its kind."""
    if isinstance(value, tuple):
        return [type(value).__name__, *(_plain(field, folder) for field in value)]
    if isinstance(value, Mapping):
        return {name: _plain(one, folder) for name, one in value.items()}
    if isinstance(value, np.ndarray):
        return ["array", value.dtype.str, value.shape, value.tobytes().hex()]
    return ["path", value.relative_to(folder).as_posix()] if isinstance(value, Path) else value


def _content(suite: str, parts: Mapping[str, _Part], *, more_cases: bool = False) -> bytes:
    found = {n: (json.dumps(p.data).encode(), b"".join(p.numbers)) for n, p in parts.items()}
    about = {
        "version": VERSION,
        "suite": suite,
        "more_cases": more_cases,
        "parts": {name: [*map(len, both), checksum(*both)] for name, both in found.items()},
    }
    return b"".join(
        [json.dumps(about).encode(), b"\n", *(b for both in found.values() for b in both)]
    )
