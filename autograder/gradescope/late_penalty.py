"""The late penalty: how late a submission is, and what that takes off."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from autograder.gradescope.metadata import Metadata, duration, moment
from autograder.judging.verdicts import total
from autograder.model import LatePenalty
from autograder.reports.results_json import failed_test, most_points
from autograder.text import plural

_DAY: Final = timedelta(days=1)
_CHANGE_OF_CLOCKS: Final = timedelta(hours=1)


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
        f"{moment(due)}. {plural(late.days, 'day')} begun{after}, at "
        f"{penalty.percent_per_day:g} % of {most:g} points each, take off {points:g} points"
    )
    if percent < late.days * penalty.percent_per_day:
        text += f"; {penalty.max_percent:g} % is the most"
    text += ". The total does not fall below 0."
    score = max(0.0, total([results["score"], -points]))
    tests = [*results["tests"], failed_test("Late penalty", text, -points)]
    return {**results, "score": score, "tests": tests}
