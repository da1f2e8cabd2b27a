"""What `run_autograder` runs: one submission on Gradescope, from its files to results.json.

It reads and writes below a root that is laid out as Gradescope's /autograder. A results.json that
says "not graded" is in place by then.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from autograder.errors import AssignmentError, UsageError
from autograder.levels import level
from autograder.sandbox import IsolationError, LaunchError, Sandbox
from autograder.text import one_line

if TYPE_CHECKING:
    from autograder.gradescope.metadata import Metadata
    from autograder.judging.verdicts import Report
    from autograder.model import (
        LatePenalty,
        LeaderboardColumn,
        Platform,
        SubmissionLimit,
    )

ANY_ISOLATION: Final = "--any-isolation"  # for a trial at home, where fewer walls are to be had
_NEEDED_LATER: Final = ("autograder.reports.results_json", "autograder.reports.terminal")


def run_and_exit(root: str, *options: str) -> NoReturn:
    """Grade, and end the process."""
    gc.disable()  # a short-lived process, which need not take itself apart at the end either
    grade_submission(Path(root), any_isolation=ANY_ISOLATION in options)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def grade_submission(root: Path, *, any_isolation: bool = False) -> None:
    """Grade the submission below a root; what staff should know is printed."""
    results_path = root / "results" / "results.json"
    notes: list[str] = []
    kept: dict[str, Any] = {}  # for extra_data, whatever comes of this run
    # Before anything that a student must not see is in memory.
    with Sandbox() as sandbox:
        try:
            results, report = _results(root, sandbox, notes, kept, any_isolation=any_isolation)
        except (AssignmentError, LaunchError, UsageError) as error:
            results, report = _not_graded(str(error)), None
        except Exception:  # a mistake of ours, too, is told to the staff and costs nobody points
            results, report = _not_graded(traceback.format_exc()), None
    _write(results, kept, results_path)
    for note in notes:
        print(f"note: {note}")
    if report is not None:
        from autograder.reports.terminal import print_report

        print_report(report, [f"Isolation: {report.facts['isolation']}."])


def _write(results: dict[str, Any], kept: dict[str, Any], path: Path) -> None:
    from autograder.reports.results_json import write_results

    write_results({**results, "extra_data": {**results.get("extra_data", {}), **kept}}, path)


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
    platform = assignment.platform
    metadata = _metadata(root, platform, notes)
    if platform.submission_limit and metadata is not None:
        kept.update(failed_before(metadata))
        refused = refused_results(platform.submission_limit, metadata, notes)
        if refused is not None:
            return refused, None
        if kept:  # also where this run is killed
            from autograder.reports.results_json import not_graded

            _write(not_graded("the grader was ended"), kept, root / "results" / "results.json")

    from autograder.pipeline import grade

    try:
        report = grade(root / "submission", assignment, sandbox, needed_later=_NEEDED_LATER)
    except IsolationError as error:
        required = level(assignment.require_isolation)
        raise UsageError(f"{error}, and {required} is required") from error

    from autograder.reports.results_json import results_of

    results = _with_leaderboard(results_of(report), platform.leaderboard)
    return applied_penalty(results, platform.late_penalty, metadata, notes), report


def _not_graded(reason: str) -> dict[str, Any]:
    from autograder.reports.results_json import not_graded

    print(f"not graded: {reason}")
    return not_graded(reason)


# Policies: whatever goes wrong in them, the grade stands. ----------------------------------------


def failed_before(metadata: Metadata) -> dict[str, Any]:
    """For extra_data, the times of earlier runs that failed through our fault, where there are any."""
    from autograder.gradescope.metadata import NOT_COUNTED

    times = [one.time.isoformat() for one in metadata.previous if one.failed]
    return {NOT_COUNTED: times} if times else {}


def refused_results(
    limit: SubmissionLimit, metadata: Metadata, notes: list[str]
) -> dict[str, Any] | None:
    """The results of a submission over the limit; None where it is to be graded."""
    from autograder.gradescope.policies import refusal

    try:
        return refusal(limit, metadata, notes)
    except Exception as error:
        notes.append(f"the limit of submissions was not applied: {one_line(repr(error))}")
        return None


def applied_penalty(
    results: dict[str, Any],
    penalty: LatePenalty | None,
    metadata: Metadata | None,
    notes: list[str],
) -> dict[str, Any]:
    """The results with the late penalty, where there is one to apply."""
    if penalty is None or metadata is None:
        return results
    from autograder.gradescope.policies import with_late_penalty

    try:
        return with_late_penalty(results, penalty, metadata, notes)
    except Exception as error:
        notes.append(f"no late penalty was applied: {one_line(repr(error))}")
        return results


def _metadata(root: Path, platform: Platform, notes: list[str]) -> Metadata | None:
    if not (platform.submission_limit or platform.late_penalty):
        return None
    from autograder.gradescope.metadata import read_metadata

    return read_metadata(root / "submission_metadata.json", notes)


def _with_leaderboard(
    results: dict[str, Any], columns: tuple[LeaderboardColumn, ...]
) -> dict[str, Any]:
    if not columns:
        return results
    from autograder.gradescope.policies import leaderboard

    return {**results, "leaderboard": leaderboard(results, columns)}
