"""A class run: read the class, look up what is known, grade the rest, write the table."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, Final

from autograder.classroom import summary
from autograder.classroom.before import Scores, read_scores
from autograder.classroom.cluster import Cluster
from autograder.classroom.export import read_class
from autograder.classroom.grading import Grading, Options, Suite, Tally, names_of
from autograder.classroom.outcome import Row, cells_of, header_of, rows_of
from autograder.classroom.pages import write_pages
from autograder.classroom.pool import Pool
from autograder.classroom.process import GraderDied, GraderProcess
from autograder.classroom.progress import Progress
from autograder.classroom.roster import Roster
from autograder.classroom.store import claimed, result_name, write
from autograder.classroom.table import table_bytes
from autograder.digest import (
    digest,
    digest_of_assignment,
    digest_of_engine,
    files_of_assignment,
)
from autograder.errors import AssignmentError, Fault, Place, UsageError
from autograder.levels import WALLS, level, walls_of
from autograder.text import one_line

_START_SECONDS: Final = 600.0  # to read an assignment and to try its expectations


def run_class(options: Options) -> int:
    """Grade a class; returns the exit status. Raises UsageError and AssignmentError."""
    start = time.monotonic()
    roster = _read(options)
    _keep_memory_private()
    with _pool(options) as pool:
        suite = _suite(options, pool.hello)
        scores = read_scores(options.before, suite.checks) if options.before else None
        _check_changes(options, roster, scores)
        with claimed(options.out, options.export) as store:
            tally = Grading(options, roster, suite, store).grade(pool)
            rows = _write_table(options, suite, tally, scores)
            missing = ""
            if not tally.interrupted:
                warnings = summary.warnings_of(roster, suite, tally)
                missing = write_pages(options, suite, tally, rows, warnings)
    summary.tell(options, suite, roster, tally, rows, missing, time.monotonic() - start)
    return 130 if tally.interrupted else 2 if tally.failed else 0


# Before anything is written. ---------------------------------------------------------------------


def _read(options: Options) -> Roster:
    progress: Progress | None = None

    def watch(count: int, total: int) -> None:
        nonlocal progress
        progress = progress or Progress("reading the export", total, in_bytes=True)
        progress.step(count)

    try:
        roster = read_class(options.export, options.pattern, watch)
    finally:
        if progress is not None:
            progress.__exit__(None, None, None)
    unknown = set(options.only).difference(*map(names_of, roster.entries))
    if unknown:
        example = one_line(roster.entries[0].name, 80)
        raise UsageError(
            f"there is no submission {one_line(min(unknown), 80)} in {options.export}; name one such as "
            f"{example}"
        )
    return roster


def _pool(options: Options) -> Pool | Cluster:
    digest_here = digest_of_assignment(options.assignment)
    walls = WALLS if options.walls is None else options.walls
    if options.dask is not None:
        files = files_of_assignment(options.assignment)
        return Cluster(options.dask, files, digest_here, walls)
    setup = {"assignment": str(options.assignment.resolve()), "digest": digest_here}
    try:
        return Pool(options.jobs, lambda: GraderProcess(walls, setup, _START_SECONDS))
    except (GraderDied, OSError) as error:
        reason = str(error) or "it ended at once"
        raise UsageError(f"no grader could be started: {reason}") from error


def _suite(options: Options, hello: dict[str, Any]) -> Suite:
    if "faults" in hello:
        raise AssignmentError(
            Fault(Place(Path(path), line, column), message)
            for path, line, column, message in hello["faults"]
        )
    if "failed" in hello:
        raise UsageError(hello["failed"])
    asked = options.walls
    least = summary.LEAST_WALLS if asked is None else asked
    if not set(least) <= set(walls_of(hello["level"]) or ()):
        raise UsageError(
            f"this system gives the isolation {hello['level']} only, and strangers' code would run "
            f"beside your files: {level(least)} is the least; `--isolation {hello['level']}` runs it "
            "all the same"
        )
    setting = digest([hello["python"], hello["numpy"], hello["level"], level(asked or WALLS)])
    return Suite(
        hello["title"],
        hello["submission"],
        [(number, name, most) for number, name, most in hello["checks"]],
        hello["level"],
        hello["hints"],
        digest([digest_of_assignment(options.assignment), digest_of_engine(), setting]),
    )


def _check_changes(options: Options, roster: Roster, scores: Scores | None) -> None:
    if options.changed and scores is None and not any(e.before for e in roster.entries):
        raise UsageError("there are no scores from before in the export; name them with --before")


def _keep_memory_private() -> None:
    """The sources and names of a whole class are in it."""
    if sys.platform != "linux":
        return
    from autograder.sandbox.walls.identity import keep_memory_private

    keep_memory_private()


# The table. --------------------------------------------------------------------------------------


def _write_table(options: Options, suite: Suite, tally: Tally, scores: Scores | None) -> list[Row]:
    rows = rows_of(tally.outcomes, scores)
    with_before = scores is not None or any(row.before is not None for row in rows)
    header = header_of(suite.checks, with_before=with_before)
    cells = cells_of(rows, suite.checks, with_before=with_before)
    write(options.out / "grades.csv", table_bytes(header, cells))
    current = {result_name(one.entry.name) for one in tally.outcomes if one.graded is not None}
    for path in (options.out / "results").iterdir():
        if path.name not in current:  # of an earlier run; the store still has it
            os.unlink(path)
    return rows
