"""`autograder grade`: all cases, a table on the terminal, and results.json where asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import AssignmentError, Fault, UsageError
from autograder.levels import WALLS, level
from autograder.sandbox import IsolationError, LaunchError, Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.formats.model import Assignment


def run(
    submission: Path,
    assignment_folder: Path | None = None,
    results: Path | None = None,
    isolation: Sequence[str] = WALLS,
    require_isolation: Sequence[str] = (),
) -> int:
    """Grade a submission; returns the exit status.

    `isolation` names the walls to raise at most, `require_isolation` those without which nothing is
    graded, besides what the assignment itself demands.
    """
    # Before anything that a student must not see is in memory.
    with Sandbox(walls=isolation) as sandbox:
        from autograder.formats.assignment import find_assignment, read_assignment
        from autograder.pipeline import grade

        reports = ["autograder.reports.terminal"]
        if results is not None:
            reports.append("autograder.reports.results_json")
        folder = assignment_folder or find_assignment(Path.cwd())
        assignment, faults = read_assignment(folder)
        if faults or assignment is None:
            raise AssignmentError([*faults, *_faults_of_expectations(assignment)])
        required = (*require_isolation, *assignment.require_isolation)
        assignment = assignment._replace(require_isolation=required)
        try:
            report = grade(submission, assignment, sandbox, needed_later=reports)
        except LaunchError as error:
            raise UsageError(f"the student's code could not be run: {error}") from error
        except IsolationError as error:
            reason = f"not graded: {error}, and {level(required)} is required"
            if results is not None:
                from autograder.reports.results_json import not_graded

                _write(not_graded(reason), results)
            raise UsageError(reason) from error
    if results is not None:
        from autograder.reports.results_json import results_of

        _write(results_of(report), results)
    from autograder.reports.terminal import print_report

    print_report(report)
    return 0


def _write(results: dict[str, Any], path: Path) -> None:
    from autograder.reports.results_json import write_results

    try:
        write_results(results, path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _faults_of_expectations(assignment: Assignment | None) -> list[Fault]:
    """What else is wrong, so that all of it is told at once; no student's code will run."""
    if assignment is None:
        return []
    from autograder.oracle import faults_of_expectations

    return faults_of_expectations(assignment)
