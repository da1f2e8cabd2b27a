"""grades.csv: a row a student, for spreadsheets and for people, and read back as `--before`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from autograder.classroom.changes import Changes
from autograder.classroom.roster import NOT_RUN, Outcome, Person

BEFORE_CHECKS: Final = ("Name", "Email", "SID", "Submission", "Total", "Max")
AFTER_CHECKS: Final = ("Level", "Seconds", "Mistakes", "Note")
CHANGES: Final = ("Before", "Change")
# What a spreadsheet may take for a formula, also after spaces and quotes of our own.
_FORMULA: Final = re.compile(r"'*\s*[=+\-@\t\r＝＋－＠]")  # noqa: RUF001 - wide ones
_UNWRITABLE: Final = re.compile("[\0\ud800-\udfff]")

Cell = str | float | None  # a text, a number, or nothing


class Row(NamedTuple):
    """A student's row."""

    person: Person
    outcome: Outcome
    before: float | None
    changes: Changes | None

    @property
    def note(self) -> str:
        """What a person has to know of it."""
        entry, graded, reason, untouched = self.outcome
        notes = [entry.note] if entry.note else []
        if graded is not None:
            notes += [f"{n}: {graded.reason}" if n == NOT_RUN else n for n in graded.notes]
        elif reason:
            notes.append(f"not graded: {reason}")
        if untouched:
            notes.append("untouched starter")
        if self.changes is not None:
            if self.changes.unusable:
                notes.append(f"the score before is {self.changes.unusable}")
            notes += [f"before, apart: {name} {points:+g}" for name, points in self.changes.apart]
        return "; ".join(notes)

    @property
    def mistakes(self) -> str:
        """The names of the student's known mistakes; empty if there are none."""
        graded = self.outcome.graded
        return "; ".join(name for name, _ in graded.mistakes) if graded is not None else ""


def table_of(rows: Sequence[Row], titles: Sequence[str], *, with_before: bool) -> bytes:
    """The table, with a column for each check, of which these are the titles."""
    header = [*BEFORE_CHECKS, *titles, *AFTER_CHECKS, *(CHANGES if with_before else ())]
    return table_bytes(header, _cells(rows, len(titles), with_before=with_before))


def _cells(rows: Sequence[Row], checks: int, *, with_before: bool) -> Iterator[list[Cell]]:
    for row in rows:
        graded = row.outcome.graded
        cells: list[Cell] = [*row.person, row.outcome.entry.name]
        if graded is None:
            cells += [None] * (2 + checks + 2)
        else:
            cells += [graded.total, graded.max_points, *(line.points for line in graded.lines)]
            cells += [graded.level, graded.seconds]
        cells += [row.mistakes, row.note]
        if with_before:
            cells += [row.before, row.changes.change if row.changes else None]
        yield cells


def table_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table as RFC 4180 has it, with a mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(map(_cell, header))
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = _UNWRITABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", cell)
        return f"'{text}" if _FORMULA.match(text) else text
    return format(round(cell, 6) + 0.0, ".15g")


def plain_text(cell: str) -> str:
    """A text as it was before it was written."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
