"""What `run_autograder` runs: one submission on Gradescope, from its files to results.json.

It reads and writes below a root that is laid out as Gradescope's /autograder. A results.json that
says "not graded" is in place by then.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from autograder.errors import AssignmentError, UsageError
from autograder.levels import level
from autograder.sandbox import IsolationError, LaunchError, Sandbox
from autograder.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograder.gradescope.metadata import Metadata
    from autograder.judging.verdicts import Report
    from autograder.model import Platform

ANY_ISOLATION: Final = "--any-isolation"  # for a trial at home, which may have fewer walls
_T = TypeVar("_T")


def run_and_exit(root: str, *options: str) -> NoReturn:
    """Grade, and end the process."""
    gc.disable()  # a short-lived process, which need not take itself apart at the end either
    status = grade_submission(Path(root), any_isolation=ANY_ISOLATION in options)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def grade_submission(root: Path, *, any_isolation: bool = False) -> int:
    """Grade the submission below a root, and print what staff should know.

    Returns the exit status, which is 1 if results.json could not be written.
    """
    notes: list[str] = []
    kept: dict[str, Any] = {}  # for extra_data, however this run ends
    report = None
    # Before anything that a student must not see is in memory.
    with Sandbox() as sandbox:
        try:
            results, report = _results(root, sandbox, notes, kept, any_isolation=any_isolation)
        except (AssignmentError, LaunchError, UsageError) as error:
            results = _not_graded(str(error))
        except Exception:  # staff see our own mistakes too, and nobody loses points by them
            results = _not_graded(traceback.format_exc())
    fault = ""
    try:
        _write(results, kept, root)
    except OSError as error:
        fault = f"results.json could not be written: {error}"
    # Printed also if there is no file: then the table is all that is left of the grade.
    for note in notes:
        print(f"note: {note}")
    if report is not None:
        from autograder.reports.terminal import print_report

        print_report(report, [f"Isolation: {report.facts['isolation']}."])
    if fault:
        print(fault)
    return 1 if fault else 0


def _write(results: dict[str, Any], kept: dict[str, Any], root: Path) -> None:
    from autograder.reports.results_json import write_results

    extra = {**results.get("extra_data", {}), **kept}
    write_results({**results, "extra_data": extra}, root / "results" / "results.json")


def _results(
    root: Path, sandbox: Sandbox, notes: list[str], kept: dict[str, Any], *, any_isolation: bool
) -> tuple[dict[str, Any], Report | None]:
    from autograder.gradescope.metadata import failed_before, read_metadata
    from autograder.judging.suite import Suite
    from autograder.pipeline import faultless_assignment, grade

    assignment = faultless_assignment(root / "source" / "assignment")
    if any_isolation:
        assignment = assignment._replace(require_isolation=())
    platform = assignment.platform
    limit = platform.submission_limit
    needed = limit or platform.late_penalty
    metadata = read_metadata(root / "submission_metadata.json", notes if needed else [])
    if limit:
        from autograder.gradescope.policies import refusal
        from autograder.reports.results_json import not_graded

        kept.update(failed_before(metadata))
        what = "the limit of submissions was not applied"
        refused = guarded(what, None, notes, refusal, limit, metadata, notes)
        if refused is not None:
            return refused, None
        if kept:  # also if this run is killed
            with contextlib.suppress(OSError):
                _write(not_graded("the grader was ended"), kept, root)
    try:
        report = grade(root / "submission", Suite(assignment), sandbox)
    except IsolationError as error:
        required = level(assignment.require_isolation)
        raise UsageError(f"{error}, and {required} is required") from error
    notes += report.notes
    return with_policies(report, platform, metadata, notes), report


def _not_graded(reason: str) -> dict[str, Any]:
    from autograder.reports.results_json import not_graded

    print(f"not graded: {reason}")
    return not_graded(reason)


def with_policies(
    report: Report, platform: Platform, metadata: Metadata, notes: list[str]
) -> dict[str, Any]:
    """The report's results, with what the instructor has switched on; notes say what staff should do."""
    from autograder.gradescope.policies import note_on_points, with_late_penalty, with_leaderboard
    from autograder.reports.results_json import results_of

    results = results_of(report)
    if failed := report.not_graded:
        notes.append(f"the grader failed in {', '.join(failed)}; this run does not count")
    notes += guarded("points not compared", [], notes, note_on_points, results, metadata)
    if columns := platform.leaderboard:
        what, seconds = "no leaderboard was made", report.visible_seconds
        results = guarded(what, results, notes, with_leaderboard, results, columns, seconds)
    if penalty := platform.late_penalty:
        what, arguments = "no late penalty was applied", (results, penalty, metadata, notes)
        results = guarded(what, results, notes, with_late_penalty, *arguments)
    return results


def guarded(
    what: str, otherwise: _T, notes: list[str], policy: Callable[..., _T], *arguments: object
) -> _T:
    """What a policy gives; if it fails, the grade stands: `otherwise`, and a note for staff."""
    try:
        return policy(*arguments)
    except Exception as error:
        notes.append(f"{what}: {one_line(repr(error))}")
        return otherwise
