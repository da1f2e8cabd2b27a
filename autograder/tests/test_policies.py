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

from autograder.gradescope.metadata import Metadata, read_metadata
from autograder.gradescope.policies import leaderboard, refusal, with_late_penalty
from autograder.gradescope.run import applied_penalty, failed_before, refused_results
from autograder.model import LatePenalty, LeaderboardColumn, SubmissionLimit
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
    ],
)
def test_a_run_that_failed_through_our_fault_does_not_count(spoil: Json, read: Any) -> None:
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
    assert refused["output"].startswith("This submission was not graded: 2 submissions in 1 day is")
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
    assert leaderboard(results, columns) == [
        {"name": "Points", "value": 85.0, "order": "desc"},
        {"name": "Fast", "value": 25.0, "order": "desc"},
        {"name": "Checks", "value": 1, "order": "desc"},
        {"name": "Seconds", "value": 1.25, "order": "asc"},
    ]


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
    assert refused_results(TWO_A_DAY, metadata, notes) is None
    assert applied_penalty(RESULTS, TEN_PERCENT, metadata, notes) == RESULTS
    assert "the limit of submissions was not applied" in notes[0]
    assert "no late penalty was applied" in notes[1]


@given(data=spoiled() | ANYTHING)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_metadata_loses_a_grade(data: Any, read: Any, schema: Any) -> None:
    metadata, notes = read(data)
    refused = refused_results(TWO_A_DAY, metadata, notes)
    results = applied_penalty(copy.deepcopy(RESULTS), TEN_PERCENT, metadata, notes)
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
