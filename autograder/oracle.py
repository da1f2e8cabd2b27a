"""The oracle: expected values, from the assignment's reference.

It is asked only once the student's process is gone, so that no expected value exists before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.compare import within
from autograder.errors import AssignmentError, Fault, Place
from autograder.solutions import Runner, load_module

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograder.formats.draws import Batch
    from autograder.formats.model import Assignment, TestCase
    from autograder.sandbox.observation import BatchObservation, Observation

    # For every batch, a value for every call.
    Expected = list[dict[str, NDArray[np.float64]]]


class Oracle:
    """The reference of an assignment, ready to answer. Raises AssignmentError where it cannot be."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._runner = Runner(_load_reference(assignment), assignment)

    def expected_of_all(self, drawn: Mapping[str, list[Batch]]) -> dict[str, Expected]:
        """Expected values of every case, by name, for its batches.

        Raises AssignmentError with what is wrong in all of the cases.
        """
        expected: dict[str, Expected] = {}
        faults: list[Fault] = []
        for case in self._assignment.cases:
            try:
                expected[case.name] = self.expected(case, drawn[case.name])
            except AssignmentError as error:
                faults += error.faults
        if faults:
            raise AssignmentError(faults)
        return expected

    def expected(self, case: TestCase, batches: list[Batch]) -> Expected:
        """What every call of the case must give, in float64, at the full precision of the reference.

        Where the case has printed digits in `expect`, those take the reference's place. Raises
        AssignmentError where the reference fails, or misses the printed digits.
        """
        observed = self._runner.observe(batches, shared_object=case.shared_object)
        results = [self._values(case, batch) for batch in observed]
        _check_expectations(case, results[0])
        return [{**result, **_shaped(case.expect, result)} for result in results]

    def _values(self, case: TestCase, batch: BatchObservation) -> dict[str, NDArray[np.float64]]:
        values = {}
        for call, observed in zip(self._assignment.calls, batch.calls):
            if observed.value is None:
                raise AssignmentError([Fault(case.place, _failure(call.method, observed))])
            values[call.method] = observed.value.astype(np.float64)
        return values


def faults_of_expectations(assignment: Assignment) -> list[Fault]:
    """Every figure of a case file that the reference misses, and whatever else keeps it from running."""
    if not assignment.reference_path.is_file():
        return []  # which the reader has told
    try:
        drawn = {case.name: case.inputs.draw() for case in assignment.cases}
        Oracle(assignment).expected_of_all(drawn)
    except AssignmentError as error:
        return list(error.faults)
    return []


def _load_reference(assignment: Assignment) -> type:
    path = assignment.reference_path
    reference = getattr(load_module(path), assignment.class_name, None)
    if not isinstance(reference, type):
        message = f"the reference has no class `{assignment.class_name}`; add it, or mend `class`"
        raise AssignmentError([Fault(Place(path), message)])
    return reference


def _failure(method: str, observed: Observation) -> str:
    if observed.error is not None:
        what = f"{observed.error.type_name}: {observed.error.message}"
    else:
        what = f"{method} returns {observed.type_name or observed.outcome}"
    return f"the reference fails on this case: {what}"


def _shaped(
    expect: Mapping[str, NDArray[Any]], result: Mapping[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    return {call: value.reshape(result[call].shape) for call, value in expect.items()}


def _check_expectations(case: TestCase, result: Mapping[str, NDArray[np.float64]]) -> None:
    faults: list[Fault] = []
    for call, printed in case.expect.items():
        value = result[call]
        if printed.shape != value.shape and not printed.size == value.size == 1:
            message = (
                f"`expect` of {call} has shape {_shape(printed)}, the reference gives "
                f"{_shape(value)}; mend the figures"
            )
            faults.append(Fault(case.expect_places[call], message))
            continue
        printed = printed.reshape(value.shape)
        good = within(value, printed, case.tolerance)
        if not good.all():
            at = tuple(map(int, np.argwhere(~good)[0]))
            where = f" at {list(at)}" if at else ""
            message = (
                f"the reference gives {value[at]:.10g} for {call}{where}, `expect` says "
                f"{printed[at]:g}, and they should agree {case.tolerance}; mend one or widen the "
                "tolerance"
            )
            faults.append(Fault(case.expect_places[call], message))
    if faults:
        raise AssignmentError(faults)


def _shape(array: NDArray[Any]) -> str:
    return str(array.shape) if array.ndim else "() (a single number)"
