"""Scores from before, out of a file: our own grades.csv, or Gradescope's "Download grades"."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final, NamedTuple

from autograder.classroom.listing import number
from autograder.classroom.roster import Before, Line, Person, identity
from autograder.classroom.table import AFTER_CHECKS, plain_text
from autograder.errors import UsageError
from autograder.text import one_line

_NO_SCORE: Final = ("missing", "ungraded")
_MOST_BYTES: Final = 256 * 2**20

Checks = list[tuple[str, str, float]]  # number, name, most points, as they are now


class _Row(NamedTuple):
    person: Person
    submission: str
    before: Before


class Scores:
    """Scores from before, by person and submission."""

    def __init__(self, rows: list[_Row]) -> None:
        self._by_submission: dict[str, list[_Row]] = {}
        self._by_person: dict[tuple[str, str], list[_Row]] = {}
        for row in rows:
            if row.submission:
                self._by_submission.setdefault(row.submission, []).append(row)
            for key in _keys(row.person):
                self._by_person.setdefault(key, []).append(row)

    def find(self, person: Person, submission: str) -> Before | None:
        """The one score of a person; if there are several, that of the same submission."""
        name = submission.removeprefix("submission_")
        for key in _keys(person):
            rows = self._by_person.get(key, [])
            same = [row for row in rows if row.submission == name] if len(rows) > 1 else rows
            if len(same) == 1:
                return same[0].before
            if rows:
                return None
        nameless = [row for row in self._by_submission.get(name, []) if not any(row.person)]
        return nameless[0].before if len(nameless) == 1 else None


def _keys(person: Person) -> list[tuple[str, str]]:
    """By what a person can be found, the surest first."""
    alone = (person._replace(sid="", name=""), person._replace(email="", name=""))
    name = " ".join(person.name.split()).casefold()
    found = [key for one in alone if (key := identity(one)) is not None]
    return [*found, ("name", name)] if name else found


def read_scores(path: Path, checks: Checks) -> Scores:
    """The scores in a file. Raises UsageError."""
    header, rows = _read_table(path)
    named = {" ".join(name.split()).casefold(): n for n, name in reversed(list(enumerate(header)))}
    who = [key for key in ("name", "email", "sid", "submission", "submission id") if key in named]
    if not who and not {"first name", "last name"} <= set(named):
        raise UsageError(
            f"{path} has no column that says who: Name, First Name and Last Name, Email, SID or "
            "Submission ID"
        )
    total = named.get("total", named.get("total score"))
    if total is None:
        raise UsageError(f"{path} has no column Total or Total Score")
    columns = _check_columns(header, rows, checks)
    found = []
    for row in rows:
        cells = {key: plain_text(row[n]).strip() for key, n in named.items() if n < len(row)}
        name = cells.get("name") or f"{cells.get('first name', '')} {cells.get('last name', '')}"
        person = Person(name.strip(), cells.get("email", ""), cells.get("sid", ""))
        submission = cells.get("submission id") or cells.get("submission", "")
        points = number(row[total]) if total < len(row) else None
        if cells.get("status", "").casefold() in _NO_SCORE or points is None:
            continue
        lines = [_line(row, n, full) for n, full in columns]
        known = tuple(line for line in lines if line is not None)
        before = Before(points, known if columns else None)
        found.append(_Row(person, submission.removeprefix("submission_"), before))
    return Scores(found)


def _read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise UsageError(f"{path} is larger than {_MOST_BYTES >> 20} MiB")
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 (byte {error.start}); save it as CSV UTF-8"
        ) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)  # some countries' spreadsheets write semicolons
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [row for row in reader if any(row)]
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: {one_line(str(error))}") from None
    if not rows:
        raise UsageError(f"{path} is empty")
    return rows[0], rows[1:]


# The checks of our own grades.csv. ---------------------------------------------------------------


def _check_columns(
    header: list[str], rows: list[list[str]], checks: Checks
) -> list[tuple[int, Line]]:
    """Columns of checks, each with its line as it would be if passed; none in a file of others."""
    if "Max" not in header or AFTER_CHECKS[0] not in header:
        return []
    end = len(header) - 1 - header[::-1].index(AFTER_CHECKS[0])
    now = {f"{number} {name}".strip(): (number, name, most) for number, name, most in checks}
    columns = []
    for n in range(header.index("Max") + 1, end):
        title = plain_text(header[n])
        gone = (*title.partition(" ")[::2], 0.0)
        label, name, most = now.get(title, gone)
        columns.append((n, Line(label, name, _full(rows, n, most), None, True)))
    return columns


def _full(rows: list[list[str]], column: int, most: float) -> float:
    """The points of a passed check then, which may be others than now."""
    points = {number(row[column]) for row in rows if column < len(row)}
    earned = {value for value in points if value}
    return earned.pop() if len(earned) == 1 else max([most, *earned])


def _line(row: list[str], column: int, full: Line) -> Line | None:
    points = number(row[column]) if column < len(row) else None
    if points is None:
        return None
    return full._replace(points=points, passed=points >= full.points)
