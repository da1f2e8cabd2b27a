"""What came of each submission of a class, and its rows in the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from autograder.classroom import changes as changing
from autograder.classroom.before import Scores
from autograder.classroom.changes import Changes
from autograder.classroom.roster import Entry, Line, Person
from autograder.classroom.table import AFTER_CHECKS, BEFORE_CHECKS, CHANGES, Cell


class Failure(NamedTuple):
    """A failed check that matches no known mistake, and what its result is known by."""

    line: int
    exact: str  # equal for equal failures
    numbers: tuple[float, ...]  # nearly equal for equal failures


class Graded(NamedTuple):
    """The result of a submission, as far as the table needs it."""

    total: float
    max_points: float
    lines: tuple[Line, ...]
    level: str
    seconds: float
    mistakes: tuple[tuple[str, tuple[int, ...]], ...]  # by name, the lines in which they show
    notes: tuple[str, ...]
    reason: str  # in the words of the first text, if there are notes
    failures: tuple[Failure, ...]  # that match no known mistake


class Outcome(NamedTuple):
    """A submission and what came of it."""

    entry: Entry
    graded: Graded | None = None
    reason: str = ""  # why it is not graded
    untouched: bool = False  # it is the starter, as it was handed out


class Row(NamedTuple):
    """A student's row."""

    person: Person
    outcome: Outcome
    before: float | None
    changes: Changes | None


class Shared:
    """Values that most submissions of a class have in common, held once."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def graded(self, summary: dict[str, Any]) -> Graded:
        """The result in a record's summary."""
        lines = tuple(self._one(Line(*line)) for line in summary["checks"])
        return Graded(
            summary["total"],
            summary["max"],
            self._one(lines),
            self._one(summary["level"]),
            summary["seconds"],
            self._one(tuple((name, tuple(checks)) for name, checks in summary["mistakes"])),
            self._one(tuple(summary["notes"])),
            self._one(summary["reason"] if summary["notes"] else ""),
            self._one(
                tuple(Failure(n, mark, tuple(found)) for n, mark, found in summary["failures"])
            ),
        )

    def _one(self, value: Any) -> Any:
        return self._known.setdefault(value, value)


def rows_of(outcomes: list[Outcome], scores: Scores | None) -> list[Row]:
    """The rows of the table: one for every member of every group."""
    return [_row(person, one, scores) for one in outcomes for person in one.entry.people]


def _row(person: Person, outcome: Outcome, scores: Scores | None) -> Row:
    entry, graded = outcome.entry, outcome.graded
    before = scores.find(person, entry.name) if scores is not None else entry.before
    if before is None:
        return Row(person, outcome, None, None)
    changes = None
    if graded is not None:
        changes = changing.compare(before, graded.total, graded.lines)
    return Row(person, outcome, before.total, changes)


def header_of(checks: list[tuple[str, str, float]], *, with_before: bool) -> list[str]:
    titles = [f"{number} {name}".strip() for number, name, _ in checks]
    return [*BEFORE_CHECKS, *titles, *AFTER_CHECKS, *(CHANGES if with_before else ())]


def cells_of(
    rows: list[Row], checks: list[tuple[str, str, float]], *, with_before: bool
) -> Iterator[list[Cell]]:
    """The cells of each row, below the header."""
    for person, outcome, before, changes in rows:
        graded = outcome.graded
        cells: list[Cell] = [*person, outcome.entry.name]
        if graded is None:
            cells += [None] * (2 + len(checks) + 3)
        else:
            points = {(line.number, line.name): line.points for line in graded.lines}
            cells += [graded.total, graded.max_points]
            cells += [points.get((number, name)) for number, name, _ in checks]
            cells += [graded.level, graded.seconds, "; ".join(name for name, _ in graded.mistakes)]
        cells.append(note_of(outcome, changes))
        if with_before:
            cells += [before, changes.change if changes else None]
        yield cells


def note_of(outcome: Outcome, changes: Changes | None = None) -> str:
    """What a person has to know of a row."""
    notes = [outcome.entry.note] if outcome.entry.note else []
    if outcome.graded is not None:
        notes += outcome.graded.notes
    elif outcome.reason:
        notes.append(f"not graded: {outcome.reason}")
    if outcome.untouched:
        notes.append("untouched starter")
    if changes is not None and changes.repeated:
        notes.append("the score before is that of an earlier submission")
    if changes is not None:
        notes += [f"before, apart: {name} {points:+g}" for name, points in changes.apart]
    return "; ".join(notes)
