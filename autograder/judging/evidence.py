"""Evidence: what was observed of a test case, what was expected, and what is wrong, a row a batch."""

# Not `from __future__ import annotations`: the type of every field would be compiled a second time.

import re
from enum import Enum
from typing import NamedTuple, TypeAlias

import numpy as np

from autograder.model import Batch, TestCase
from autograder.sandbox.observation import BatchObservation, Observation, Outcome
from autograder.typed import NDArray

# By result, what it must be in one batch.
Expected: TypeAlias = dict[str, NDArray[np.float64]]
# By result, the named intermediate results on the way to it, in order.
Steps: TypeAlias = dict[str, dict[str, NDArray[np.float64]]]

_NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?(?:e[-+]?\d+)?")


class Kind(str, Enum):
    """What is wrong with something that was observed."""

    WRONG_TYPE = "wrong_type"
    WRONG_SHAPE = "wrong_shape"
    NOT_FINITE = "not_finite"
    WRONG_VALUE = "wrong_value"
    INPUT_CHANGED = "input_changed"
    NOTHING_RIGHT = "nothing_right"  # inputs left alone by code that gets no result right
    BROKEN = "broken"  # a property does not hold


class Problem(NamedTuple):
    """Why a check fails in a batch.

    `kind` is the outcome of an observation if that has no value to look at. `bad` marks the elements
    that are wrong, for NOT_FINITE and WRONG_VALUE; `changed` names the input that was changed; `says`
    is the sentence of a property that does not hold, and `about` the result that a property judged.
    """

    kind: Kind | Outcome
    bad: NDArray[np.bool_] | None = None
    changed: str = ""
    says: str = ""
    about: str = ""

    @property
    def said(self) -> tuple[str, tuple[float, ...]]:
        """What a property says without its numbers, which differ from batch to batch; and these."""
        return _NUMBER.sub("#", self.says), tuple(map(float, _NUMBER.findall(self.says)))


class Judged(NamedTuple):
    """What a result or a property comes to in a batch."""

    observed: Observation  # of a property, the result that it is about
    expected: NDArray[np.float64] | None  # None for what is not compared with a value
    problem: Problem | None


class Row(NamedTuple):
    """One batch of a check."""

    number: int  # from 1
    batch: Batch
    observed: Observation  # of a changed input: the input as it is now
    expected: NDArray[np.float64] | None  # None for what is not compared with a value
    problem: Problem | None


class Check(NamedTuple):
    """A check of a test case, with all of its batches."""

    name: str
    rows: tuple[Row, ...]

    @property
    def failures(self) -> list[Row]:
        """The batches in which it fails."""
        return [row for row in self.rows if row.problem is not None]

    @property
    def passed(self) -> bool:
        """Whether every batch passed."""
        return not self.failures

    @property
    def share(self) -> float:
        """The share of the batches in which it passes."""
        return 1 - len(self.failures) / len(self.rows)


class Evidence(NamedTuple):
    """All that is known of a submission's run of one test case."""

    case: TestCase
    batches: tuple[BatchObservation, ...]
    results: dict[str, Check]  # every observed result, whether or not it has points
    checks: dict[str, Check]  # those that have points, in the order of the program

    def failed(self, check: str) -> bool:
        """Whether a check has points here, and fails."""
        return check in self.checks and not self.checks[check].passed
