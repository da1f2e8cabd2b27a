"""Stored answers: reading what the reference says of the cases, in a file that takes its place.

The file is numpy's own `.npz`, in parts, each read only once it is asked for. A part has two arrays:
JSON as bytes, and under its name with `.numbers` all of its numbers one after another, of which the
JSON names pieces by start and shape; and if there are traces, a table of these. No pickles, which
would run code on loading, and one format that every supported numpy reads and writes alike. A handout's
file holds results of the cases given and hints, but no solution, right or wrong.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar, overload

import numpy as np

from autograder.errors import AssignmentError, Fault, Place
from autograder.judging.answers import MistakeTraces, Part, Steps
from autograder.judging.evidence import Expected
from autograder.judging.small import Small, drawn_small
from autograder.judging.traces import Trace
from autograder.model import Assignment, Batch, TestCase

T = TypeVar("T")

VERSION: Final = 5
ABOUT: Final = "about"
NUMBERS: Final = ".numbers"
TRACES: Final = ".traces"


class Stored:
    """Parts of answers that were stored. Raises some exception or other if the content is damaged."""

    def __init__(self, content: bytes) -> None:
        self._arrays = np.load(io.BytesIO(content), allow_pickle=False)
        about = json.loads(self._arrays[ABOUT].tobytes())
        if about["version"] != VERSION:
            raise ValueError(f"version {about['version']}")
        self.suite: str = about["suite"]  # the digest of the suite that they belong to
        self.more_cases: bool = about["more_cases"]  # on the platform than in a handout

    def part(self, name: str) -> Part | None:
        """A part, if it is there."""
        if name not in self._arrays.files:
            return None
        data = json.loads(self._arrays[name].tobytes())
        traces = self._arrays[name + TRACES] if name + TRACES in self._arrays.files else None
        return Part(data, self._arrays[name + NUMBERS], traces)


class StoredAnswers:
    """Answers read from the file beside the cases. Raises AssignmentError if it cannot be read."""

    def __init__(self, assignment: Assignment) -> None:
        self._path = assignment.answers_path
        self._stored = self._read(lambda: Stored(self._path.read_bytes()))
        self._expected: Part | None = None

    @property
    def suite(self) -> str:
        """The digest of the suite that they belong to; empty for a handout."""
        return self._stored.suite

    @property
    def more_cases(self) -> bool:
        """Whether the platform has cases that were not handed out."""
        return self._stored.more_cases

    def part(self, name: str) -> Part | None:
        """A part of the file, if it is there."""
        return self._read(lambda: self._stored.part(name))

    def expected(self, case: TestCase, batches: Sequence[Batch]) -> list[Expected]:
        stored = self._cases.data.get(case.name)
        if stored is None or stored["inputs"] != inputs_digest(batches):
            raise self._fault(f"has no answers for the case `{case.name}` as it is now")
        expected = [self._cases.arrays(batch) for batch in stored["expected"]]
        if any(set(case.observed) - set(values) for values in expected):
            raise self._fault(f"lacks answers for the case `{case.name}` as it is now")
        return expected

    def expected_of_small(
        self, case: TestCase, small: Sequence[Small]
    ) -> list[list[Expected] | None]:
        del case
        return [None] * len(small)  # which are stored with the inputs themselves

    def steps(self, case: TestCase, batches: Sequence[Batch]) -> Steps:
        del batches
        steps = self._cases.data[case.name]["steps"]
        return {result: self._cases.arrays(dict(named)) for result, named in steps.items()}

    @property
    def _cases(self) -> Part:
        if self._expected is None:
            self._expected = self.part("cases") or Part({}, np.empty(0))
        return self._expected

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except Exception as error:  # of zipfile, zlib, json and numpy
            raise self._fault(f"cannot be read ({error})") from error

    def _fault(self, what: str) -> AssignmentError:
        message = f"{what}; take testcases/ again from the zip that it came in"
        return AssignmentError([Fault(Place(self._path), message)])


class Lazy(Sequence[T]):
    """A sequence whose items are made once they are asked for."""

    def __init__(self, count: int, make: Callable[[int], T]) -> None:
        self._count = count
        self._make = make
        self._made: dict[int, T] = {}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        places = range(self._count)[index]
        if isinstance(places, range):
            return [self[place] for place in places]
        if places not in self._made:
            self._made[places] = self._make(places)
        return self._made[places]


class _Wrong(Mapping[tuple[str, str], Sequence[Trace]]):
    """The traces of a mistake by case and check, each made once it is asked for."""

    def __init__(
        self, places: dict[tuple[str, str], tuple[int, int]], trace: Callable[[int], Trace]
    ) -> None:
        self._places = places
        self._trace = trace
        self._made: dict[tuple[str, str], list[Trace]] = {}

    def __getitem__(self, key: tuple[str, str]) -> list[Trace]:
        if key not in self._made:
            first, count = self._places[key]
            self._made[key] = [self._trace(n) for n in range(first, first + count)]
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def read_mistakes(part: Part) -> list[MistakeTraces]:
    """What known mistakes do, from the part that has it."""
    keys = [(case, check) for case, check in part.data["keys"]]
    forms = part.data["forms"]
    table = part.traces if part.traces is not None else np.empty((0, 2), np.int64)

    def trace(number: int) -> Trace:
        form, start = table[number].tolist()
        outcome, shape, numbers, error, cause = forms[form]
        return Trace(outcome, tuple(shape), part.array((start, numbers)), error, cause)

    return [
        MistakeTraces(
            name, hint, _Wrong({keys[key]: (first, count) for key, first, count in wrong}, trace)
        )
        for name, hint, wrong in part.data["mistakes"]
    ]


def read_small(
    part: Part, case: TestCase
) -> tuple[Sequence[Small], Sequence[list[Expected] | None]] | None:
    """The small inputs of a case, and what is expected for them, from the part that has them."""
    if case.name not in part.data:
        return None
    plans, pieces = part.data[case.name]["plans"], part.data[case.name]["expected"]

    def expected(number: int) -> list[Expected] | None:
        stored = pieces[number]
        return None if stored is None else [part.arrays(batch) for batch in stored]

    small = Lazy(len(plans), lambda number: drawn_small(case, plans[number]))
    return small, Lazy(len(pieces), expected)


def inputs_digest(batches: Sequence[Batch]) -> str:
    """A digest of a case's inputs, by which answers are known to belong to them."""
    digest = hashlib.sha256()
    for batch in batches:
        for name, array in batch.inputs.items():
            digest.update(f"{name} {array.dtype.str} {array.shape}\0".encode() + array.tobytes())
    return digest.hexdigest()
