"""Scores from before, out of a file: our own grades.csv, or Gradescope's "Download grades"."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Final

from autograder.classroom.grades_csv import AFTER_CHECKS, plain_text
from autograder.classroom.listing import number
from autograder.classroom.roster import Before, Line, Person
from autograder.errors import UsageError
from autograder.text import one_line

_NO_SCORE: Final = ("missing", "ungraded")
_MOST_BYTES: Final = 256 * 2**20
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_COMMA: Final = re.compile(r"\A(-?\d+),(\d+)\Z")
_SEPARATOR: Final = re.compile(r"\Asep=.\r?\n")  # a line for one spreadsheet alone

Checks = list[tuple[str, str, float]]  # number, name, most points, as they are now


class Scores:
    """Scores from before, by person and submission."""

    def __init__(self) -> None:
        self._by_submission: dict[str, list[tuple[str, Before]]] = {}  # of rows that name nobody
        self._by_person: dict[tuple[str, str], list[tuple[str, Before]]] = {}

    def add(self, person: Person, submission: str, before: Before) -> None:
        """Enter a student's result, to be found by any key of the person."""
        row = (submission.removeprefix("submission_"), before)
        for key in person.keys:
            self._by_person.setdefault(key, []).append(row)
        if not any(person):
            self._by_submission.setdefault(row[0], []).append(row)

    def find(self, person: Person, submission: str) -> Before | None:
        """The one score of a person; if there are several, that of the same submission."""
        name = submission.removeprefix("submission_")
        for key in person.keys:
            rows = self._by_person.get(key, [])
            same = [row for row in rows if row[0] == name] if len(rows) > 1 else rows
            if rows:
                return same[0][1] if len(same) == 1 else None
        nameless = self._by_submission.get(name, [])
        return nameless[0][1] if len(nameless) == 1 else None


def read_scores(path: Path, checks: Checks) -> Scores:
    """The scores in a file, its columns in any order. Raises UsageError."""
    header, rows = _read_table(path)
    named = {" ".join(name.split()).casefold(): n for n, name in reversed(list(enumerate(header)))}
    who = {"name", "email", "sid", "submission", "submission id"} & set(named)
    if not who and not {"first name", "last name"} <= set(named):
        raise UsageError(
            f"{path} has no column that says who: Name, First Name and Last Name, Email, SID or "
            "Submission ID"
        )
    total = named.get("total", named.get("total score"))
    if total is None:
        raise UsageError(f"{path} has no column Total or Total Score")
    columns = _check_columns(header, rows, checks)
    scores = Scores()
    for row in rows:
        cells = {key: plain_text(row[n]).strip() for key, n in named.items() if n < len(row)}
        name = cells.get("name") or f"{cells.get('first name', '')} {cells.get('last name', '')}"
        person = Person(name.strip(), cells.get("email", ""), cells.get("sid", ""))
        points = number(row[total]) if total < len(row) else None
        if cells.get("status", "").casefold() in _NO_SCORE or points is None:
            continue
        lines = [
            full._replace(points=value, passed=value >= full.points)
            for n, full in columns
            if n < len(row) and (value := number(row[n])) is not None
        ]
        submission = cells.get("submission id") or cells.get("submission", "")
        scores.add(person, submission, Before(points, tuple(lines) if columns else None))
    return scores


def _read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        text = data.decode("utf-16" if data[:2] in _UTF_16 else "utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 (byte {error.start}); save it as CSV UTF-8"
        raise UsageError(f"{path} {reason}") from None
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{path} is larger than {_MOST_BYTES >> 20} MiB")
    text = _SEPARATOR.sub("", text)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)  # some countries' spreadsheets write semicolons
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [row for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: {one_line(str(error))}") from None
    if not rows:
        raise UsageError(f"{path} is empty")
    if delimiter != ",":  # 9,5 is a number there
        rows = [[_COMMA.sub(r"\1.\2", cell) for cell in row] for row in rows]
    return rows[0], rows[1:]


def _check_columns(
    header: list[str], rows: list[list[str]], checks: Checks
) -> list[tuple[int, Line]]:
    """Columns of checks, each with its line as it would be if passed; none in a file of others."""
    if "Max" not in header or AFTER_CHECKS[0] not in header:
        return []
    now = {f"{check[0]} {check[1]}".strip(): check for check in checks}
    columns = []
    for n, title in enumerate(map(plain_text, header)):
        if title not in now and ": " not in title:  # what checks of an earlier suite have, too
            continue
        label, name, most = now.get(title, (*title.partition(" ")[::2], 0.0))
        # The points of a passed check then, which may be others than now.
        earned = {value for row in rows if n < len(row) and (value := number(row[n]))}
        full = earned.pop() if len(earned) == 1 else max([most, *earned])
        columns.append((n, Line(label, name, full, None, True)))
    return columns
