"""The judge: observations and expected values become evidence, and evidence becomes points.

Where no single result is right, functions of the assignment judge: its properties. They run here, on
numbers, once the student's process is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from autograder.errors import AssignmentError, Fault
from autograder.judging.compare import compare, compare_form
from autograder.judging.evidence import Check, Evidence, Expected, Judged, Kind, Problem, Row
from autograder.judging.solutions import RAISED, TooLong, contained, load_file, place_of
from autograder.model import INPUTS_UNCHANGED, Assignment, Batch, Property, TestCase
from autograder.sandbox.observation import BatchObservation, Observation, Outcome, same
from autograder.sandbox.request import CaseRun
from autograder.text import cut, safe

Properties: TypeAlias = Mapping[str, Callable[..., Any]]

_THERE = (Outcome.VALUE, Outcome.OTHER)
_MOST_TEXT = 1000  # of what a property says


def load_properties(assignment: Assignment) -> Properties:
    """The functions of `testcases/properties.py`. Raises AssignmentError if it cannot be imported."""
    if not assignment.properties:
        return {}
    module = load_file(assignment.properties_path)
    return {name: getattr(module, name) for name in assignment.properties}


def run_of(case: TestCase) -> CaseRun:
    """A case as it is run; its inputs come back if they are to be looked at."""
    return CaseRun(case.program, case.inputs, case.observed, INPUTS_UNCHANGED in case.points)


def gather(
    assignment: Assignment,
    case: TestCase,
    batches: Sequence[Batch],
    observed: Sequence[BatchObservation],
    expected: Sequence[Expected],
    properties: Properties,
) -> Evidence:
    """The evidence of a case: each of its checks, batch by batch.

    Raises AssignmentError if a property fails.
    """

    def checked(name: str, judge: Callable[[Batch, BatchObservation, Expected], Judged]) -> Check:
        rows = enumerate(zip(batches, observed, expected), 1)
        return Check(name, tuple(Row(n, seen[0], *judge(*seen)) for n, seen in rows))

    results = {name: checked(name, partial(_judge_result, name, case)) for name in case.observed}
    of_properties = {
        name: checked(name, partial(_judge_property, wanted, properties[name]))
        for name, wanted in assignment.properties.items()
        if name in case.points
    }
    found = {**results, **of_properties}
    if INPUTS_UNCHANGED in case.points:
        found[INPUTS_UNCHANGED] = _inputs_unchanged(batches, observed, found)
    checks = {name: check for name, check in found.items() if name in case.points}
    return Evidence(case, tuple(observed), results, checks)


def _judge_result(
    name: str, case: TestCase, _batch: Batch, observed: BatchObservation, expected: Expected
) -> Judged:
    result, wanted = observed.results[name], expected[name]
    return Judged(result, wanted, compare(result, wanted, case.tolerance))


def _judge_property(
    wanted: Property,
    function: Callable[..., Any],
    batch: Batch,
    observed: BatchObservation,
    expected: Expected,
) -> Judged:
    """What a property says of a batch.

    A result that is missing, or has another shape than the reference's, is described like that of any
    other check, and the function is not asked. Raises AssignmentError if the function fails.
    """
    results = {n: seen for n, seen in observed.results.items() if n in wanted.parameters}
    for name, seen in results.items():
        problem = compare_form(seen, expected[name])
        if problem is not None:
            return Judged(seen, expected[name], problem._replace(about=name))
    said = _ask(wanted, function, batch, observed, expected)
    about, shown = list(results.items())[-1] if results else ("", Observation(Outcome.DONE))
    return Judged(shown, None, Problem(Kind.BROKEN, says=said, about=about) if said else None)


def _ask(
    wanted: Property,
    function: Callable[..., Any],
    batch: Batch,
    observed: BatchObservation,
    expected: Expected,
) -> str:
    def argument(name: str) -> Any:
        if name in batch.sizes:
            return batch.sizes[name]
        array = batch.inputs.get(name)
        if array is None:
            array = observed.results[name].value
            assert array is not None
            array = array.reshape(expected[name].shape)
        return array.item() if array.ndim == 0 else array.copy()

    try:
        with np.errstate(all="ignore"), contained():
            said = function(*map(argument, wanted.parameters))
    except (*RAISED, TooLong) as error:
        message = (
            f"`{wanted.name}` fails: {type(error).__name__}: {error}; a property judges any numbers"
        )
        raise AssignmentError([Fault(place_of(error, wanted.place), message)]) from error
    if said is not None and not isinstance(said, str):
        message = f"`{wanted.name}` returned {type(said).__name__}; return nothing, or a sentence"
        raise AssignmentError([Fault(wanted.place, message)])
    return cut(safe(said or ""), _MOST_TEXT)


def _inputs_unchanged(
    batches: Sequence[Batch], observed: Sequence[BatchObservation], found: dict[str, Check]
) -> Check:
    """Passes in a batch in which all results are there, at least one is right, and the inputs are
    as they were: code that does nothing earns nothing for leaving its inputs alone."""
    rows = []
    for number, (batch, seen) in enumerate(zip(batches, observed), 1):
        result, problem = _problem_with_inputs(batch, seen)
        if problem is None and all(c.rows[number - 1].problem for c in found.values()):
            problem = Problem(Kind.NOTHING_RIGHT)
        rows.append(Row(number, batch, result, None, problem))
    return Check(INPUTS_UNCHANGED, tuple(rows))


def _problem_with_inputs(
    batch: Batch, observed: BatchObservation
) -> tuple[Observation, Problem | None]:
    missing = [one for one in observed.results.values() if one.outcome not in _THERE]
    after = observed.inputs_after
    if missing or not observed.complete or after is None:
        seen = missing[0] if missing else Observation(Outcome.NOT_REACHED)
        return seen, Problem(Outcome.NOT_REACHED)
    for name, before in batch.inputs.items():
        if name not in after or not same(before, after[name]):
            changed = Observation(Outcome.DONE, value=after.get(name))
            return changed, Problem(Kind.INPUT_CHANGED, changed=name)
    return Observation(Outcome.DONE), None
