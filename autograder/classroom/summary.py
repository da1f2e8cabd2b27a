"""What a class run says at its end."""

from __future__ import annotations

import sys
from typing import Final

from autograder.classroom.changes import counted, described
from autograder.classroom.grade_all import INTERRUPTED, Basis, Options, Tally
from autograder.classroom.roster import Roster
from autograder.classroom.table import Row
from autograder.levels import level, walls_of
from autograder.text import one_line, plural

LEAST_WALLS: Final = ("landlock", "seccomp")  # next to the files of a whole class
_MOST_WARNINGS: Final = 20


def warnings_of(roster: Roster, basis: Basis, tally: Tally) -> list[str]:
    """What a person has to look at."""
    low = not set(LEAST_WALLS) <= set(walls_of(basis.level) or ())
    isolation = f"strangers' code ran at isolation {basis.level}, without {level(LEAST_WALLS)}"
    failed = [
        f"{one_line(one.entry.name, 80)} was not graded: {one_line(one.reason)}"
        for one in tally.outcomes
        if one.reason and one.reason != INTERRUPTED
    ]
    return [*([isolation] if low else []), *roster.warnings, *failed]


def tell(
    options: Options,
    basis: Basis,
    roster: Roster,
    tally: Tally,
    rows: list[Row],
    missing_page: str,
    seconds: float,
) -> None:
    """Print what was done and where to look; with `--changed`, the differences alone."""
    warnings = warnings_of(roster, basis, tally)
    if len(warnings) > _MOST_WARNINGS:
        warnings[_MOST_WARNINGS:] = [f"and {len(warnings) - _MOST_WARNINGS} more"]
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if tally.interrupted:
        print("autograder: interrupted; the same command goes on from here", file=sys.stderr)
    counts = counted([row.changes for row in rows if row.changes is not None])
    if options.changed:
        for row in rows:
            if row.changes is not None and (row.changes.any or row.changes.apart):
                who = one_line(row.person.name or row.person.email or row.person.sid, 80)
                submission = one_line(row.outcome.entry.name, 80)
                print(f"{who} ({submission}): {described(row.changes)}")
        print(counts)
        return
    missing = sum(one.graded is None for one in tally.outcomes)
    submissions, students = plural(len(roster.entries), "submission"), plural(len(rows), "row")
    print(f"{basis.title}: {submissions}, {students}, isolation {basis.level}")
    print(f"graded {tally.graded}, reused {tally.reused}, not graded {missing}, in {seconds:.1f} s")
    if roster.passed_over:
        print(f"passed over {plural(roster.passed_over, 'file')} that are not submissions")
    if any(row.before is not None for row in rows):
        print(f"compared with before: {counts}")
    print("No late penalty and no limit of submissions was applied.")
    print(f"{options.out / 'grades.csv'} is the table, {options.out / 'results'} has the texts")
    if missing_page:
        print(missing_page)
    elif not tally.interrupted:
        print(f"{options.out / 'report.html'} shows what the class got wrong")
