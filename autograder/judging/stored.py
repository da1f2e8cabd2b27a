"""Stored answers: reading what the reference says of the cases, in a file that takes its place.

The file has parts, each of which is read only once it is asked for. Its first line is JSON that says
how long they are; then comes each part: JSON, and all of its numbers one after another, of which the
JSON names pieces by start and shape. No pickles, which would run code on loading. A handout's file
holds results of the cases given and hints, but no solution, right or wrong.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, TypeVar

import numpy as np

from autograder import errors, model, steps
from autograder.errors import AssignmentError, Fault, Place
from autograder.judging.evidence import Expected, Steps
from autograder.model import ANSWERS, Assignment, Batch, TestCase
from autograder.typed import NDArray

T = TypeVar("T")

VERSION: Final = 7
NUMBER: Final = "<f8"  # as which all numbers are stored
_KINDS: Final = {  # of tuples in an assignment
    kind.__name__: kind
    for module in (model, steps, errors)
    for kind in vars(module).values()
    if hasattr(kind, "_fields")
}


class Part(NamedTuple):
    """A part of stored answers: plain data, with numbers that it names by start and shape."""

    data: Any
    numbers: NDArray[np.float64]

    def array(self, piece: Sequence[Any]) -> NDArray[np.float64]:
        """One of its arrays, which is not to be written to."""
        start, shape = piece
        return self.numbers[start : start + math.prod(shape)].reshape(shape)

    def arrays(self, pieces: Mapping[str, Sequence[Any]]) -> dict[str, NDArray[np.float64]]:
        """Some of its arrays by name."""
        return {name: self.array(piece) for name, piece in pieces.items()}


class Stored:
    """Parts of answers in a file. Raises some exception or other if the file is damaged."""

    def __init__(self, open_file: Callable[[], BinaryIO]) -> None:
        self._open = open_file
        with open_file() as file:
            self._first_line = file.readline()
            length = file.seek(0, os.SEEK_END)
        about = json.loads(self._first_line)
        if about["version"] != VERSION:
            raise ValueError(f"version {about['version']}")
        self.suite: str = about["suite"]  # the digest of that which they belong to; "" in a handout
        self.more_cases: bool = about["more_cases"]  # on the platform than in a handout
        # The lengths of the JSON and of the numbers, and a checksum.
        self._parts: dict[str, tuple[int, int, int]] = about["parts"]
        if length != len(self._first_line) + sum(sum(part[:2]) for part in self._parts.values()):
            raise ValueError("it is not whole")

    def part(self, name: str) -> Part | None:
        """A part, if it is there."""
        if name not in self._parts:
            return None
        names = list(self._parts)
        before = sum(sum(self._parts[other][:2]) for other in names[: names.index(name)])
        *sizes, check = self._parts[name]
        with self._open() as file:
            if file.readline() != self._first_line:
                raise ValueError("it has changed")
            file.seek(before, os.SEEK_CUR)
            data, numbers = map(file.read, sizes)
        if checksum(data, numbers) != check:
            raise ValueError("it is damaged")
        return Part(json.loads(data), np.frombuffer(numbers, NUMBER))


def checksum(data: bytes, numbers: bytes) -> int:
    """Tells whether a part is as it was written, but not who wrote it."""
    return zlib.crc32(numbers, zlib.crc32(data))


def stored_assignment(folder: Path) -> Assignment | None:
    """The assignment as it was read when its answers were stored; None if its files have changed."""
    from autograder.digest import digest_of_suite

    with contextlib.suppress(Exception):  # there is nothing stored, or it is damaged
        stored = Stored(lambda: (folder / ANSWERS).open("rb"))
        part = stored.part("settings") if stored.suite == digest_of_suite(folder) else None
        if part is not None:
            found: Assignment = _made(part.data["assignment"], cache(folder.joinpath))
            return found
    return None


class StoredAnswers:
    """Answers read from the file beside the cases. Raises AssignmentError if it cannot be read."""

    def __init__(self, assignment: Assignment) -> None:
        self._path = assignment.answers_path
        self._stored = self._read(lambda: Stored(lambda: self._path.open("rb")))
        self.suite = self._stored.suite
        self.more_cases = self._stored.more_cases

    def part(self, name: str) -> Part | None:
        """A part of the file, if it is there."""
        return self._read(lambda: self._stored.part(name))

    def expected(self, case: TestCase, batches: Sequence[Batch]) -> list[Expected]:
        """What every observed result must be, by batch. Raises AssignmentError if it is not there."""
        stored = self._cases.data.get(case.name)
        if stored is None or stored["inputs"] != inputs_digest(batches):
            raise self._fault(f"has no answers for the case `{case.name}` as it is now")
        expected = [self._cases.arrays(batch) for batch in stored["expected"]]
        if any(set(case.observed) - set(values) for values in expected):
            raise self._fault(f"lacks answers for the case `{case.name}` as it is now")
        return expected

    def small(self, _case: TestCase) -> list[Any]:
        """Nothing: stored small inputs are in a part of their own, see `read_small`."""
        return []

    def steps(self, case: TestCase, _batches: Sequence[Batch]) -> Steps:
        """The steps to the results of the case's last batch; empty if none are known."""
        steps = self._cases.data[case.name]["steps"]
        return {result: self._cases.arrays(named) for result, named in steps.items()}

    @cached_property
    def _cases(self) -> Part:
        return self.part("cases") or Part({}, np.empty(0))

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except Exception as error:
            raise self._fault(f"cannot be read ({error})") from error

    def _fault(self, what: str) -> AssignmentError:
        message = f"{what}; take testcases/ again from the zip that it came in"
        return AssignmentError([Fault(Place(self._path), message)])


def _made(value: Any, path: Callable[[str], Path]) -> Any:
    """What `storing` has made plain."""
    if isinstance(value, dict):
        return {name: _made(one, path) for name, one in value.items()}
    if not isinstance(value, list):
        return value
    kind, *fields = value
    if kind == "path":
        return path(fields[0])
    if kind == "array":
        return np.frombuffer(bytes.fromhex(fields[2]), fields[0]).reshape(fields[1]).copy()
    made = [_made(field, path) for field in fields]
    return tuple(made) if kind == "tuple" else _KINDS[kind](*made)


def inputs_digest(batches: Sequence[Batch]) -> str:
    """A digest of a case's inputs, by which answers are known to belong to them."""
    digest = hashlib.sha256()
    for batch in batches:
        for name, array in batch.inputs.items():
            digest.update(f"{name} {array.dtype.str} {array.shape}\0".encode() + array.tobytes())
    return digest.hexdigest()
