"""Upstream: of several wrong results of a program, the one that is computed first."""

from __future__ import annotations

from typing import Final

from autograder.judging.evidence import Check, Evidence, Kind
from autograder.sandbox.observation import Observation
from autograder.steps import Program

_WRONG: Final = (Kind.WRONG_VALUE, Kind.WRONG_SHAPE, Kind.NOT_FINITE)
SHAPES: Final = ("ValueError", "IndexError")  # what a wrong shape ends in, further down


def wrong_before(evidence: Evidence, check: str, observed: Observation) -> str:
    """The first result that is wrong and that another one may come of; "" if there is none.

    It is computed in an earlier step, on variables that are connected with those of the other one. Of
    exceptions only those are told that come of wrong shapes.
    """
    program = evidence.case.program
    kinds: tuple[Kind, ...] = _WRONG
    if observed.value is None:
        if observed.error is None or observed.error.type_name not in SHAPES:
            return ""
        kinds = (Kind.WRONG_SHAPE,)
    if check not in evidence.results:
        return ""
    at = _computed_in(program, program.step_of(check))
    connected = set(program.steps[at].uses)
    found = ""
    for number in reversed(range(at)):
        step = program.steps[number]
        if not connected.intersection(step.variables):
            continue
        connected.update(step.variables)
        for name in reversed(step.results):
            if _computed_in(program, number) < at and _is_wrong(evidence.results.get(name), kinds):
                found = name
    return found


def _computed_in(program: Program, number: int) -> int:
    """The step that computes what a step gives: of one that merely reads, the one before it."""
    while number and program.steps[number].only_reads:
        read = set(program.steps[number].uses)
        number -= 1
        while number and not read.intersection(program.steps[number].variables):
            number -= 1
    return number


def _is_wrong(check: Check | None, kinds: tuple[Kind, ...]) -> bool:
    return check is not None and any(
        row.problem is not None and row.problem.kind in kinds for row in check.rows
    )
