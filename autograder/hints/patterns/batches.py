"""What patterns look at: failing batches with their numbers, and what axes and sizes are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograder.hints.factors import SizeNames, Sizes
from autograder.judging.compare import as_expected_shape, within
from autograder.judging.diagnosis import Counterexample
from autograder.judging.evidence import Evidence, Problem, Row
from autograder.model import Batch, Tolerance
from autograder.sandbox.observation import BatchObservation, Observation, Warned
from autograder.typed import NDArray

Array = NDArray[np.float64]


class Finding(NamedTuple):
    """What a pattern says: in one sentence, the same for all cases that show it; and what to add."""

    cause: str
    more: str = ""

    @property
    def text(self) -> str:
        """Both sentences."""
        return f"{self.cause} {self.more}".strip()


class Failing(NamedTuple):
    """One failing batch of a result that came as numbers."""

    number: int  # from 1; 0 for an example that was looked for
    batch: Batch
    sizes: Sizes
    value: Array  # as it came
    expected: Array
    problem: Problem
    tolerance: Tolerance
    shared_axis: bool  # whether axis 0 of all inputs and results counts the same things
    others: Mapping[str, Array]  # what other results must be
    before: Array | None  # what this result had to be in the batch before
    value_before: Array | None  # what it was there
    warned: tuple[Warned, ...]  # in the step of this result, or else in those before it
    elsewhere: bool  # whether these warnings are of a step before it

    @property
    def got(self) -> Array:
        """The value in the expected shape."""
        shaped = as_expected_shape(self.value, self.expected)
        return self.value if shaped is None else shaped

    @property
    def bad(self) -> NDArray[np.bool_]:
        """Which numbers are wrong."""
        bad = self.problem.bad
        return np.ones(self.expected.shape, dtype=bool) if bad is None else bad

    def equals(self, array: NDArray[Any], wanted: NDArray[Any]) -> bool:
        """Whether two arrays have one shape and are equal within the tolerance."""
        if array.shape != wanted.shape:
            return False
        return bool(
            within(np.asarray(array, float), np.asarray(wanted, float), self.tolerance).all()
        )


def failing_of(
    evidence: Evidence,
    check: str,
    row: Row,
    names: SizeNames,
    example: Counterexample | None = None,
) -> Failing | None:
    """A failing batch of a case, or of an example that was looked for, if it has numbers to look at."""
    value = row.observed.value
    if value is None or row.expected is None or row.problem is None:
        return None
    before: Row | None = None
    others: Mapping[str, Array | None]
    if example is not None:
        others, observed = example.expected, example.observed
    else:
        n = row.number - 1
        others = {name: found.rows[n].expected for name, found in evidence.results.items()}
        observed = evidence.batches[n]
        before = evidence.results[check].rows[n - 1] if n else None
    came = before.observed.value if before else None
    warned, elsewhere = _warned(row.observed, observed)
    return Failing(
        number=0 if example else row.number,
        batch=row.batch,
        sizes=names.of(row.batch),
        value=value.astype(np.float64),
        expected=row.expected,
        problem=row.problem,
        tolerance=evidence.case.tolerance,
        shared_axis=names.shared_axis,
        others={name: a for name, a in others.items() if name != check and a is not None},
        before=before.expected if before else None,
        value_before=None if came is None else came.astype(np.float64),
        warned=warned,
        elsewhere=elsewhere,
    )


def shown_of(failing: Sequence[Failing]) -> Failing:
    """The batch that is printed: the example that was looked for, or else the smallest."""
    if not failing[-1].number:
        return failing[-1]
    return min(failing, key=lambda one: sum(a.size for a in one.batch.inputs.values()))


def along(axis: int, one: Failing) -> str:
    """A place along an axis: `row` if axis 0 is shared by all, else `index along axis 1`."""
    if one.shared_axis and one.expected.ndim == 2:
        return ("row", "column")[axis]
    return f"index along axis {axis}"


def _warned(observed: Observation, batch: BatchObservation) -> tuple[tuple[Warned, ...], bool]:
    """numpy's warnings in a step, or if there are none those in the steps before it."""
    if observed.warned:
        return observed.warned, False
    steps = [(other.step, other.warned) for other in batch.results.values()]
    earlier = [(n, w) for n, w in (*steps, *batch.warned) if w and n < observed.step]
    return (max(earlier, key=lambda one: one[0])[1], True) if earlier else ((), False)
