"""submission_metadata.json: who handed in, when, and what went before; and such times in words.

The file is the platform's, and its form may change at any time. So nothing in it is an error: what
cannot be read is missing, and a note tells staff.
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from autograder.reports.results_json import NOT_GRADED, NOT_RUN
from autograder.text import one_line, plural

_NOT_COUNTED: Final = "not_counted"  # the key of the times of such runs in extra_data
_T = TypeVar("_T", dict[str, Any], list[Any])
_MOST_BYTES: Final = 64 * 2**20
# ISO 8601 with a time zone; without one, a time says nothing. Python 3.10 reads neither `Z` nor
# fractions of other lengths than 3 and 6 digits by itself.
_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))? ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))"
)


class Previous(NamedTuple):
    """An earlier submission of the same student or group."""

    time: datetime
    score: float | None
    failed: bool  # the grader, the platform, or what runs the code: it does not count
    results: dict[str, Any] | None  # Gradescope may give them for the latest one only


class Metadata(NamedTuple):
    """What Gradescope says about a submission, as far as it could be read."""

    created_at: datetime | None
    due_date: datetime | None  # for these students, with their extensions
    previous: tuple[Previous, ...]  # before this one, in order of time
    total_points: float | None = None  # of the assignment, points given by hand included


def read_metadata(path: Path, notes: list[str]) -> Metadata:
    """Read the file; a note is added for each thing that could not be read."""
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        notes.append(f"{path.name} cannot be read ({one_line(str(error))})")
        data = {}
    data = _kind(dict, data, path.name, notes)
    assignment = _kind(dict, data.get("assignment"), "assignment", notes)
    created_at = _time(data.get("created_at"), "created_at", notes)
    return Metadata(
        created_at,
        _due_date(data, assignment, notes),
        _previous(data, created_at, notes),
        finite(assignment.get("total_points")),
    )


def failed_before(metadata: Metadata) -> dict[str, Any]:
    """For extra_data, the times of earlier runs that do not count, if there are any."""
    times = [one.time.isoformat() for one in metadata.previous if one.failed]
    return {_NOT_COUNTED: times} if times else {}


def duration(span: timedelta) -> str:
    """`1 day 3 hours`, to the minute begun."""
    minutes = math.ceil(span / timedelta(minutes=1))
    counts = {"day": minutes // 1440, "hour": minutes % 1440 // 60, "minute": minutes % 60}
    return " ".join(plural(count, noun) for noun, count in counts.items() if count)


def moment(time: datetime) -> str:
    """A time with its offset: `Wed 25 November 2026, 13:05:09 (UTC-08:00)`."""
    return time.strftime("%a %d %B %Y, %H:%M:%S (%Z)")


def _due_date(
    data: dict[str, Any], assignment: dict[str, Any], notes: list[str]
) -> datetime | None:
    """The latest due date of the members of the group, each with an extension or without."""
    common = _time(assignment.get("due_date"), "assignment.due_date", notes)
    dates = []
    for number, entry in enumerate(_kind(list, data.get("users"), "users", notes)):
        where = f"users[{number}]"
        own = _kind(dict, _kind(dict, entry, where, notes).get("assignment"), where, notes)
        extended = _time(own.get("due_date"), f"{where}.assignment.due_date", notes)
        dates.append(extended or common)
    return max((date for date in dates if date), default=common)


def _previous(
    data: dict[str, Any], before: datetime | None, notes: list[str]
) -> tuple[Previous, ...]:
    found = []
    entries = _kind(list, data.get("previous_submissions"), "previous_submissions", notes)
    for number, entry in enumerate(entries):
        where = f"previous_submissions[{number}]"
        entry = _kind(dict, entry, where, notes)
        time = _time(entry.get("submission_time"), f"{where}.submission_time", notes)
        if time is None:
            notes.append(f"{where} has no time and is left out")
        elif before is None or time < before:
            results = entry.get("results")
            results = results if isinstance(results, dict) and results else None
            score = finite(entry.get("score"))
            found.append(Previous(time, score, _failed(entry, score, results), results))
    found.sort(key=lambda previous: previous.time)
    told = {time for one in found for time in _not_counted(one)}
    return tuple(one._replace(failed=one.failed or one.time in told) for one in found)


def _not_counted(one: Previous) -> list[datetime]:
    """The times of still earlier runs that do not count, as this run has noted them.

    Gradescope may give the results of the latest run only, so each run repeats the notes before it.
    """
    extra = (one.results or {}).get("extra_data")
    times = extra.get(_NOT_COUNTED) if isinstance(extra, dict) else None
    read = [_time(time, _NOT_COUNTED, []) for time in times] if isinstance(times, list) else []
    return [time for time in read if time is not None]


def _failed(entry: dict[str, Any], score: float | None, results: dict[str, Any] | None) -> bool:
    """Whether this run gave the student nothing, or no final score, so that it must not count."""
    extra = (results or {}).get("extra_data")
    noted = isinstance(extra, dict) and (NOT_GRADED in extra or NOT_RUN in extra)
    return bool(entry.get("autograder_error")) or noted or score is None


def finite(value: object) -> float | None:
    """The value as a finite number, even if it is written as a text; otherwise None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def _time(value: object, where: str, notes: list[str]) -> datetime | None:
    if value is None:
        return None
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match:
        day, clock, fraction, _, hours, minutes = match.groups()
        zone = f"{hours}:{minutes}" if hours else "+00:00"
        digits = (fraction or "0")[:6].ljust(6, "0")
        try:
            return datetime.fromisoformat(f"{day}T{clock}.{digits}{zone}")
        except ValueError:
            pass
    notes.append(f"{where} is not a time with a time zone: {one_line(repr(value), 80)}")
    return None


def _kind(kind: type[_T], value: object, where: str, notes: list[str]) -> _T:
    """The value, if it is a mapping or a list as it should be, or else an empty one with a note."""
    if isinstance(value, kind):
        return value
    if value is not None:
        name = "mapping" if kind is dict else "list"
        notes.append(f"{where} is not a {name} but {one_line(repr(value), 80)}")
    return kind()
