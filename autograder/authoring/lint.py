"""Lint: are an assignment's test cases sound, and do they make sense?

A check is a small function that yields findings. To add one, write it and add a line to its table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.case_checks import CASE_CHECKS
from autograder.authoring.findings import Finding, in_order
from autograder.authoring.matrix import Matrix
from autograder.authoring.reference_checks import REFERENCE_CHECKS, try_reference
from autograder.authoring.solution_checks import (
    MISTAKE_CHECKS,
    narrower_tolerances,
    starter_earns_nothing,
)
from autograder.errors import AssignmentError
from autograder.formats.assignment import read_assignment
from autograder.judging.suite import Suite, faults_of_answers
from autograder.model import Assignment


def lint(folder: Path) -> tuple[Assignment | None, list[Finding]]:
    """The assignment in a folder, as far as it can be read, and all findings, sorted by place.

    Nothing that builds on a fault is checked, because the findings would be wrong: for example, the
    points of a case that cannot be read are missing from the total.
    """
    assignment, faults = read_assignment(folder)
    if assignment is None or faults:
        more = faults_of_answers(assignment) if assignment else []
        return assignment, in_order(Finding(*fault) for fault in (*faults, *more))
    if assignment.is_frozen:
        return assignment, []  # its reference and most of its cases are elsewhere
    return assignment, in_order(_findings(Suite(assignment)))


def _findings(suite: Suite) -> Iterator[Finding]:
    for of_cases in CASE_CHECKS:
        yield from of_cases(suite)
    try:
        trials = try_reference(suite)
        for of_reference in REFERENCE_CHECKS:
            yield from of_reference(suite.assignment, trials)
        yield from starter_earns_nothing(suite)
        matrix = Matrix(suite, narrower_tolerances(suite.assignment))
    except AssignmentError as error:
        yield from (Finding(*fault) for fault in error.faults)
        return
    for of_matrix in MISTAKE_CHECKS:
        yield from of_matrix(suite.assignment, matrix)
