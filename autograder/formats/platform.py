"""The settings under `gradescope:` in `assignment.yaml`: what an assignment wants of the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from autograder.errors import Fault
from autograder.formats.structure import Choice, Fields, ListOf, Number, Text
from autograder.model import (
    LEADERBOARD_VALUES,
    LatePenalty,
    LeaderboardColumn,
    Platform,
    SubmissionLimit,
)

if TYPE_CHECKING:
    from autograder.formats.structure import Section

# Instructors who have used other graders find their words again: `allowed_submissions` in a window
# of days, hours and minutes is Otter-Grader's, `grace_period_minutes` and a penalty per day are those
# of Berkeley's bsag.
PLATFORM: Final = Fields(
    {
        "timeout_minutes": Number(3, 40).means(
            "The time-out as set on Gradescope, which tells it to nobody; 10 unless given."
        ),
        "submission_limit": Fields(
            {
                "allowed_submissions": Number(1, 10_000, whole=True).means(
                    "How many are graded in any window of this length."
                ),
                "days": Number(0, 366).means("Days of the window, added to hours and minutes."),
                "hours": Number(0, 10_000).means("Hours of the window."),
                "minutes": Number(0, 1e6).means("Minutes of the window."),
            },
            required=("allowed_submissions",),
        ).means("How many submissions are graded in a window of time."),
        "late_penalty": Fields(
            {
                "percent_per_day": Number(0, 100).means(
                    "What each day begun costs, in percent of all points of the assignment."
                ),
                "grace_period_minutes": Number(0, 1e6).means(
                    "How late a submission may be at no cost; 0 unless given."
                ),
                "max_percent": Number(0, 100).means("The most that is taken; 100 unless given."),
            },
            required=("percent_per_day",),
        ).means("What a submission after the due date, or a student's extension, costs."),
        "leaderboard": ListOf(
            Fields(
                {
                    "name": Text().means("The head of the column."),
                    "value": Choice(*LEADERBOARD_VALUES).means("What stands in it."),
                    "order": Choice("asc", "desc").means("Who is first; `desc` unless given."),
                    "tag": Text().means("Only cases with this tag count."),
                },
                required=("name", "value"),
            ).means("A column.")
        ).means("The columns of Gradescope's leaderboard."),
    }
)


def platform_of(settings: Section | None, faults: list[Fault]) -> Platform:
    """What the section, which may be missing, asks for; what is faulty in it is left out."""
    if settings is None:
        return Platform()
    limit, penalty = settings.get("submission_limit"), settings.get("late_penalty")
    return Platform(
        timeout_minutes=settings.get("timeout_minutes", Platform().timeout_minutes),
        submission_limit=_submission_limit(limit, faults) if limit and limit.faultless else None,
        late_penalty=LatePenalty(**penalty.values) if penalty and penalty.faultless else None,
        leaderboard=tuple(
            LeaderboardColumn(**column.values)
            for column in settings.get("leaderboard", ())
            if column.faultless
        ),
    )


def _submission_limit(section: Section, faults: list[Fault]) -> SubmissionLimit | None:
    hours = 24 * section.get("days", 0) + section.get("hours", 0)
    minutes = 60 * hours + section.get("minutes", 0)
    if not minutes:
        message = "a limit needs a window of time; add `days`, `hours` or `minutes`"
        faults.append(Fault(section.place, message))
        return None
    return SubmissionLimit(section.get("allowed_submissions"), minutes)
