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
    from autograder.model import Assignment, LatePenalty, Platform, SubmissionLimit

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
    kept: dict[str, Any] = {}  # for extra_data, whatever comes of this run
    # Before anything that a student must not see is in memory.
    with Sandbox() as sandbox:
        try:
            results, report = _results(root, sandbox, notes, kept, any_isolation=any_isolation)
        except (AssignmentError, LaunchError, UsageError) as error:
            results, report = _not_graded(str(error)), None
        except Exception:  # staff see our own mistakes too, and nobody loses points by them
            results, report = _not_graded(traceback.format_exc()), None
    try:
        _write(results, kept, root)
        fault = ""
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
    root: Path,
    sandbox: Sandbox,
    notes: list[str],
    kept: dict[str, Any],
    *,
    any_isolation: bool,
) -> tuple[dict[str, Any], Report | None]:
    from autograder.formats.assignment import load_assignment

    assignment = load_assignment(root / "source" / "assignment")
    if any_isolation:
        assignment = assignment._replace(require_isolation=())
    limit = assignment.platform.submission_limit
    metadata = None
    if limit:
        metadata = _metadata(root, notes)
        kept.update(failed_before(metadata))
        refused = refused_results(limit, metadata, notes)
        if refused is not None:
            return refused, None
        if kept:  # also if this run is killed
            with contextlib.suppress(OSError):
                _write(_placeholder(), kept, root)
    report = _graded(root, assignment, sandbox)
    notes += report.notes
    needs_metadata = assignment.platform.late_penalty is not None
    metadata = metadata or _metadata(root, notes if needs_metadata else [])
    return with_policies(report, assignment.platform, metadata, notes), report


def _graded(root: Path, assignment: Assignment, sandbox: Sandbox) -> Report:
    from autograder.judging.suite import Suite
    from autograder.pipeline import grade

    try:
        return grade(root / "submission", Suite(assignment), sandbox)
    except IsolationError as error:
        required = level(assignment.require_isolation)
        raise UsageError(f"{error}, and {required} is required") from error


def _placeholder() -> dict[str, Any]:
    from autograder.reports.results_json import not_graded

    return not_graded("the grader was ended")


def _not_graded(reason: str) -> dict[str, Any]:
    from autograder.reports.results_json import not_graded

    print(f"not graded: {reason}")
    return not_graded(reason)


# Policies: whatever goes wrong in them, the grade stands. ----------------------------------------


def guarded(what: str, policy: Callable[[], _T], otherwise: _T, notes: list[str]) -> _T:
    """What a policy gives, or else a note for staff and `otherwise`."""
    try:
        return policy()
    except Exception as error:
        notes.append(f"{what}: {one_line(repr(error))}")
        return otherwise


def failed_before(metadata: Metadata) -> dict[str, Any]:
    """For extra_data, the times of earlier runs that do not count, if there are any."""
    from autograder.gradescope.metadata import NOT_COUNTED

    times = [one.time.isoformat() for one in metadata.previous if one.failed]
    return {NOT_COUNTED: times} if times else {}


def refused_results(
    limit: SubmissionLimit, metadata: Metadata, notes: list[str]
) -> dict[str, Any] | None:
    """The results of a submission over the limit; None if it is to be graded."""
    from autograder.gradescope.policies import refusal

    def refuse() -> dict[str, Any] | None:
        return refusal(limit, metadata, notes)

    return guarded("the limit of submissions was not applied", refuse, None, notes)


def applied_penalty(
    results: dict[str, Any], penalty: LatePenalty | None, metadata: Metadata, notes: list[str]
) -> dict[str, Any]:
    """The results with the late penalty, if there is one to apply."""
    if penalty is None:
        return results
    from autograder.gradescope.late_penalty import with_late_penalty

    def penalised() -> dict[str, Any]:
        return with_late_penalty(results, penalty, metadata, notes)

    return guarded("no late penalty was applied", penalised, results, notes)


def with_policies(
    report: Report, platform: Platform, metadata: Metadata, notes: list[str]
) -> dict[str, Any]:
    """The report's results, with what the instructor has switched on; notes say what staff should do."""
    from autograder.gradescope.policies import leaderboard, note_on_points
    from autograder.reports.results_json import results_of

    results = results_of(report)
    if failed := report.not_graded:
        notes.append(f"the grader failed in {', '.join(failed)}; this run does not count")
    notes += guarded("points not compared", lambda: note_on_points(results, metadata), [], notes)
    if platform.leaderboard:

        def with_leaderboard() -> dict[str, Any]:
            return {
                **results,
                "leaderboard": leaderboard(results, platform.leaderboard, report.visible_seconds),
            }

        results = guarded("no leaderboard was made", with_leaderboard, results, notes)
    return applied_penalty(results, platform.late_penalty, metadata, notes)


def _metadata(root: Path, notes: list[str]) -> Metadata:
    from autograder.gradescope.metadata import read_metadata

    return read_metadata(root / "submission_metadata.json", notes)
