"""The settings under `gradescope:` in `assignment.yaml`: what an assignment wants of the platform."""

from __future__ import annotations

from typing import Final

from autograder.errors import Fault
from autograder.formats.structure import Section, choice, list_of, mapping, number, text
from autograder.model import (
    LEADERBOARD_VALUES,
    LatePenalty,
    LeaderboardColumn,
    Platform,
    SubmissionLimit,
)

# Instructors who have used other graders find their words again: `allowed_submissions` in a window
# of days, hours and minutes is Otter-Grader's, `grace_period_minutes` and a penalty per day are those
# of Berkeley's bsag.
PLATFORM: Final = mapping(
    {
        "timeout_minutes": number(3, 40).means(
            "The time-out as set on Gradescope, which does not tell the grader.",
            Platform().timeout_minutes,
        ),
        "submission_limit": mapping(
            {
                "allowed_submissions": number(1, 10_000, whole=True).means(
                    "How many are graded in any window of this length."
                ),
                "days": number(0, 366).means("Days of the window, added to hours and minutes."),
                "hours": number(0, 10_000).means("Hours of the window."),
                "minutes": number(0, 1e6).means("Minutes of the window."),
            },
            required=("allowed_submissions",),
        ).means("How many submissions are graded in a window of time."),
        "late_penalty": mapping(
            {
                "percent_per_day": number(0, 100).means(
                    "What each day begun costs, in percent of all points of the assignment."
                ),
                "grace_period_minutes": number(0, 1e6).means(
                    "How late a submission may be at no cost.", 0
                ),
                "max_percent": number(0, 100).means("The most that is taken.", 100),
            },
            required=("percent_per_day",),
        ).means("What a submission after the due date, or a student's extension, costs."),
        "leaderboard": list_of(
            mapping(
                {
                    "name": text().means("The head of the column."),
                    "value": choice(*LEADERBOARD_VALUES).means("What it shows."),
                    "order": choice("asc", "desc").means("Who is first.", "desc"),
                    "tag": text().means("Only cases with this tag count."),
                },
                required=("name", "value"),
            ).means("A column.")
        ).means("The columns of Gradescope's leaderboard."),
    }
)


def platform_of(settings: Section | None, faults: list[Fault]) -> Platform:
    """What the section asks for, if there is one; faulty parts are left out."""
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
