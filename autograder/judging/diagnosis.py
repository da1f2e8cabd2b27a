"""What is known of a failed check beyond its numbers, as data: found by hints/, told by explain/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from autograder.judging.evidence import Check, Kind, Problem, Row
from autograder.judging.small import Small
from autograder.judging.traces import first_warning
from autograder.model import Batch, TestCase
from autograder.sandbox.observation import BatchObservation, Observation, Outcome
from autograder.typed import NDArray


class Tried(NamedTuple):
    """Small inputs of a case that were tried on a submission, as far as time allowed."""

    case: TestCase
    small: Sequence[Small]
    observed: tuple[tuple[BatchObservation, ...], ...] = ()
    cut_short: bool = False  # by time: there may be smaller inputs that fail


class Counterexample(NamedTuple):
    """Inputs that show a failure, small ones or those of a batch of the case."""

    row: Row
    earlier: Sequence[Batch]  # the batches before it, which count if the setup runs once
    observed: BatchObservation
    expected: Mapping[str, NDArray[np.float64]] = MappingProxyType({})  # of every result, if small


class Diagnosis(NamedTuple):
    """What is known of a failed check; each part may be empty."""

    mistake: str = ""  # the name of the known mistake that it matches, or of two of them
    hint: str = ""
    counterexample: Counterexample | None = None
    steps: str = ""
    cause: str = ""  # the hint in one sentence, without counts: the same for all that share it
    exact: bool = False  # every number is what the known mistake gives, so there is no doubt
    cut_short: bool = False  # time ended the search for a counterexample


class Way(NamedTuple):
    """How a check fails in a batch: failures that differ in it need a text of their own."""

    kind: Kind | Outcome
    detail: str = ""  # the exception with its line, the kinds of numbers that are not finite, ...


ZEROS: Final = Way(Kind.WRONG_VALUE, "nothing but zeros")


def way_of(problem: Problem, observed: Observation) -> Way:
    """The way in which a batch fails."""
    kind, value, error = problem.kind, observed.value, observed.error
    if error is not None:
        return Way(kind, f"{error.type_name} {error.path}:{error.line}")
    if kind is Kind.NOT_FINITE and value is not None:
        numbers = value.astype(np.float64)
        names = {str(number) for number in numbers[~np.isfinite(numbers)].flat}
        return Way(kind, " ".join((*sorted(names), first_warning(observed))))
    if kind is Kind.WRONG_SHAPE and value is not None:
        return Way(kind, str(value.ndim))
    if kind is Kind.WRONG_VALUE and value is not None and not value.any():
        return ZEROS  # what is said of other numbers is not true of them
    return Way(kind, problem.changed or problem.said[0])


def main_way(check: Check) -> Way | None:
    """The most frequent way in which a check fails; one that tells something, if there is one.

    What a text counts, says and shows is of this way, or else it would contradict itself.
    """
    ways = [way_of(row.problem, row.observed) for row in check.failures if row.problem]
    telling = [way for way in ways if way.kind is not Outcome.NOT_REACHED]
    counted = Counter(telling or ways).most_common(1)  # of equal ones the first
    return counted[0][0] if counted else None


def rows_of(check: Check, way: Way | None) -> list[Row]:
    """The batches in which a check fails in one way."""
    return [r for r in check.failures if r.problem and way_of(r.problem, r.observed) == way]
