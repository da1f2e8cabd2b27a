"""The oracle: what is right, and how known mistakes are wrong.

It is asked only once the student's process is gone, so that no expected value exists before. An
assignment that is handed out has no reference; its answers were frozen, and are read from a file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from autograder.errors import AssignmentError, Fault, Place
from autograder.judging.compare import within
from autograder.judging.solutions import Runner, load_module
from autograder.model import case_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograder.formats.draws import Batch, Inputs
    from autograder.judging.traces import Trace
    from autograder.model import Assignment, TestCase
    from autograder.sandbox.observation import BatchObservation, Observation

    # For every batch, a value for every call.
    Expected = list[dict[str, NDArray[np.float64]]]
    # By method, the named intermediate results on the way to what it returns, in order.
    Steps = dict[str, dict[str, NDArray[np.float64]]]


class MistakeTraces(NamedTuple):
    """What a known mistake does: by case and check a trace of every batch, where it is wrong."""

    name: str
    hint: str
    wrong: dict[tuple[str, str], list[Trace]]


class Oracle(Protocol):
    """Answers for the cases of one assignment."""

    def expected_of_all(self, drawn: Mapping[str, list[Batch]]) -> dict[str, Expected]:
        """Expected values of every case, by name, for its batches."""
        ...

    def expected_of_small(self, case: TestCase, small: Sequence[Inputs]) -> list[Expected | None]:
        """Expected values for small inputs of a random case; None where there are none."""
        ...

    def steps(self, case: TestCase, batches: list[Batch]) -> Steps:
        """The steps to the results of a case's last batch; empty where none are known."""
        ...

    def mistakes(self, checks: Collection[str]) -> list[MistakeTraces]:
        """What the known mistakes that may break these checks do, from simple to rare."""
        ...


def open_oracle(assignment: Assignment) -> Oracle:
    """The reference where the assignment has one, else its frozen answers.

    Raises AssignmentError where it cannot be read.
    """
    if assignment.is_frozen:
        from autograder.judging.stored import FrozenOracle

        return FrozenOracle(assignment)
    return Reference(assignment)


class Reference:
    """The oracle of an assignment with its reference. Raises AssignmentError where it cannot be had."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._runner = Runner(_load_reference(assignment), assignment)
        self._traces: list[MistakeTraces] | None = None  # worked out once, as it takes a while

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
        results = self._results(case, batches)
        _check_expectations(case, results[0])
        return [{**result, **_shaped(case.expect, result)} for result in results]

    def expected_of_small(self, case: TestCase, small: Sequence[Inputs]) -> list[Expected | None]:
        expected: list[Expected | None] = []
        for inputs in small:
            try:
                expected.append(self._results(case, inputs.draw()))
            except AssignmentError:  # smaller than the reference can do
                expected.append(None)
        return expected

    def steps(self, case: TestCase, batches: list[Batch]) -> Steps:
        self._runner.observe(batches, shared_object=case.shared_object)
        steps = getattr(self._runner.instance, "steps", None)
        if steps is None:
            return {}
        try:
            return {
                method: {name: np.array(value, dtype=np.float64) for name, value in named.items()}
                for method, named in steps().items()
            }
        except Exception as error:
            message = (
                f"`steps` of the reference fails on the case `{case.name}`: "
                f"{type(error).__name__}: {error}; it gives, for each method, arrays by name"
            )
            place = Place(self._assignment.reference_path)
            raise AssignmentError([Fault(place, message)]) from error

    def mistakes(self, checks: Collection[str]) -> list[MistakeTraces]:
        if self._traces is None:
            from autograder.judging.stored import frozen_mistakes

            self._traces = frozen_mistakes(self._assignment)
        if self._traces is None:
            self._traces = self._trace_mistakes()
        return [
            mistake
            for mistake in self._traces
            if any(check in checks for _, check in mistake.wrong)
        ]

    def _trace_mistakes(self) -> list[MistakeTraces]:
        from autograder.judging.mistakes import load_mistakes
        from autograder.judging.traces import traces_of_mistake

        found = []
        drawn = {case.name: case.inputs.draw() for case in self._assignment.cases}
        expected = self.expected_of_all(drawn)
        # In the groups in which students' code runs, and on classes that nobody has used before, as
        # a mistake may lie in what a class remembers.
        groups = case_groups(self._assignment.cases)
        loaded = [load_mistakes(self._assignment) for _ in groups]
        for versions in zip(*loaded):
            wrong: dict[tuple[str, str], list[Trace]] = {}
            for group, mistake in zip(groups, versions):
                runner = Runner(mistake.solution, self._assignment)
                for case in group:
                    batches = drawn[case.name]
                    observed = runner.observe(batches, shared_object=case.shared_object)
                    traces = traces_of_mistake(
                        case, self._assignment.calls, batches, observed, expected[case.name]
                    )
                    wrong.update({(case.name, check): t for check, t in traces.items()})
            found.append(MistakeTraces(versions[0].name, versions[0].hint, wrong))
        return found

    def _results(self, case: TestCase, batches: list[Batch]) -> Expected:
        observed = self._runner.observe(batches, shared_object=case.shared_object)
        return [self._values(case, batch) for batch in observed]

    def _values(self, case: TestCase, batch: BatchObservation) -> dict[str, NDArray[np.float64]]:
        values = {}
        for call, observed in zip(self._assignment.calls, batch.calls):
            if observed.value is None:
                raise AssignmentError([Fault(case.place, _failure(call.method, observed))])
            values[call.method] = observed.value.astype(np.float64)
        return values


def faults_of_expectations(assignment: Assignment) -> list[Fault]:
    """Every figure of a case file that the reference misses, and whatever else keeps it from running."""
    if not assignment.is_frozen and not assignment.reference_path.is_file():
        return []  # which the reader has told
    try:
        drawn = {case.name: case.inputs.draw() for case in assignment.cases}
        open_oracle(assignment).expected_of_all(drawn)
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
