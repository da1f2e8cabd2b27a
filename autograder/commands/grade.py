"""`autograder grade`: all cases, a table on the terminal, and results.json where asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import AssignmentError, Fault, UsageError
from autograder.sandbox import LaunchError, Sandbox

if TYPE_CHECKING:
    from autograder.formats.model import Assignment


def run(submission: Path, assignment_folder: Path | None, results: Path | None) -> int:
    """Grade a submission; returns the exit status."""
    with Sandbox() as sandbox:  # before anything that a student must not see is in memory
        from autograder.formats.assignment import find_assignment, read_assignment
        from autograder.pipeline import grade

        reports = ["autograder.reports.terminal"]
        if results is not None:
            reports.append("autograder.reports.results_json")
        folder = assignment_folder or find_assignment(Path.cwd())
        assignment, faults = read_assignment(folder)
        if faults or assignment is None:
            raise AssignmentError([*faults, *_faults_of_expectations(assignment)])
        try:
            report = grade(submission, assignment, sandbox, needed_later=reports)
        except LaunchError as error:
            raise UsageError(f"the student's code could not be run: {error}") from error
    if results is not None:
        from autograder.reports.results_json import write_results

        try:
            write_results(report, results)
        except OSError as error:
            raise UsageError(f"cannot write {results}: {error.strerror}") from error
    from autograder.reports.terminal import print_report

    print_report(report)
    return 0


def _faults_of_expectations(assignment: Assignment | None) -> list[Fault]:
    """What else is wrong, so that all of it is told at once; no student's code will run."""
    if assignment is None:
        return []
    from autograder.oracle import faults_of_expectations

    return faults_of_expectations(assignment)
