"""The judge: observations and expected values become evidence, and evidence becomes points."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.judging.compare import compare
from autograder.judging.evidence import Check, Evidence, Expected, Kind, Problem, Row
from autograder.judging.properties import Properties, judge_property
from autograder.model import INPUTS_UNCHANGED, Assignment, Batch, TestCase
from autograder.sandbox.observation import BatchObservation, Observation, Outcome, same

_THERE = (Outcome.VALUE, Outcome.OTHER)


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
    results = {
        name: Check(
            name,
            tuple(
                _row_of_result(number, name, batch, seen, values, case)
                for number, (batch, seen, values) in enumerate(zip(batches, observed, expected), 1)
            ),
        )
        for name in case.observed
    }
    of_properties = {
        name: Check(
            name,
            tuple(
                Row(number, batch, *judge_property(wanted, properties[name], batch, seen, values))
                for number, (batch, seen, values) in enumerate(zip(batches, observed, expected), 1)
            ),
        )
        for name, wanted in assignment.properties.items()
        if name in case.points
    }
    found = {**results, **of_properties}
    if INPUTS_UNCHANGED in case.points:
        found[INPUTS_UNCHANGED] = _inputs_unchanged(batches, observed, found)
    checks = {name: check for name, check in found.items() if name in case.points}
    return Evidence(case, tuple(observed), results, checks)


def _row_of_result(
    number: int,
    name: str,
    batch: Batch,
    observed: BatchObservation,
    expected: Expected,
    case: TestCase,
) -> Row:
    result, wanted = observed.results[name], expected[name]
    return Row(number, batch, result, wanted, compare(result, wanted, case.tolerance))


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
