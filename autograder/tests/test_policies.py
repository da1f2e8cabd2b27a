"""The limit of submissions, the late penalty and the leaderboard, from submission_metadata.json."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.gradescope.metadata import Metadata, failed_before, read_metadata
from autograder.gradescope.policies import (
    note_on_points,
    refusal,
    with_late_penalty,
    with_leaderboard,
)
from autograder.gradescope.run import guarded, with_policies
from autograder.judging.verdicts import Report, Verdict
from autograder.model import LatePenalty, LeaderboardColumn, Platform, SubmissionLimit
from autograder.reports.results_json import not_graded

Json = dict[str, Any]

ZONE = timezone(timedelta(hours=-7))
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TWO_A_DAY = SubmissionLimit(2, 24 * 60)
TEN_PERCENT = LatePenalty(10.0, grace_period_minutes=30.0, max_percent=50.0)
RESULTS: Json = {
    "score": 85.0,
    "execution_time": 1.25,
    "tests": [
        {
            "name": "a",
            "score": 60.0,
            "max_score": 60.0,
            "status": "passed",
            "visibility": "visible",
        },
        {
            "name": "b",
            "score": 25.0,
            "max_score": 40.0,
            "status": "failed",
            "visibility": "visible",
            "tags": ["speed"],
        },
    ],
}


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Writes metadata as Gradescope does and reads it; gives it with the notes for the staff."""

    def write_and_read(data: object) -> tuple[Metadata, list[str]]:
        path = tmp_path / "submission_metadata.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        notes: list[str] = []
        return read_metadata(path, notes), notes

    return write_and_read


def metadata_of(*ago: timedelta, at: datetime = NOON, **keys: Any) -> Json:
    """Metadata of a submission at a time, and of earlier ones so long before it."""
    previous = [
        {"submission_time": (at - span).isoformat(), "score": 50.0, "autograder_error": False}
        for span in sorted(ago, reverse=True)
    ]
    return {"created_at": at.isoformat(), "previous_submissions": previous, **keys}


def students(*due: datetime | None) -> list[Json]:
    """Members of a group, with their own due dates."""
    return [
        {"id": n, "name": "A B", "assignment": {"due_date": date.isoformat() if date else None}}
        for n, date in enumerate(due)
    ]


# The limit. --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "next_in"),
    [
        ((), None),
        ((HOUR,), None),
        ((HOUR, 25 * HOUR), None),
        ((HOUR, 24 * HOUR), None),  # the window has just passed it
        ((HOUR, 2 * HOUR), 22 * HOUR),
        ((HOUR, 23 * HOUR), HOUR),
        # The third one was over the limit itself, and does not put the next one off.
        ((HOUR, 22 * HOUR, 23 * HOUR), HOUR),
        ((HOUR, 2 * HOUR, 3 * HOUR, 20 * HOUR, 23 * HOUR), HOUR),
        # Both of yesterday were graded, the three after them were not, the last one was.
        ((HOUR, 24.5 * HOUR, 25 * HOUR, 26 * HOUR, 48 * HOUR, 48.5 * HOUR), None),
    ],
)
def test_the_limit_counts_graded_submissions_in_the_window(
    ago: tuple[timedelta, ...], next_in: timedelta | None, read: Any
) -> None:
    metadata, notes = read(metadata_of(*ago))
    refused = refusal(TWO_A_DAY, metadata, notes)
    if next_in is None:
        assert refused is None
        assert notes == []
    else:
        assert refused is not None
        assert (NOON + next_in).strftime("%d %B %Y, %H:%M:%S (UTC-07:00)") in refused["output"]
        assert refused["extra_data"]["over_limit"]["next_from"] == (NOON + next_in).isoformat()


@pytest.mark.parametrize(
    "spoil",
    [
        {"autograder_error": True},
        {"score": None},
        {"results": {"output": "not graded", "extra_data": {"not_graded": "the grader failed"}}},
        {"results": {"score": 40.0, "tests": [], "extra_data": {"not_graded": ["One case"]}}},
        {"results": {"score": 0.0, "tests": [], "extra_data": {"not_run": "no loss.py"}}},
    ],
)
def test_a_run_that_failed_or_could_not_run_does_not_count(spoil: Json, read: Any) -> None:
    data = metadata_of(HOUR, 2 * HOUR)
    data["previous_submissions"][-1].update(spoil)
    metadata, notes = read(data)
    assert refusal(TWO_A_DAY, metadata, notes) is None


