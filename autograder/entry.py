"""What every way of grading starts with: the assignment, the submission, and the report on it.

It is imported once there is a sandbox.
"""

from __future__ import annotations

from pathlib import Path

from autograder.errors import AssignmentError, Fault, UsageError
from autograder.formats.assignment import find_assignment, read_assignment
from autograder.judging.verdicts import Report
from autograder.model import Assignment
from autograder.sandbox import LaunchError, Sandbox


def faultless_assignment(folder: Path | None) -> Assignment:
    """The assignment in a folder, or the nearest upwards from here.

    Raises AssignmentError with all that is wrong with it, and UsageError if there is none.
    """
    assignment, faults = read_assignment(folder or find_assignment(Path.cwd()))
    if faults or assignment is None:
        raise AssignmentError([*faults, *_faults_of_expectations(assignment)])
    return assignment


def find_submission(assignment: Assignment, start: Path) -> Path:
    """The student's file: in the folder `start`, or beside `testcases/`. Raises UsageError."""
    for folder in (start, assignment.folder):
        path = folder / assignment.submission
        if path.is_file():
            return path
    raise UsageError(
        f"there is no {assignment.submission} here or in {assignment.folder}; say where yours is"
    )


def report_on(submission: Path, assignment: Assignment, sandbox: Sandbox) -> Report:
    """Grade a submission.

    Raises AssignmentError and UsageError, and IsolationError if required walls are missing.
    """
    from autograder.pipeline import grade

    try:
        return grade(submission, assignment, sandbox)
    except LaunchError as error:
        raise UsageError(f"the student's code could not be run: {error}") from error


def _faults_of_expectations(assignment: Assignment | None) -> list[Fault]:
    """What else is wrong, so that all of it is told at once; no student code will run."""
    if assignment is None:
        return []
    from autograder.judging.answers import faults_of_expectations

    return faults_of_expectations(assignment)
