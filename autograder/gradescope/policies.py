"""What instructors switch on: a limit of submissions, a late penalty, and a leaderboard.

Each is a function of the results and of what Gradescope says about the submission. None looks at the
clock, so grading again gives the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from autograder.gradescope.metadata import Metadata, Previous, duration, finite, moment
from autograder.judging.verdicts import total
from autograder.model import LatePenalty, LeaderboardColumn, SubmissionLimit
from autograder.reports.results_json import failed_test, most_points
from autograder.text import cut, plural, safe

_DAY: Final = timedelta(days=1)
_CHANGE_OF_CLOCKS: Final = timedelta(hours=1)
_MOST_OUTPUT: Final = 20_000
_TEXTS: Final = ("name", "number", "output")
_FORMATS: Final = ("text", "html", "simple_format", "md", "ansi")
_CHOICES: Final = {
    "output_format": _FORMATS,
    "name_format": _FORMATS,
    "status": ("passed", "failed"),
}
_DEFAULTS: Final = ("test_output_format", "test_name_format")  # on top, for all tests
_VISIBILITIES: Final = ("visible", "hidden", "after_due_date", "after_published")


def refusal(limit: SubmissionLimit, metadata: Metadata, notes: list[str]) -> dict[str, Any] | None:
    """The results of a submission over the limit: the previous ones, with the reason on top.

    None if it is within the limit or if that is unclear: in doubt it is graded.
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
    again = again.astimezone(metadata.created_at.tzinfo)
    reason = (
        f"This submission was not graded: the limit is "
        f"{plural(limit.allowed_submissions, 'submission')} in {duration(window)}, and that many were "
        f"graded before it. The next one can be graded from {moment(again)} on."
    )
    notes.append(f"over the limit of submissions; the next one is graded from {again} on")
    sound = [one.results for one in metadata.previous if one.results and not one.failed]
    shown = _shown_again(sound[-1] if sound else {}, recent[-1])
    below = "Below are the results of your last graded submission, which still count."
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
    """Earlier results as Gradescope takes them: what is sound in those that it has kept.

    Nothing becomes more visible than it was: `visibility` on top is that of tests without their own.
    """
    shown: dict[str, Any] = _visibility_again(results)
    shown.update({key: results[key] for key in _DEFAULTS if results.get(key) in _FORMATS})
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
    again.update(_visibility_again(test))
    if isinstance(test.get("tags"), list):
        again["tags"] = [safe(str(tag)) for tag in test["tags"]]
    return again


def _visibility_again(entry: dict[str, Any]) -> dict[str, str]:
    visibility = entry.get("visibility")
    if visibility is None:
        return {}
    return {"visibility": visibility if visibility in _VISIBILITIES else "hidden"}


def _column_again(column: dict[str, Any]) -> dict[str, Any]:
    value = column.get("value")
    number = None if isinstance(value, str) else finite(value)
    order = "asc" if column.get("order") == "asc" else "desc"
    return {
        "name": safe(str(column.get("name") or "-")),
        "value": safe(str(value)) if number is None else number,
        "order": order,
    }


class Lateness(NamedTuple):
    """How late a submission is."""

    span: timedelta
    by_the_clock: bool  # the clocks changed in between, and `span` is what a clock on the wall says
    days: int  # begun, after the grace


def lateness(created_at: datetime, due: datetime, grace: timedelta) -> Lateness | None:
    """How late a submission is, or None if it is in time or within the grace.

    That is decided by the time that has passed. Days begun go by the clock if the clocks were changed
    by an hour or less in between: a due date at 8 pm is at 8 pm on the next day, too. A larger
    difference is that of two places, which says nothing of the clock that the student looked at.
    """
    passed = created_at - due
    if passed <= grace:
        return None
    clock = created_at.replace(tzinfo=None) - due.replace(tzinfo=None)
    changed = timedelta(0) < abs(clock - passed) <= _CHANGE_OF_CLOCKS
    days = max(1, math.ceil(((clock if changed else passed) - grace) / _DAY))
    by_the_clock = changed and clock > grace  # else it would look as if it were in time
    return Lateness(clock if by_the_clock else passed, by_the_clock, days)


def with_late_penalty(
    results: dict[str, Any], penalty: LatePenalty, metadata: Metadata, notes: list[str]
) -> dict[str, Any]:
    """The results with the penalty as a line of its own, and taken off the score.

    It is a share of all points of the assignment, not of those earned: a share of those would tell
    their sum, and with it the points of hidden checks. The score never falls below 0.
    """
    created_at, due = metadata.created_at, metadata.due_date
    if created_at is None or due is None:
        notes.append("no late penalty: no due date, or no time of this submission")
        return results
    grace = timedelta(minutes=penalty.grace_period_minutes)
    late = lateness(created_at, due, grace)
    if late is None:
        return results
    percent = min(late.days * penalty.percent_per_day, penalty.max_percent)
    most = most_points(results)
    points = round(most * percent / 100, 2)
    after = f" after {duration(grace)} of grace" if grace else ""
    clock = " by the clock, which was changed in between" if late.by_the_clock else ""
    text = (
        f"Handed in on {moment(created_at)}: {duration(late.span)}{clock} after the due date, "
        f"{moment(due)}. Penalty for {plural(late.days, 'day')} begun{after}, at "
        f"{penalty.percent_per_day:g} % of {most:g} points each: {points:g} points"
    )
    if percent < late.days * penalty.percent_per_day:
        text += f", because {penalty.max_percent:g} % is the most"
    text += ". The total does not fall below 0."
    score = max(0.0, total([results["score"], -points]))
    tests = [*results["tests"], failed_test("Late penalty", text, -points)]
    return {**results, "score": score, "tests": tests}


def note_on_points(results: dict[str, Any], metadata: Metadata) -> list[str]:
    """A note for staff if the checks have more points than the assignment has on Gradescope.

    If they have fewer, the others may be given by hand.
    """
    most = most_points(results)
    if metadata.total_points is None or most <= metadata.total_points:
        return []
    return [
        f"the checks have {most:g} points, but the assignment on Gradescope only "
        f"{metadata.total_points:g}; set its points there to {most:g}"
    ]


def with_leaderboard(
    results: dict[str, Any], columns: Sequence[LeaderboardColumn], seconds: float
) -> dict[str, Any]:
    """The results with the leaderboard. All students see it, so hidden checks do not count.

    Nor do the seconds that they took: `seconds` are those of the visible cases.
    """
    visible = [test for test in results["tests"] if test["visibility"] == "visible"]
    entries = []
    for column in columns:
        tests = [t for t in visible if not column.tag or column.tag in t.get("tags", ())]
        values = {
            "points": round(total(test.get("score", 0.0) for test in tests), 2),
            "checks_passed": sum(test["status"] == "passed" for test in tests),
            "seconds": round(seconds, 3),
        }
        entries.append({"name": column.name, "value": values[column.value], "order": column.order})
    return {**results, "leaderboard": entries}