def test_a_failed_run_is_remembered_by_the_runs_after_it(read: Any) -> None:
    # Gradescope would tell of the older one only that it has a score of 0.
    data = metadata_of(HOUR, 2 * HOUR)
    data["previous_submissions"][-1]["results"] = not_graded("a second time")
    data["previous_submissions"][-1]["score"] = 0.0
    data["previous_submissions"][0]["score"] = 0.0
    metadata, _ = read(data)
    assert [one.failed for one in metadata.previous] == [False, True]
    earlier = data["previous_submissions"][0]["submission_time"]
    data["previous_submissions"][-1]["results"]["extra_data"]["not_counted"] = [earlier, 7]
    metadata, _ = read(data)
    assert [one.failed for one in metadata.previous] == [True, True]
    assert failed_before(metadata)["not_counted"] == [
        one["submission_time"] for one in data["previous_submissions"]
    ]


def test_over_the_limit_the_previous_results_come_again(read: Any) -> None:
    data = metadata_of(HOUR, 2 * HOUR)
    results = {**copy.deepcopy(RESULTS), "output": "Well done.", "id": 7, "color": "red"}
    results["tests"][0]["id"] = 8
    data["previous_submissions"][-1]["results"] = results
    metadata, notes = read(data)
    refused = refusal(TWO_A_DAY, metadata, notes)
    assert refused is not None
    assert refused["score"] == 85.0
    assert [test["score"] for test in refused["tests"]] == [60.0, 25.0]
    assert refused["output"].startswith(
        "This submission was not graded: the limit is 2 submissions in 1 day"
    )
    assert refused["output"].endswith("Well done.")
    assert "id" not in refused
    assert "id" not in refused["tests"][0]

    # And once more: with the new reason, and not the old one as well.
    data = metadata_of(timedelta(minutes=1), HOUR, 2 * HOUR)
    data["previous_submissions"][-1]["results"] = refused
    again = refusal(TWO_A_DAY, read(data)[0], [])
    assert again is not None
    assert again["output"].count("This submission was not graded") == 1
    assert again["tests"] == refused["tests"]


@pytest.mark.parametrize(
    ("top", "own", "shown_top", "shown_own"),
    [
        (None, None, None, None),
        (None, "visible", None, "visible"),
        (None, "after_due_date", None, "after_due_date"),
        (None, "secret", None, "hidden"),
        (None, 7, None, "hidden"),
        ("hidden", None, "hidden", None),
        ("after_published", None, "after_published", None),
        ("hidden", "visible", "hidden", "visible"),
        ("secret", None, "hidden", None),
        (["visible"], None, "hidden", None),
    ],
)
def test_results_shown_again_are_no_more_visible_than_they_were(
    top: Any, own: Any, shown_top: str | None, shown_own: str | None, read: Any, schema: Any
) -> None:
    data = metadata_of(HOUR, 2 * HOUR)
    results = {**copy.deepcopy(RESULTS), "visibility": top}
    results["tests"][0]["visibility"] = own
    data["previous_submissions"][-1]["results"] = results
    refused = refusal(TWO_A_DAY, read(data)[0], [])
    assert refused is not None
    assert refused.get("visibility") == shown_top
    assert refused["tests"][0].get("visibility") == shown_own  # without one, that on top counts
    schema.validate(refused)


def test_without_previous_results_the_score_stays(read: Any) -> None:
    refused = refusal(TWO_A_DAY, read(metadata_of(HOUR, 2 * HOUR))[0], [])
    assert refused is not None
    assert refused["score"] == 50.0


def test_a_regrade_does_not_count_what_was_handed_in_later(read: Any) -> None:
    data = metadata_of(HOUR, -HOUR, -2 * HOUR)
    assert refusal(TWO_A_DAY, read(data)[0], []) is None


