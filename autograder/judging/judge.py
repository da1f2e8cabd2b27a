"""The judge: observations and expected values become evidence, and evidence becomes points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from autograder.judging.compare import compare, same_input
from autograder.judging.evidence import Check, Evidence, Expected, Judged, Kind, Problem, Row
from autograder.judging.properties import Properties, judge_property
from autograder.model import INPUTS_UNCHANGED, Assignment, Batch, TestCase
from autograder.sandbox.observation import BatchObservation, Observation, Outcome
from autograder.sandbox.request import CaseRun

_THERE = (Outcome.VALUE, Outcome.OTHER)


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
        name: checked(name, partial(judge_property, wanted, properties[name]))
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
        if not same_input(before, after.get(name)):
            changed = Observation(Outcome.DONE, value=after.get(name))
            return changed, Problem(Kind.INPUT_CHANGED, changed=name)
    return Observation(Outcome.DONE), None
