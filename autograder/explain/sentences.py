"""The sentences of a text: what is wrong with a result, where that began, what numpy warned of."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np

from autograder.judging.evidence import Check, Evidence, Kind, Row
from autograder.model import INPUTS_UNCHANGED
from autograder.sandbox.observation import BatchObservation, Observation
from autograder.steps import Program
from autograder.text import cut, one_line, safe, show_shape

MAX_TEXT: Final = 4000
COMES_OF_IT: Final = "come from it"
SHAPES: Final = ("ValueError", "IndexError")  # what a wrong shape ends in, further down
_MAX_PRINTED: Final = 1000
WRONG_NUMBERS: Final = (Kind.WRONG_VALUE, Kind.WRONG_SHAPE, Kind.NOT_FINITE)


def wrong_result(name: str, row: Row, where: str) -> str:
    """What is wrong with a result that is made of numbers."""
    value, expected, problem = row.observed.value, row.expected, row.problem
    assert value is not None
    assert expected is not None
    assert problem is not None
    if problem.kind is Kind.WRONG_SHAPE:
        wanted = "a single number" if expected.ndim == 0 else f"shape {expected.shape}"
        return f"{name} has shape {show_shape(value.shape)}, and {wanted} was expected{where}."
    if problem.kind is Kind.NOT_FINITE:
        what = " and ".join(sorted({_plain(x) for x in value.flat if not np.isfinite(x)}))
        if expected.ndim == 0:
            return f"{name} is {what}, and a finite number was expected{where}."
        return f"{name} has {what} among its numbers{where}."
    return f"{name} is wrong{where}."


def right(evidence: Evidence, check: Check) -> str:
    """The whole text of a check that passed."""
    first, of_step = check.rows[0], (check.rows[0].observed, evidence.batches[0])
    where = "" if len(check.rows) == 1 else f" in all {len(check.rows)} batches"
    value, said, more = first.observed.value, f"Correct{where}.", ""
    if check.name == INPUTS_UNCHANGED:
        said = "Correct: the inputs are the same afterwards as before."
    elif first.expected is not None:
        said = f"Correct{where}: {evidence.case.tolerance} of the expected values."
        if value is not None and value.shape != first.expected.shape:
            more = (
                f"{check.name} has shape {value.shape}. That is accepted, but a single number was "
                "asked for: .item() turns it into one."
            )
    return joined([said, more, warned(*of_step), printed(*of_step)])


def joined(parts: Sequence[str]) -> str:
    """The parts of a text, one below the other, cut at the length that a text may have."""
    return cut(safe("\n".join(part for part in parts if part)), MAX_TEXT)


def wrong_before(
    evidence: Evidence, check: str, observed: Observation, judged: Collection[str]
) -> str:
    """The first result that is wrong and that another one may come from; "" if there is none.

    It is computed in an earlier step, on variables that are connected with those of the other one. Of
    exceptions, only those that come from wrong shapes are told. Results that are `judged` by a
    property alone may be right although the reference has others.
    """
    program = evidence.case.program
    kinds: tuple[Kind, ...] = WRONG_NUMBERS
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
            known = name in evidence.results and name not in judged
            rows = evidence.results[name].rows if known else ()
            wrong = any(row.problem is not None and row.problem.kind in kinds for row in rows)
            if wrong and _computed_in(program, number) < at:
                found = name
    return found


def in_batches(failed: int, batches: int) -> str:
    """` in 3 of 5 batches`; nothing if there is a single one."""
    return "" if batches == 1 else f" in {failed} of {batches} batches"


def cause_of(sentence: str, where: str) -> str:
    """A sentence without what differs between checks that fail for the same reason."""
    for constant in ("did not finish", "is not implemented yet"):
        if constant in sentence:
            return sentence[: sentence.index(constant)] + constant + "."
    return sentence.replace(where, "") if where else sentence


def warned(result: Observation, batch: BatchObservation) -> str:
    """What numpy warned of in the step of a result, with the first line that it came from.

    A step without a warning of its own may read what an earlier one computed: then it is theirs.
    """
    warnings = [one.warned for one in _of_step(result, batch)]
    if not any(warnings):
        warnings = [one.warned for one in batch.results.values()]
        warnings += [some for _, some in batch.warned]
    first = {w.message: w for some in warnings for w in reversed(some)}
    told = [
        one_line(w.message, 80)
        + (f" (line {w.line})" if w.line and w.path and not os.path.isabs(w.path) else "")
        for w in first.values()
    ]
    return f"numpy warned: {'; '.join(told)}." if told else ""


def printed(result: Observation, batch: BatchObservation) -> str:
    """What the code printed in the step of a result, and since the result before, under a heading."""
    results = _of_step(result, batch)
    text = "".join(one.printed for one in results).rstrip()
    if not text:
        return ""
    body = cut(safe(text), _MAX_PRINTED, "output")
    if any(one.printed_cut for one in results) and body == safe(text):
        body += "\n... (output cut here: there was more than is kept)"
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    return f"Your code printed:\n{indented}"


def _computed_in(program: Program, number: int) -> int:
    """The step that computes what a step gives: of one that merely reads, the one before it."""
    while number and program.steps[number].only_reads:
        read = set(program.steps[number].uses)
        number -= 1
        while number and not read.intersection(program.steps[number].variables):
            number -= 1
    return number


def _of_step(result: Observation, batch: BatchObservation) -> list[Observation]:
    """A result, and the others of the same step."""
    others = [o for o in batch.results.values() if o.step == result.step >= 0 and o is not result]
    return [result, *others]


def _plain(number: Any) -> str:
    return "NaN" if np.isnan(number) else "inf" if number > 0 else "-inf"