def test_times_of_different_zones_are_compared_as_times(read: Any) -> None:
    data = metadata_of(HOUR, 23 * HOUR)
    for one in data["previous_submissions"]:
        time = datetime.fromisoformat(one["submission_time"]).astimezone(timezone.utc)
        one["submission_time"] = time.strftime("%Y-%m-%dT%H:%M:%S.1234Z")
    refused = refusal(TWO_A_DAY, read(data)[0], [])
    assert refused is not None
    assert "13:00:00 (UTC-07:00)" in refused["output"]


# The late penalty. -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "points"),
    [
        (-HOUR, 0),
        (timedelta(0), 0),
        (timedelta(minutes=30), 0),
        (timedelta(minutes=31), 10),
        (DAY, 10),
        (DAY + timedelta(minutes=30), 10),
        (DAY + timedelta(minutes=31), 20),
        (4.9 * DAY, 50),
        (30 * DAY, 50),
    ],
)
def test_every_day_begun_after_grace_costs_up_to_the_cap(
    late: timedelta, points: float, read: Any
) -> None:
    data = metadata_of(assignment={"due_date": (NOON - late).isoformat()})
    results = with_late_penalty(RESULTS, TEN_PERCENT, read(data)[0], [])
    assert results["score"] == 85 - points
    if points:
        line = results["tests"][-1]
        assert (line["name"], line["score"], line["max_score"]) == ("Late penalty", -points, 0)
        assert f"{points} points" in line["output"]
        assert ("50 % is the most" in line["output"]) == (late > 5 * DAY)
        assert results["tests"][:-1] == RESULTS["tests"]
    else:
        assert results == RESULTS


def test_the_score_never_falls_below_zero(read: Any) -> None:
    data = metadata_of(assignment={"due_date": (NOON - 3 * DAY).isoformat()})
    low = {**RESULTS, "score": 12.0}
    results = with_late_penalty(low, TEN_PERCENT, read(data)[0], [])
    assert results["score"] == 0
    assert results["tests"][-1]["score"] == -30


AUTUMN = datetime.fromisoformat("2026-10-31T20:00:00-07:00")  # an hour comes twice that night
SPRING = datetime.fromisoformat("2026-03-07T20:00:00-08:00")  # an hour is left out that night


@pytest.mark.parametrize(
    ("due", "created", "grace", "days", "words"),
    [
        (AUTUMN, "2026-11-01T20:15:00-08:00", 30, 1, "1 day 15 minutes by the clock"),
        (AUTUMN, "2026-11-01T20:15:00-08:00", 0, 2, "1 day 15 minutes by the clock"),
        (AUTUMN, "2026-11-01T20:00:00-08:00", 0, 1, "1 day by the clock"),
        (AUTUMN, "2026-11-02T20:31:00-08:00", 30, 3, "2 days 31 minutes by the clock"),
        # By the clock in time, yet late: the hour came twice.
        (
            AUTUMN.replace(hour=1, day=1, month=11),
            "2026-11-01T01:00:00-08:00",
            30,
            1,
            "1 hour after",
        ),
        (AUTUMN.replace(hour=1, day=1, month=11), "2026-11-01T01:00:00-08:00", 60, 0, ""),
        (SPRING, "2026-03-08T20:15:00-07:00", 30, 1, "1 day 15 minutes by the clock"),
        (SPRING, "2026-03-08T20:15:00-07:00", 0, 2, "1 day 15 minutes by the clock"),
        # An hour more by the clock, but less than the grace has passed.
        (SPRING.replace(day=8, hour=1, minute=45), "2026-03-08T03:10:00-07:00", 30, 0, ""),
        # Places that are further apart say nothing of the student's clock.
        (AUTUMN, "2026-11-02T04:15:00+01:00", 30, 1, "1 day 15 minutes after"),
        (AUTUMN, "2026-11-02T05:15:00+01:00", 0, 2, "1 day 1 hour 15 minutes after"),
    ],
)
def test_when_the_clocks_change_a_day_still_ends_at_the_same_hour(
    due: datetime, created: str, grace: float, days: int, words: str, read: Any
) -> None:
    data = metadata_of(assignment={"due_date": due.isoformat()})
    data["created_at"] = created
    penalty = TEN_PERCENT._replace(grace_period_minutes=grace)
    results = with_late_penalty(RESULTS, penalty, read(data)[0], [])
    assert results["score"] == 85 - 10 * days
    if days:
        text = results["tests"][-1]["output"]
        assert words in text
        for time in (due, datetime.fromisoformat(created)):  # each in its own offset
            assert time.strftime("%d %B %Y, %H:%M:%S (%Z)") in text


