"""What instructors switch on: a limit of submissions, a late penalty, a leaderboard.

Each is a function of the results and of what Gradescope tells of the submission, and depends on
nothing else: not on the clock, so that grading again gives the same.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from autograder.gradescope.metadata import finite
from autograder.text import cut, plural, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.gradescope.metadata import Metadata, Previous
    from autograder.model import LatePenalty, LeaderboardColumn, SubmissionLimit

_DAY: Final = timedelta(days=1)
_MOST_OUTPUT: Final = 20_000
_TEXTS: Final = ("name", "number", "output")
_FORMATS: Final = ("text", "html", "simple_format", "md", "ansi")
_CHOICES: Final = {
    "output_format": _FORMATS,
    "name_format": _FORMATS,
    "status": ("passed", "failed"),
    "visibility": ("visible", "hidden", "after_due_date", "after_published"),
}


# The limit of submissions. -----------------------------------------------------------------------


def refusal(limit: SubmissionLimit, metadata: Metadata, notes: list[str]) -> dict[str, Any] | None:
    """The results of a submission over the limit: the previous ones, with the reason on top.

    None where it is within the limit, and where that cannot be told: in doubt it is graded.
    """
    if metadata.created_at is None:
        notes.append("the limit of submissions was not applied: no time of this submission")
        return None
    window = timedelta(minutes=limit.window_minutes)
    counted = _counted(metadata.previous, limit.allowed_submissions, window)
    recent = [one for one in counted if one.time > metadata.created_at - window]
    if len(recent) < limit.allowed_submissions:
        return None
    again = recent[-limit.allowed_submissions].time + window
    reason = (
        f"This submission was not graded: {plural(limit.allowed_submissions, 'submission')} in "
        f"{_duration(window)} is the limit, and that many were graded before it. "
        f"The next one is graded from {_moment(again, metadata.created_at)} on."
    )
    notes.append(f"over the limit of submissions; the next one is graded from {again} on")
    sound = [one.results for one in metadata.previous if one.results and not one.failed]
    shown = _shown_again(sound[-1] if sound else {}, recent[-1])
    below = "Below are the results of your last graded submission, which stay in force."
    earlier = shown.get("output", "")
    shown["output"] = "\n\n".join(filter(None, [f"{reason} {below}", earlier]))
    shown["output_format"] = "text"
    shown["extra_data"] = {"over_limit": {"next_from": again.isoformat()}}
    return shown


def _counted(previous: Sequence[Previous], allowed: int, window: timedelta) -> list[Previous]:
    """The submissions that were graded.

    Which ones were over the limit at their time is found by going through all of them in order:
    Gradescope gives the results of the latest one only, so there is nowhere to have noted it.
    """
    counted: list[Previous] = []
    for one in previous:
        recent = [earlier for earlier in counted if earlier.time > one.time - window]
        if not one.failed and len(recent) < allowed:
            counted.append(one)
    return counted


def _shown_again(results: dict[str, Any], last: Previous) -> dict[str, Any]:
    """Earlier results as Gradescope would take them again; of those it has kept, what is sound."""
    shown: dict[str, Any] = {}
    tests = results.get("tests")
    if isinstance(tests, list) and tests:
        shown["tests"] = [_test_again(test) for test in tests if isinstance(test, dict)]
    score = finite(results.get("score"))
    shown["score"] = max(0.0, score if score is not None else last.score or 0.0)
    board = results.get("leaderboard")
    if isinstance(board, list) and board:
        shown["leaderboard"] = [_column_again(one) for one in board if isinstance(one, dict)]
    extra = results.get("extra_data")
    was_refused = isinstance(extra, dict) and "over_limit" in extra
    output = results.get("output")
    if isinstance(output, str) and not was_refused:  # whose reason is not today's
        shown["output"] = cut(safe(output), _MOST_OUTPUT)
    return shown


def _test_again(test: dict[str, Any]) -> dict[str, Any]:
    again: dict[str, Any] = {
        key: safe(test[key]) for key in _TEXTS if isinstance(test.get(key), str)
    }
    points = finite(test.get("score")), finite(test.get("max_score"))
    if points[0] is not None and points[1] is not None:
        again["score"], again["max_score"] = points
    for key, allowed in _CHOICES.items():
        if test.get(key) in allowed:
            again[key] = test[key]
    # What cannot be made out may have been hidden.
    again.setdefault("visibility", "hidden" if test.get("visibility") else "visible")
    if isinstance(test.get("tags"), list):
        again["tags"] = [safe(str(tag)) for tag in test["tags"]]
    return again


def _column_again(column: dict[str, Any]) -> dict[str, Any]:
    value = column.get("value")
    number = None if isinstance(value, str) else finite(value)
    order = "asc" if column.get("order") == "asc" else "desc"
    return {
        "name": safe(str(column.get("name") or "-")),
        "value": safe(str(value)) if number is None else number,
        "order": order,
    }


# The late penalty. -------------------------------------------------------------------------------


def with_late_penalty(
    results: dict[str, Any], penalty: LatePenalty, metadata: Metadata, notes: list[str]
) -> dict[str, Any]:
    """The results with the penalty as a line of its own, and taken off the score.

    It is a share of all points of the assignment and not of those earned: of these, the line would
    tell the sum, and with it the points of hidden checks. The score never falls below 0.
    """
    created_at, due = metadata.created_at, metadata.due_date
    if created_at is None or due is None:
        notes.append("no late penalty: no due date, or no time of this submission")
        return results
    grace = timedelta(minutes=penalty.grace_period_minutes)
    late = created_at - due
    if late <= grace:
        return results
    days = math.ceil((late - grace) / _DAY)
    percent = min(days * penalty.percent_per_day, penalty.max_percent)
    most = sum(test.get("max_score", 0.0) for test in results["tests"])
    points = round(most * percent / 100, 2)
    text = (
        f"Handed in {_duration(late)} after the due date, {_moment(due, created_at)}. "
        f"{plural(days, 'day')} begun{_after(grace)}, at {penalty.percent_per_day:g} % of "
        f"{most:g} points each, take off {points:g} points"
    )
    if percent < days * penalty.percent_per_day:
        text += f"; {penalty.max_percent:g} % is the most"
    text += ". The total does not fall below 0."
    line = {
        "name": "Late penalty",
        "name_format": "text",
        "score": -points,
        "max_score": 0.0,
        "status": "failed",
        "output": text,
        "output_format": "text",
        "visibility": "visible",
    }
    score = max(0.0, results["score"] - points)
    return {**results, "score": score, "tests": [*results["tests"], line]}


def _after(grace: timedelta) -> str:
    return f" after {_duration(grace)} of grace" if grace else ""


# The leaderboard. --------------------------------------------------------------------------------


def leaderboard(
    results: dict[str, Any], columns: Sequence[LeaderboardColumn]
) -> list[dict[str, Any]]:
    """The leaderboard's entries. All students see it, so that hidden checks do not count."""
    entries = []
    for column in columns:
        tests = [
            test
            for test in results["tests"]
            if test["visibility"] == "visible" and (not column.tag or column.tag in _tags(test))
        ]
        values = {
            "points": round(sum(test.get("score", 0.0) for test in tests), 2),
            "checks_passed": sum(test["status"] == "passed" for test in tests),
            "seconds": results["execution_time"],
        }
        entries.append({"name": column.name, "value": values[column.value], "order": column.order})
    return entries


def _tags(test: dict[str, Any]) -> list[str]:
    tags: list[str] = test.get("tags", [])
    return tags


# Times in words. ---------------------------------------------------------------------------------


def _duration(span: timedelta) -> str:
    minutes = math.ceil(span / timedelta(minutes=1))
    parts = [
        plural(count, noun)
        for count, noun in (
            (minutes // 1440, "day"),
            (minutes % 1440 // 60, "hour"),
            (minutes % 60, "minute"),
        )
        if count
    ]
    return " ".join(parts)


def _moment(time: datetime, like: datetime) -> str:
    """A time in the zone of another: `Wed 25 November 2026, 13:05:09 (UTC-08:00)`."""
    return time.astimezone(like.tzinfo).strftime("%a %d %B %Y, %H:%M:%S (%Z)")
