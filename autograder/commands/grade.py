"""`autograder grade`: all cases, a table on the terminal, and results.json where asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograder.errors import UsageError
from autograder.levels import WALLS, level
from autograder.sandbox import IsolationError, Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


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
        from autograder.commands.shared import faultless_assignment, report_on

        reports = ["autograder.reports.terminal"]
        if results is not None:
            reports.append("autograder.reports.results_json")
        assignment = faultless_assignment(assignment_folder)
        required = (*require_isolation, *assignment.require_isolation)
        assignment = assignment._replace(require_isolation=required)
        try:
            report = report_on(submission, assignment, sandbox, reports)
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

    print_report(report, [f"Isolation of the submission's code: {report.facts['isolation']}."])
    return 0


def _write(results: dict[str, Any], path: Path) -> None:
    from autograder.reports.results_json import write_results

    try:
        write_results(results, path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
