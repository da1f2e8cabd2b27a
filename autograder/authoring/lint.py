"""Lint: are an assignment's test cases sound, and do they make sense?

A check is a small function that yields findings. To add one, write it and add a line to its table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.case_checks import CASE_CHECKS
from autograder.authoring.findings import Finding, faulty, in_order
from autograder.authoring.matrix import Matrix
from autograder.authoring.mistake_checks import MISTAKE_CHECKS
from autograder.authoring.reference_checks import REFERENCE_CHECKS, Trial, try_reference
from autograder.errors import AssignmentError
from autograder.formats.assignment import read_assignment
from autograder.judging.answers import faults_of_expectations
from autograder.model import Assignment


def lint(folder: Path) -> tuple[Assignment | None, list[Finding]]:
    """The assignment in a folder, as far as it can be read, and all findings, sorted by place.

    Nothing that builds on a fault is checked, because the findings would be wrong: for example, the
    points of a case that cannot be read are missing from the total.
    """
    assignment, faults = read_assignment(folder)
    if assignment is None or faults:
        more = faults_of_expectations(assignment) if assignment else []
        return assignment, in_order(map(faulty, [*faults, *more]))
    return assignment, in_order(_findings(assignment))


def _findings(assignment: Assignment) -> Iterator[Finding]:
    drawn = {case.name: case.inputs.draw() for case in assignment.cases}
    for check in CASE_CHECKS:
        yield from check(assignment, drawn)
    try:
        trial = try_reference(assignment, drawn)
        yield from _findings_of_trial(assignment, trial)
        matrix = Matrix(assignment)
    except AssignmentError as error:
        yield from map(faulty, error.faults)
        return
    if matrix.mistakes:
        for of_matrix in MISTAKE_CHECKS:
            yield from of_matrix(assignment, matrix, trial)


def _findings_of_trial(assignment: Assignment, trial: Trial) -> Iterator[Finding]:
    for check in REFERENCE_CHECKS:
        yield from check(assignment, trial)
