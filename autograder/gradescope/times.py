"""Times and spans of time in words."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from autograder.text import plural


def duration(span: timedelta) -> str:
    """`1 day 3 hours`, to the minute begun."""
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


def moment(time: datetime) -> str:
    """A time with its offset: `Wed 25 November 2026, 13:05:09 (UTC-08:00)`."""
    return time.strftime("%a %d %B %Y, %H:%M:%S (%Z)")
