"""Stored answers: reading what the reference says of the cases, in a file that takes its place.

The file is numpy's own `.npz` with two arrays: `index`, JSON as bytes, and `numbers`, all numbers one
after another, of which the index names pieces by start and shape. No pickles, which would run code on
loading, and one format that every supported numpy reads and writes alike. It holds results of the
cases given and hints, but no solution, right or wrong.
"""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import AssignmentError, Fault, Place
from autograder.judging.answers import MistakeTraces, Steps
from autograder.judging.evidence import Expected
from autograder.judging.traces import Trace
from autograder.model import Assignment, Batch, Inputs, TestCase
from autograder.typed import NDArray

VERSION = 3


def stored_mistakes(
    assignment: Assignment, digest: str, which: str = "mistakes"
) -> list[MistakeTraces] | None:
    """What `store_mistakes` put beside the cases; None if nothing is there that fits them."""
    if assignment.is_frozen or not assignment.answers_path.is_file():
        return None
    answers = _File(assignment.answers_path)
    return answers.mistakes(which) if answers.index.get("suite") == digest else None


class StoredAnswers:
    """Answers read from a file. Raises AssignmentError if it cannot be read."""

    def __init__(self, assignment: Assignment) -> None:
        self._file = _File(assignment.answers_path)
        self._cases = self._file.index.get("cases", {})

    def expected(self, case: TestCase, batches: Sequence[Batch]) -> list[Expected]:
        stored = self._cases.get(case.name)
        if stored is None or stored["inputs"] != inputs_digest(batches):
            raise self._file.fault(f"has no answers for the case `{case.name}` as it is now")
        expected = [self._file.arrays(batch) for batch in stored["expected"]]
        if any(set(case.observed) - set(values) for values in expected):
            raise self._file.fault(f"lacks answers for the case `{case.name}` as it is now")
        return expected

    def expected_of_small(
        self, case: TestCase, small: Sequence[tuple[Inputs, list[Batch]]]
    ) -> list[list[Expected] | None]:
        del small  # they follow from the case, the inputs of which have been compared
        read = self._file.arrays
        return [one and [read(batch) for batch in one] for one in self._cases[case.name]["small"]]

    def steps(self, case: TestCase, batches: Sequence[Batch]) -> Steps:
        del batches
        steps = self._cases[case.name]["steps"]
        return {result: self._file.arrays(dict(named)) for result, named in steps.items()}

    def mistakes(self) -> list[MistakeTraces]:
        return self._file.mistakes("mistakes")

    def pairs(self) -> list[MistakeTraces]:
        return self._file.mistakes("pairs")


class _File:
    """A file of answers. Raises AssignmentError if it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                self.index = json.loads(arrays["index"].tobytes())
                self._numbers = arrays["numbers"]
            if self.index["version"] != VERSION:
                raise ValueError(f"version {self.index['version']}")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise self.fault(f"cannot be read ({error})") from error

    def mistakes(self, which: str) -> list[MistakeTraces]:
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
            for mistake in self.index[which]
        ]

    def array(self, piece: list[Any]) -> NDArray[np.float64]:
        start, shape = piece
        return np.array(self._numbers[start : start + math.prod(shape)]).reshape(shape)

    def arrays(self, pieces: Mapping[str, list[Any]]) -> dict[str, NDArray[np.float64]]:
        return {name: self.array(piece) for name, piece in pieces.items()}

    def fault(self, what: str) -> AssignmentError:
        message = f"{what}; take testcases/ again from the zip that it came in"
        return AssignmentError([Fault(Place(self._path), message)])


def inputs_digest(batches: Sequence[Batch]) -> str:
    """A digest of a case's inputs, by which answers are known to belong to them."""
    digest = hashlib.sha256()
    for batch in batches:
        for name, array in batch.inputs.items():
            digest.update(f"{name} {array.dtype.str} {array.shape}\0".encode() + array.tobytes())
    return digest.hexdigest()