@pytest.mark.parametrize(("grace", "days"), [(30, 1), (0, 2)])
def test_a_night_of_25_hours_as_gradescope_tells_it(grace: float, days: int, read: Any) -> None:
    at_eight = [{"id": 1, "assignment": {"due_date": "2026-10-31T20:00:00.000000-07:00"}}]
    data = {
        "created_at": "2026-11-01T20:15:00.000000-08:00",
        "users": at_eight,
        "assignment": {"due_date": "2026-10-31T20:00:00.000000-07:00", "total_points": "100.0"},
        "submission_method": "upload",
        "previous_submissions": [],
    }
    metadata, notes = read(data)
    penalty = TEN_PERCENT._replace(grace_period_minutes=grace)
    assert with_late_penalty(RESULTS, penalty, metadata, notes)["score"] == 85 - 10 * days
    assert notes == []


@pytest.mark.parametrize(
    ("own", "points"),
    [
        ([None], 20),
        ([NOON + DAY], 0),
        ([NOON - HOUR], 10),
        ([None, NOON + DAY], 0),  # of a group, the member who has the longest
        ([NOON - 3 * DAY, NOON - 4 * DAY], 30),  # nobody has the common one any more
    ],
)
def test_an_extension_wins_over_the_due_date(
    own: list[datetime | None], points: float, read: Any
) -> None:
    due = {"due_date": (NOON - 2 * DAY).isoformat(), "late_due_date": (NOON + DAY).isoformat()}
    metadata, notes = read(metadata_of(assignment=due, users=students(*own)))
    results = with_late_penalty(RESULTS, TEN_PERCENT, metadata, notes)
    assert 85 - results["score"] == points
    assert notes == []


def test_without_a_due_date_nothing_is_taken_off_and_staff_is_told(read: Any) -> None:
    metadata, notes = read(metadata_of(assignment={"due_date": None}))
    assert with_late_penalty(RESULTS, TEN_PERCENT, metadata, notes) == RESULTS
    assert "no late penalty" in notes[0]


# The points on Gradescope. -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total_points", "noted"),
    [
        ("100.0", False),
        ("99.5", True),
        (20, True),
        ("150.0", False),
        (None, False),
        ("many", False),
    ],
)
def test_staff_learn_if_the_checks_have_more_points_than_the_assignment(
    total_points: Any, noted: bool, read: Any
) -> None:
    metadata, notes = read(metadata_of(assignment={"total_points": total_points}))
    told = note_on_points(RESULTS, metadata)
    assert bool(told) == noted
    assert all(f"set its points there to {100:g}" in note for note in told)
    assert notes == []


# The leaderboard. --------------------------------------------------------------------------------


def test_the_leaderboard_counts_what_every_student_may_see() -> None:
    results = copy.deepcopy(RESULTS)
    hidden = {"score": 7.0, "max_score": 7.0, "status": "passed", "visibility": "hidden"}
    results["tests"].append(hidden)
    columns = [
        LeaderboardColumn("Points", "points"),
        LeaderboardColumn("Fast", "points", tag="speed"),
        LeaderboardColumn("Checks", "checks_passed"),
        LeaderboardColumn("Seconds", "seconds", "asc"),
    ]
    assert with_leaderboard(results, columns, seconds=0.5)["leaderboard"] == [
        {"name": "Points", "value": 85.0, "order": "desc"},
        {"name": "Fast", "value": 25.0, "order": "desc"},
        {"name": "Checks", "value": 1, "order": "desc"},
        {"name": "Seconds", "value": 0.5, "order": "asc"},  # without those of hidden checks
    ]


