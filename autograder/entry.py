"""What every way of grading starts with: the assignment, the submission, and the report on it.

It is imported once there is a sandbox.
"""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.errors import AssignmentError, UsageError
from autograder.formats.assignment import find_assignment, read_assignment
from autograder.judging.suite import Suite, faults_of_answers
from autograder.judging.verdicts import Report
from autograder.model import Assignment
from autograder.sandbox import LaunchError, Sandbox


def faultless_assignment(folder: Path | None) -> Assignment:
    """The assignment in a folder, or the nearest upwards from here.

    Raises AssignmentError with all that is wrong with it, and UsageError if there is none.
    """
    assignment, faults = read_assignment(folder or find_assignment(Path.cwd()))
    if faults or assignment is None:
        # All of it at once, as no student code will run.
        raise AssignmentError([*faults, *(faults_of_answers(assignment) if assignment else ())])
    return assignment


def find_submission(assignment: Assignment, start: Path) -> Path:
    """The student's work: in the folder `start`, or beside `testcases/`. Raises UsageError.

    One file if one is asked for, else the folder that holds one of them at least.
    """
    wanted = assignment.submission
    for folder in (start, assignment.folder):
        if any((folder / name).is_file() for name in wanted):
            return folder / wanted[0] if len(wanted) == 1 else folder
    raise UsageError(
        f"there is no {' or '.join(wanted)} here or in {assignment.folder}; say where yours is"
    )


def report_on(submission: Path, suite: Suite, sandbox: Sandbox) -> Report:
    """Grade a submission; stderr says what went wrong in the grader itself.

    Raises AssignmentError and UsageError, and IsolationError if required walls are missing.
    """
    from autograder.pipeline import grade

    try:
        report = grade(submission, suite, sandbox)
    except LaunchError as error:
        raise UsageError(f"the student's code could not be run: {error}") from error
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    return report
