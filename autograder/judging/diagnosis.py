"""What is known of a failed check beyond its numbers, as data: found by hints/, told by explain/."""

from __future__ import annotations

from typing import NamedTuple

from autograder.judging.evidence import Expected, Row
from autograder.judging.small import Small
from autograder.model import Batch, TestCase
from autograder.sandbox.observation import BatchObservation


class Tried(NamedTuple):
    """Small inputs of a case that were tried on a submission, as far as time allowed."""

    case: TestCase
    small: list[Small]
    expected: list[list[Expected] | None]
    observed: tuple[tuple[BatchObservation, ...], ...] = ()
    cut_short: bool = False  # by time: there may be smaller inputs that fail


class Counterexample(NamedTuple):
    """A small input that fails as the case does; with the batches before it if the setup runs once."""

    row: Row
    earlier: list[Batch]
    observed: BatchObservation
    cut_short: bool = False


class Diagnosis(NamedTuple):
    """What is known of a failed check; each part may be empty."""

    mistake: str = ""  # the name of the known mistake that it matches
    hint: str = ""
    counterexample: Counterexample | None = None
    steps: str = ""
