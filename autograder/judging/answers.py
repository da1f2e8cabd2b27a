"""Answers: what is right, from the reference or from a file; and how known mistakes are wrong.

They are asked for only once the student's process is gone. An assignment that is handed out has no
reference; its answers were stored, and are read from a file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from autograder.judging.evidence import Expected
from autograder.judging.traces import Trace
from autograder.model import Batch, Inputs, TestCase
from autograder.typed import NDArray

# By result, the named intermediate results on the way to it, in order.
Steps: TypeAlias = dict[str, dict[str, NDArray[np.float64]]]


class Part(NamedTuple):
    """A part of stored answers: plain data, with numbers that it names by start and shape."""

    data: Any
    numbers: NDArray[np.float64]
    traces: NDArray[np.int64] | None = None

    def array(self, piece: Sequence[Any]) -> NDArray[np.float64]:
        """One of its arrays, as a copy."""
        start, shape = piece
        return np.array(self.numbers[start : start + math.prod(shape)]).reshape(shape)

    def arrays(self, pieces: Mapping[str, Sequence[Any]]) -> dict[str, NDArray[np.float64]]:
        """Some of its arrays by name."""
        return {name: self.array(piece) for name, piece in pieces.items()}


class MistakeTraces(NamedTuple):
    """What a known mistake does: by case and check a trace of every batch, where it is wrong."""

    name: str
    hint: str
    wrong: Mapping[tuple[str, str], Sequence[Trace]]


class Answers(Protocol):
    """Answers for the cases of one assignment."""

    def expected(self, case: TestCase, batches: Sequence[Batch]) -> list[Expected]:
        """What every observed result of a case must be, by batch. Raises AssignmentError."""
        ...

    def expected_of_small(
        self, case: TestCase, small: Sequence[tuple[Inputs, list[Batch]]]
    ) -> list[list[Expected] | None]:
        """Likewise for small inputs of a random case; None for those that the reference cannot do."""
        ...

    def steps(self, case: TestCase, batches: Sequence[Batch]) -> Steps:
        """The steps to the results of a case's last batch; empty if none are known."""
        ...

    def part(self, name: str) -> Part | None:
        """What was stored under a name, if anything was."""
        ...