def test_a_report_that_is_not_final_is_told_to_staff_and_does_not_count(read: Any) -> None:
    one = Verdict("Some case", "forward", "1.1", "visible", (), 1, 2, False, "text")
    report = Report(
        "T", (one,), "", 9.0, {"isolation": "basic"}, ("Some case",), visible_seconds=2.0
    )
    seconds = Platform(leaderboard=(LeaderboardColumn("Seconds", "seconds", "asc"),))
    notes: list[str] = []
    results = with_policies(report, seconds, read({})[0], notes)
    assert results["leaderboard"][0]["value"] == 2.0
    assert results["execution_time"] == 9.0
    assert len(notes) == 1
    assert "the grader failed in Some case" in notes[0]

    data = metadata_of(HOUR, 2 * HOUR)
    data["previous_submissions"][-1]["results"] = results
    metadata, _ = read(data)
    assert [previous.failed for previous in metadata.previous] == [False, True]
    assert refusal(TWO_A_DAY, metadata, []) is None


# Whatever Gradescope writes. ---------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.datetimes(timezones=st.none() | st.just(timezone.utc)).map(datetime.isoformat)
    | st.sampled_from(["2026-13-40T99:99:99Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def spoiled(draw: st.DrawFn) -> Json:
    """Sound metadata in which some values, at any depth, are missing or something else."""
    due = (NOON - 2 * DAY).isoformat()
    data = metadata_of(HOUR, 2 * HOUR, assignment={"due_date": due}, users=students(NOON - DAY))
    data["previous_submissions"][-1]["results"] = copy.deepcopy(RESULTS)
    for _ in range(draw(st.integers(1, 4))):
        place: Any = data
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], (dict, list)) and draw(st.booleans()):
                place = place[key]
            elif isinstance(place, dict) and draw(st.booleans()):
                del place[key]
                break
            else:
                place[key] = draw(ANYTHING)
                break
    return data


def test_times_at_the_ends_of_the_calendar_lose_no_grade(read: Any) -> None:
    last = "9999-12-31T23:5{}:00-07:00"
    data = metadata_of(assignment={"due_date": "0001-01-01T00:00:00+14:00"})
    data["created_at"] = last.format(9)
    data["previous_submissions"] = [
        {"submission_time": last.format(minute), "score": 1.0} for minute in (0, 1)
    ]
    metadata, notes = read(data)
    assert guarded("not applied", None, notes, refusal, TWO_A_DAY, metadata, notes) is None
    assert "not applied" in notes[0]
    results = guarded(
        "none", RESULTS, notes, with_late_penalty, RESULTS, TEN_PERCENT, metadata, notes
    )
    assert results["score"] == 35  # very late indeed


def test_a_policy_that_fails_leaves_the_grade_and_a_note() -> None:
    def fail() -> int:
        raise KeyError("on\ntwo lines")

    notes: list[str] = []
    assert guarded("no late penalty was applied", 85, notes, fail) == 85
    assert guarded("unused", 85, notes, lambda: 86) == 86
    assert len(notes) == 1
    assert notes[0].startswith("no late penalty was applied: KeyError")
    assert "\n" not in notes[0]


@given(data=spoiled() | ANYTHING)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_metadata_loses_a_grade(data: Any, read: Any, schema: Any) -> None:
    metadata, notes = read(data)
    refused: Json | None = guarded("", None, notes, refusal, TWO_A_DAY, metadata, notes)
    earlier = copy.deepcopy(RESULTS)
    results = guarded("", earlier, notes, with_late_penalty, earlier, TEN_PERCENT, metadata, notes)
    for written in filter(None, (refused, results)):
        schema.validate(json.loads(json.dumps(written, allow_nan=False)))
        assert written["score"] >= 0
    assert results["score"] >= 35
    assert all("\n" not in note for note in notes)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"users": NaN}', "\0"])
def test_a_broken_file_is_a_note_for_the_staff(text: str, read: Any) -> None:
    metadata, notes = read(text)
    assert metadata == Metadata(None, None, ())
    assert refusal(TWO_A_DAY, metadata, notes) is None
    assert with_late_penalty(RESULTS, TEN_PERCENT, metadata, notes) == RESULTS
    assert len(notes) >= 2
