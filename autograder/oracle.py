"""The oracle: expected values, from the assignment's reference.

It is asked only once the student's process is gone, so that no expected value exists before.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from autograder.compare import within
from autograder.errors import AssignmentError, Fault, Place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograder.formats.draws import Batch
    from autograder.formats.model import Assignment, TestCase

    # For every batch, a value for every call.
    Expected = list[dict[str, NDArray[np.float64]]]

_MODULE: Final = "reference solution"  # no name that an import could mean


class Oracle:
    """The reference of an assignment, ready to answer. Raises AssignmentError where it cannot be."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._reference = _load_reference(assignment)

    def expected(self, case: TestCase, batches: list[Batch]) -> Expected:
        """What every call of the case must give, in float64, at the full precision of the reference.

        Where the case has printed digits in `expect`, those take the reference's place. Raises
        AssignmentError where the reference fails, or misses the printed digits.
        """
        results = []
        instance: Any = None
        for batch in batches:
            try:
                if instance is None or not case.shared_object:
                    instance = self._reference(*self._assignment.constructor.values())
                result = {
                    call.method: np.array(
                        getattr(instance, call.method)(
                            *[batch[name].copy() for name in call.arguments]
                        ),
                        dtype=np.float64,
                    )
                    for call in self._assignment.calls
                }
            except Exception as error:
                message = f"the reference fails on this case: {type(error).__name__}: {error}"
                raise AssignmentError([Fault(case.place, message)]) from error
            results.append(result)
        _check_expectations(case, results[0])
        return [{**result, **_shaped(case.expect, result)} for result in results]


def faults_of_expectations(assignment: Assignment) -> list[Fault]:
    """Every printed figure of a case file that the reference misses; runs the reference."""
    try:
        oracle = Oracle(assignment)
    except AssignmentError as error:
        return list(error.faults)
    faults: list[Fault] = []
    for case in assignment.cases:
        if case.expect:
            try:
                oracle.expected(case, case.inputs.draw())
            except AssignmentError as error:
                faults += error.faults
    return faults


def _load_reference(assignment: Assignment) -> Any:
    path = assignment.reference_path
    module = ModuleType(_MODULE)
    module.__file__ = str(path)
    sys.path.insert(0, str(path.parent))  # the reference may import what stands beside it
    try:
        # Read and compiled here, so that grading leaves no cache in the assignment's folder.
        exec(compile(path.read_bytes(), path, "exec"), module.__dict__)  # noqa: S102
    except Exception as error:
        line = getattr(error, "lineno", None) or 1
        message = f"the reference cannot be imported: {type(error).__name__}: {error}"
        raise AssignmentError([Fault(Place(path, line), message)]) from error
    finally:
        sys.path.remove(str(path.parent))
    if not hasattr(module, assignment.class_name):
        message = f"the reference has no class `{assignment.class_name}`; add it, or mend `class`"
        raise AssignmentError([Fault(Place(path), message)])
    return getattr(module, assignment.class_name)


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
