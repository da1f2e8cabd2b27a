"""A class run: read the class, look up what is known, grade the rest, write table and page."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from autograder.classroom.changes import compare, counted, described
from autograder.classroom.export import read_class
from autograder.classroom.grade_all import (
    INTERRUPTED,
    LEFT_OUT,
    Basis,
    ClassGrading,
    Options,
    Tally,
    names_of,
)
from autograder.classroom.grader_process import GraderDied, GraderProcess
from autograder.classroom.grades_csv import Row, table_of
from autograder.classroom.pages import write_pages
from autograder.classroom.pool import Pool
from autograder.classroom.roster import Before, Entry, Outcome, Person, Roster
from autograder.classroom.scores import read_scores
from autograder.classroom.store import claimed, keep_only, result_name, write
from autograder.digest import (
    digest,
    digest_of_assignment,
    digest_of_engine,
    files_of_assignment,
)
from autograder.errors import AssignmentError, Fault, Place, UsageError
from autograder.levels import WALLS, level, walls_of
from autograder.text import one_line, plural

_LEAST_WALLS: Final = ("landlock", "seccomp")  # next to the files of a whole class
_MOST_WARNINGS: Final = 20

Find = Callable[[Person, Entry], "Before | None"]  # the result of a student before


def run_class(options: Options) -> int:
    """Grade a class; returns the exit status. Raises UsageError and AssignmentError."""
    start = time.monotonic()
    roster = _read(options)
    if sys.platform == "linux":  # the sources and names of a whole class are in memory
        from autograder.sandbox.walls.identity import keep_memory_private

        keep_memory_private()
    with _pool(options) as pool:
        basis = basis_of(options, pool.hello)
        before = _scores_before(options, roster, basis)
        with claimed(options.out, options.export) as store:
            tally = ClassGrading(options, roster, basis, store).grade(pool)
            rows = _write_table(options, basis, tally, before)
            missing = ""
            if not tally.interrupted:
                warnings = _warnings(roster, basis, tally)
                missing = write_pages(options, basis, tally, rows, warnings)
    _tell(options, basis, roster, tally, rows, missing, time.monotonic() - start)
    return 130 if tally.interrupted else 2 if tally.failed else 0


def _read(options: Options) -> Roster:
    roster = read_class(options.export, options.pattern)
    unknown = set(options.only).difference(*map(names_of, roster.entries))
    if unknown:
        name, example = one_line(min(unknown), 80), one_line(roster.entries[0].name, 80)
        raise UsageError(
            f"there is no submission {name} in {options.export}; name one such as {example}"
        )
    return roster


def _pool(options: Options) -> Pool:
    digest_here = digest_of_assignment(options.assignment)
    walls = WALLS if options.isolation is None else options.isolation
    if options.dask is not None:
        try:
            from autograder.classroom.cluster import open_cluster
        except ImportError:
            raise UsageError('--dask needs Dask: `pip install "autograder[class-dask]"`') from None
        files = files_of_assignment(options.assignment)
        return open_cluster(options.dask, files, digest_here, walls)
    setup = {"assignment": str(options.assignment.resolve()), "digest": digest_here}
    try:
        return Pool(options.jobs, lambda: GraderProcess(walls, setup))
    except GraderDied as error:
        raise UsageError(str(error)) from error


def basis_of(options: Options, hello: dict[str, Any]) -> Basis:
    """What a grader has told. Raises UsageError and AssignmentError if it cannot grade."""
    if "faults" in hello:
        raise AssignmentError(
            Fault(Place(Path(path), line, column), message)
            for path, line, column, message in hello["faults"]
        )
    if "failed" in hello:
        raise UsageError(hello["failed"])
    asked = options.isolation
    least = _LEAST_WALLS if asked is None else asked
    if not set(least) <= set(walls_of(hello["level"]) or ()):
        raise UsageError(
            f"this system gives the isolation {hello['level']} only, and strangers' code would run "
            f"beside your files: {level(least)} is the least; `--isolation {hello['level']}` runs it "
            "anyway"
        )
    setting = [
        hello["python"],
        hello["numpy"],
        hello["level"],
        level(WALLS if asked is None else asked),
    ]
    of_assignment = digest_of_assignment(options.assignment)
    return Basis(
        hello["title"],
        tuple(hello["wanted"]),
        [(number, name, most) for number, name, most in hello["checks"]],
        hello["level"],
        hello["hints"],
        digest([of_assignment, digest_of_engine(), *setting]),
    )


def _scores_before(options: Options, roster: Roster, basis: Basis) -> Find | None:
    """How to find the scores before; None if there are none. Raises UsageError if there should be."""
    scores = read_scores(options.before, basis.checks) if options.before else None

    def find(person: Person, entry: Entry) -> Before | None:
        return entry.before if scores is None else scores.find(person, entry.name)

    if any(find(person, entry) for entry in roster.entries for person in entry.people):
        return find
    if options.before:
        raise UsageError(f"{options.before} has scores of nobody in this class")
    if options.changed:
        raise UsageError("there are no scores from before in the export; name them with --before")
    return None


def _write_table(options: Options, basis: Basis, tally: Tally, find: Find | None) -> list[Row]:
    rows = [_row(who, one, find) for one in tally.outcomes for who in one.entry.people]
    write(options.out / "grades.csv", table_of(rows, basis.titles, with_before=find is not None))
    if not tally.interrupted:
        current = {result_name(one.entry.name) for one in tally.outcomes if one.graded is not None}
        keep_only(options.out / "results", current)  # the store still has the others
    return rows


def _row(person: Person, outcome: Outcome, find: Find | None) -> Row:
    graded = outcome.graded
    before = find(person, outcome.entry) if find is not None else None
    if before is None:
        return Row(person, outcome, None, None)
    compared = compare(before, graded.total, graded.lines) if graded is not None else None
    return Row(person, outcome, before.total, compared)


# What is said at the end. -------------------------------------------------------------------------


def _warnings(roster: Roster, basis: Basis, tally: Tally) -> list[str]:
    """What a person has to look at."""
    low = not set(_LEAST_WALLS) <= set(walls_of(basis.level) or ())
    isolation = f"strangers' code ran at isolation {basis.level}, without {level(_LEAST_WALLS)}"
    failed = [
        f"{one_line(one.entry.name, 80)} was not graded: {one_line(one.reason)}"
        for one in tally.outcomes
        if one.reason not in ("", INTERRUPTED, LEFT_OUT)  # which was asked for
    ]
    return [*([isolation] if low else []), *roster.warnings, *failed]


def _tell(
    options: Options,
    basis: Basis,
    roster: Roster,
    tally: Tally,
    rows: list[Row],
    missing_page: str,
    seconds: float,
) -> None:
    """Print what was done and where to look; with `--changed`, the differences alone."""
    warnings = _warnings(roster, basis, tally)
    if len(warnings) > _MOST_WARNINGS:
        warnings[_MOST_WARNINGS:] = [f"and {len(warnings) - _MOST_WARNINGS} more"]
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if tally.interrupted:
        print("autograder: interrupted; the same command continues from here", file=sys.stderr)
    counts = counted([row.changes for row in rows])
    if options.changed:
        for row in rows:
            if row.changes is not None and (row.changes.any or row.changes.apart):
                submission = one_line(row.outcome.entry.name, 80)
                print(f"{row.person.shown} ({submission}): {described(row.changes)}")
        print(counts)
        return
    missing = sum(one.graded is None for one in tally.outcomes)
    submissions, students = plural(len(roster.entries), "submission"), plural(len(rows), "row")
    print(f"{basis.title}: {submissions}, {students}, isolation {basis.level}")
    print(f"graded {tally.graded}, reused {tally.reused}, not graded {missing}, in {seconds:.1f} s")
    if roster.passed_over:
        print(f"passed over {plural(roster.passed_over, 'file')} of other kinds")
    if any(row.changes for row in rows):
        print(f"compared with before: {counts}")
    print("No late penalty and no limit of submissions was applied.")
    print(f"{options.out / 'grades.csv'} is the table, {options.out / 'results'} has the texts")
    if missing_page:
        print(missing_page)
    elif not tally.interrupted:
        print(f"{options.out / 'report.html'} shows what the class got wrong")
