"""The reference as the source of answers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import numpy as np

from autograder.errors import AssignmentError, Fault, Place
from autograder.judging.compare import within
from autograder.judging.evidence import Expected, Steps
from autograder.judging.judge import run_of
from autograder.judging.small import Small, small_inputs
from autograder.judging.solutions import RAISED, Runner, TooLong, contained, load_reference
from autograder.model import Assignment, Batch, TestCase
from autograder.sandbox.observation import (
    MISSING_ATTRIBUTE,
    MISSING_NAME,
    MOST_NUMBERS,
    WRONG_COUNT,
    Observation,
)
from autograder.sandbox.request import CaseRun
from autograder.text import show_shape
from autograder.typed import NDArray

_RAISED: Final = {
    MISSING_ATTRIBUTE: "its {owner} has no `{message}`",
    MISSING_NAME: "it has no `{message}`",
    WRONG_COUNT: "the line unpacks {message} into another number of names",
}


class Reference:
    """The answers of an assignment with its reference. Raises AssignmentError if it is not sound."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        seconds = 2 * assignment.limits.call_seconds
        self._runner = Runner(load_reference(assignment), seconds=seconds)

    def expected(self, case: TestCase, batches: Sequence[Batch]) -> list[Expected]:
        """What every observed result must be, in float64, at the full precision of the reference.

        If the case has printed digits in `expect`, those take the reference's place. Raises
        AssignmentError if the reference fails, or misses the printed digits.
        """
        results = self._results(case, batches)
        results[0].update(_printed(case, results[0]))  # which only fixed inputs have
        return results

    def small(self, case: TestCase) -> list[Small]:
        """Small inputs of a random case, with what is expected for them."""
        found = []
        for inputs, batches in small_inputs(case):
            with suppress(AssignmentError):  # smaller than the reference can do
                found.append(Small(inputs, self._results(case, batches)))
        return found

    def steps(self, case: TestCase, batches: Sequence[Batch]) -> Steps:
        """The steps to the results of the last of some batches; empty if none are known."""
        self._runner.observe(run_of(case), batches)
        steps: Steps = {}
        for name, value in self._runner.objects.items():
            own = None if isinstance(value, type) else getattr(value, "steps", None)
            if name.startswith("__") or not callable(own):
                continue
            try:
                with contained():
                    for result, named in own().items():
                        steps[result] = {n: np.array(v, dtype=np.float64) for n, v in named.items()}
            except (*RAISED, TooLong) as error:
                message = (
                    f"`steps` of the reference fails on the case `{case.name}`: "
                    f"{type(error).__name__}: {error}; it gives, for each result, arrays by name"
                )
                place = Place(self._assignment.reference_paths[0])
                raise AssignmentError([Fault(place, message)]) from error
        return {name: named for name, named in steps.items() if name in case.observed}

    def part(self, _name: str) -> None:
        """None: with a reference nothing is stored."""

    def _results(self, case: TestCase, batches: Sequence[Batch]) -> list[Expected]:
        run = CaseRun(case.program, case.inputs, case.observed)
        observed = self._runner.observe(run, batches)
        self._runner.objects.clear()  # they may be large
        faults = [_fault(case, "", one) for one in self._runner.failed.values()]
        results = [item for batch in observed for item in batch.results.items()]
        empty = {name: one for name, one in results if one.value is None}
        if not faults:  # of which all the others may come
            faults = [_fault(case, n, one) for n, one in empty.items() if not one.blocked_by]
        if faults:
            raise AssignmentError(faults)
        return [{n: _value(o) for n, o in batch.results.items()} for batch in observed]


def _value(observed: Observation) -> NDArray[np.float64]:
    assert observed.value is not None
    return observed.value.astype(np.float64, copy=False)


def _fault(case: TestCase, name: str, observed: Observation) -> Fault:
    """What is wrong with a step, or a result of it, that has no numbers."""
    place = case.place
    if 0 <= observed.step < len(case.program.steps):
        place = case.program.steps[observed.step].place
    if observed.error is not None:
        error = observed.error
        told = _RAISED.get(error.type_name, "{type_name}: {message}")
        what = told.format(**error._asdict()).rstrip(": ")
        if error.type_name in ("IndexError", "TypeError") and "integer" in error.message:
            what += "; rows of numbers are float64, unless their `dtype` says int64"
    elif not name:
        what = f"the line unpacks {observed.type_name}"
    elif observed.type_name.endswith("too large"):
        place = case.places.get("random", case.place)
        what = f"`{name}` is a {observed.type_name}: {MOST_NUMBERS:,} numbers are the most"
    else:
        kind = observed.type_name or observed.outcome.value
        kind = {"int": "an int beyond 64 bits", "None": "None"}.get(kind, f"a {kind}")
        what = f"`{name}` is {kind}; points are for numbers, arrays, and lists that form an array"
    return Fault(place, f"the reference fails in `{case.name}`: {what}")


def _printed(case: TestCase, result: Expected) -> Expected:
    """The printed digits, in the shapes of the results. Raises AssignmentError for what differs."""
    found: Expected = {}
    faults: list[Fault] = []
    for name, printed in case.expect.items():
        value, message = result[name], ""
        if printed.shape != value.shape and not printed.size == value.size == 1:
            message = (
                f"`expect` of {name} has shape {show_shape(printed.shape)}, the reference gives "
                f"{show_shape(value.shape)}; fix the numbers"
            )
        else:
            printed = found[name] = printed.reshape(value.shape)
            good = within(value, printed, case.tolerance)
            for at in np.argwhere(~good)[:1].tolist():
                where = f" at {at}" if at else ""
                message = (
                    f"the reference gives {value[tuple(at)]:.10g} for {name}{where}, `expect` says "
                    f"{printed[tuple(at)]:g}, and they should agree {case.tolerance}; fix one of "
                    "them, or widen the tolerance"
                )
        if message:
            faults.append(Fault(case.expect_places[name], message))
    if faults:
        raise AssignmentError(faults)
    return found
