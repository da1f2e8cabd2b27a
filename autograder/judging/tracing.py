"""Tracing known mistakes: each is run on the cases, and what it does is kept where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.judging.answers import MistakeTraces
from autograder.judging.evidence import Expected
from autograder.judging.judge import gather
from autograder.judging.mistakes import Mistake, load_mistakes
from autograder.judging.pairs import pairs_of
from autograder.judging.properties import Properties
from autograder.judging.reference import run_of
from autograder.judging.solutions import Runner
from autograder.judging.traces import Trace, trace_of
from autograder.model import Assignment, Batch, TestCase, case_groups


def trace_mistakes(
    assignment: Assignment,
    batches: Mapping[str, list[Batch]],
    expected: Mapping[str, list[Expected]],
    properties: Properties,
    *,
    in_pairs: bool = False,
) -> list[MistakeTraces]:
    """What the known mistakes do, from simple to rare; or two of them at once, the frequent ones first.

    `batches` and `expected` are those of every case, by name. Raises AssignmentError if a mistake or a
    property is at fault.
    """
    # In the groups in which students' code runs, and on classes that nobody has used before, as a
    # mistake may lie in what a class remembers.
    groups = case_groups(assignment.cases)
    versions = [load_mistakes(assignment) for _ in groups]
    if in_pairs:
        versions = [tuple(pairs_of(mistakes)) for mistakes in versions]
    found = []
    for of_groups in zip(*versions):
        wrong: dict[tuple[str, str], Sequence[Trace]] = {}
        for group, mistake in zip(groups, of_groups):
            for case in group:
                if mistake.applies_to(case.program):
                    known = batches[case.name], expected[case.name], properties
                    wrong.update(_traces(assignment, mistake, case, *known))
        found.append(MistakeTraces(of_groups[0].name, of_groups[0].hint, wrong))
    return found


def _traces(
    assignment: Assignment,
    mistake: Mistake,
    case: TestCase,
    batches: list[Batch],
    expected: list[Expected],
    properties: Properties,
) -> dict[tuple[str, str], list[Trace]]:
    observed = Runner(mistake.modules, mistake.replaced).observe(run_of(case), batches)
    evidence = gather(assignment, case, batches, observed, expected, properties)
    return {
        (case.name, name): [trace_of(name, row) for row in check.rows]
        for name, check in evidence.checks.items()
        if not check.passed and name in mistake.breaks
    }
