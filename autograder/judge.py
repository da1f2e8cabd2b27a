"""The judge: observations and expected values become problems, and those become verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.compare import compare, compare_inputs
from autograder.explain import Explainer, Failure
from autograder.formats.model import INPUTS_UNCHANGED
from autograder.verdicts import Verdict, verdict_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.compare import Problem
    from autograder.formats.draws import Batch
    from autograder.formats.model import Call, TestCase
    from autograder.oracle import Expected
    from autograder.sandbox.observation import BatchObservation

    # For every check of a case that has points, the problem of each batch, or None.
    Problems = dict[str, list[Problem | None]]


def find_problems(
    case: TestCase,
    calls: Sequence[Call],
    batches: Sequence[Batch],
    observed: Sequence[BatchObservation],
    expected: Expected,
) -> Problems:
    """What is wrong with a case, check by check in the order of the calls, and batch by batch."""
    problems: Problems = {}
    for index, (method, _) in enumerate(calls):
        if method in case.points:
            problems[method] = [
                compare(seen.calls[index], values[method], case.tolerance)
                for seen, values in zip(observed, expected)
            ]
    if INPUTS_UNCHANGED in case.points:
        problems[INPUTS_UNCHANGED] = [
            compare_inputs(batch, seen) for batch, seen in zip(batches, observed)
        ]
    return problems


def share_passed(problems: Sequence[Problem | None]) -> float:
    """The share of the batches in which there is no problem."""
    return problems.count(None) / len(problems)


def judge(
    case: TestCase,
    batches: list[Batch],
    observed: tuple[BatchObservation, ...],
    expected: Expected,
    explainer: Explainer,
) -> list[Verdict]:
    """A verdict for every check of a test case that has points, in the order of the calls."""
    verdicts = []
    found = find_problems(case, explainer.calls, batches, observed, expected)
    for index, call in enumerate(explainer.calls):
        if call.method in found:
            problems = found[call.method]
            observations = [batch.calls[index] for batch in observed]
            values = [result[call.method] for result in expected]
            failures = [
                Failure(n + 1, batches[n], observations[n], values[n], problem)
                for n, problem in enumerate(problems)
                if problem
            ]
            text = explainer.call_text(case, call, failures, observations, values)
            verdicts.append(verdict_on(case, call.method, share_passed(problems), text))
    if INPUTS_UNCHANGED in found:
        problems = found[INPUTS_UNCHANGED]
        text = explainer.inputs_text(problems)
        verdicts.append(verdict_on(case, INPUTS_UNCHANGED, share_passed(problems), text))
    return verdicts
