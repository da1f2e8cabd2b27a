"""The judge: observations and expected values become problems, and those become verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from autograder.judging.compare import compare, compare_inputs
from autograder.judging.verdicts import Verdict, verdict_on
from autograder.model import INPUTS_UNCHANGED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autograder.explain.texts import Explainer
    from autograder.formats.draws import Batch
    from autograder.hints.diagnosis import Diagnosis
    from autograder.judging.answers import Expected
    from autograder.judging.compare import Problem
    from autograder.model import Call, TestCase
    from autograder.sandbox.observation import BatchObservation

    # For every check of a case that has points, the problem of each batch, or None.
    Problems = dict[str, list[Problem | None]]


class Evidence(NamedTuple):
    """All that is known of a submission's run of one test case."""

    case: TestCase
    batches: Sequence[Batch]
    observed: Sequence[BatchObservation]
    expected: Expected
    problems: Problems

    def failed(self, check: str) -> bool:
        """Whether a check of the case has points, and a problem."""
        return any(self.problems.get(check, ()))


def gather(
    case: TestCase,
    calls: Sequence[Call],
    batches: Sequence[Batch],
    observed: Sequence[BatchObservation],
    expected: Expected,
) -> Evidence:
    """The evidence of a case, with the problems in it."""
    problems = find_problems(case, calls, batches, observed, expected)
    return Evidence(case, batches, observed, expected, problems)


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
    evidence: Evidence, explainer: Explainer, diagnoses: Mapping[tuple[str, str], Diagnosis]
) -> list[Verdict]:
    """A verdict for every check of a test case that has points, in the order of the calls."""
    verdicts = []
    for check, problems in evidence.problems.items():
        diagnosis = diagnoses.get((evidence.case.name, check))
        text = explainer.text(evidence, check, diagnosis)
        verdict = verdict_on(evidence.case, check, share_passed(problems), text)
        if diagnosis is not None and diagnosis.mistake:
            verdict = verdict._replace(data={"mistake": diagnosis.mistake})
        verdicts.append(verdict)
    return verdicts
