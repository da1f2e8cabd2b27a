"""What a class run says at its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from autograder.classroom.changes import counted, described
from autograder.classroom.outcome import Outcome, Row
from autograder.levels import level, walls_of
from autograder.text import one_line, plural

if TYPE_CHECKING:
    from autograder.classroom.grading import Options, Suite, Tally
    from autograder.classroom.roster import Person, Roster

_MOST_WARNINGS: Final = 20
LEAST_WALLS: Final = ("landlock", "seccomp")  # next to the files of a whole class


def warnings_of(roster: Roster, suite: Suite, tally: Tally) -> list[str]:
    """What a person has to look at."""
    low = not set(LEAST_WALLS) <= set(walls_of(suite.level) or ())
    isolation = [f"strangers' code ran at isolation {suite.level}, without {level(LEAST_WALLS)}"]
    return [*(isolation if low else ()), *roster.warnings, *_not_graded(tally.outcomes)]


def tell(
    options: Options,
    suite: Suite,
    roster: Roster,
    tally: Tally,
    rows: list[Row],
    missing_page: str,
    seconds: float,
) -> None:
    """Print what was done and where to look; with `--changed`, the differences alone."""
    warnings = warnings_of(roster, suite, tally)
    for warning in warnings[:_MOST_WARNINGS]:
        print(f"warning: {warning}", file=sys.stderr)
    if len(warnings) > _MOST_WARNINGS:
        print(f"warning: and {len(warnings) - _MOST_WARNINGS} more", file=sys.stderr)
    if tally.interrupted:
        print("autograder: interrupted; the same command goes on from here", file=sys.stderr)
    if options.changed:
        for row in rows:
            if row.changes is not None and (row.changes.any or row.changes.apart):
                shown = f"{_called(row.person)} ({one_line(row.outcome.entry.name, 80)})"
                print(f"{shown}: {described(row.changes)}")
        print(_counts(rows))
        return
    missing = sum(one.graded is None for one in tally.outcomes)
    print(
        f"{suite.title}: {plural(len(roster.entries), 'submission')}, {plural(len(rows), 'row')}, "
        f"isolation {suite.level}"
    )
    print(f"graded {tally.graded}, reused {tally.reused}, not graded {missing}, in {seconds:.1f} s")
    if roster.passed_over:
        print(f"passed over {plural(roster.passed_over, 'file')} that are not submissions")
    if any(row.before is not None for row in rows):
        print(f"compared with before: {_counts(rows)}")
    print("No late penalty and no limit of submissions was applied.")
    print(f"{options.out / 'grades.csv'} is the table, {options.out / 'results'} has the texts")
    if missing_page:
        print(missing_page)
    elif not tally.interrupted:
        print(f"{options.out / 'report.html'} shows what the class got wrong")


def _counts(rows: list[Row]) -> str:
    return counted([row.changes for row in rows if row.changes is not None])


def _called(person: Person) -> str:
    return one_line(person.name or person.email or person.sid, 80)


def _not_graded(outcomes: list[Outcome]) -> list[str]:
    """Those that the grader failed on, each with the reason."""
    return [
        f"{one_line(one.entry.name, 80)} was not graded: {one_line(one.reason)}"
        for one in outcomes
        if one.reason and one.reason != "interrupted"
    ]
