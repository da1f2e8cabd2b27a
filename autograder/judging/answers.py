"""Answers: what is right, and how known mistakes are wrong. From the reference, or from a file.

They are asked for only once the student's process is gone. An assignment that is handed out has no
reference; its answers were stored, and are read from a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np

from autograder.judging.evidence import Expected
from autograder.judging.traces import Trace
from autograder.model import Batch, Inputs, TestCase
from autograder.typed import NDArray

# By result, the named intermediate results on the way to it, in order.
Steps: TypeAlias = dict[str, dict[str, NDArray[np.float64]]]


class MistakeTraces(NamedTuple):
    """What a known mistake does: by case and check a trace of every batch, where it is wrong."""

    name: str
    hint: str
    wrong: dict[tuple[str, str], list[Trace]]


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

    def mistakes(self) -> list[MistakeTraces]:
        """What the known mistakes do, from simple to rare."""
        ...

    def pairs(self) -> list[MistakeTraces]:
        """What two of them at once do, the most frequent pairs first."""
        ...
