"""grades.csv, scores from before, and what is kept on disk."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.classroom.changes import Change, Changes, compare, counted, described
from autograder.classroom.grades_csv import Cell, plain_text, table_bytes
from autograder.classroom.roster import Before, Line, Person
from autograder.classroom.scores import Scores, read_scores
from autograder.classroom.store import Record, Store, claimed, result_name
from autograder.errors import UsageError

CHECKS = [("1.1", "One: forward", 10.0), ("1.1", "One: backward", 5.0)]
FORWARD = Line("1.1", "One: forward", 10.0, 10.0, True)
BACKWARD = Line("1.1", "One: backward", 0.0, 5.0, False)


def parsed(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


# The table. --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(1)", "+1", "-1", "\t=1", "\r=1", "  =1", "\n=1", "\uff1d1", "'=1"]
)
def test_what_a_spreadsheet_would_run_stays_text(text: str) -> None:
    [[header], [cell]] = parsed(table_bytes([text], [[text]]))
    assert header == cell == f"'{text}"
    assert plain_text(cell) == text


@pytest.mark.parametrize(
    "text", ["Ana", 'the "best", yes', "two\nlines", "two\r\nlines", "💯 Zoë", "O'Hara", ""]
)
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert parsed(table_bytes(["Name"], [[text, "x"]]))[1][0] == text


def test_the_form_is_that_of_rfc_4180() -> None:
    data = table_bytes(
        ["Name", "Total"], [["Ana, B.", 9.999999999999998], ["-x", -5.0], ["", None]]
    )
    assert data == b'\xef\xbb\xbfName,Total\r\n"Ana, B.",10\r\n\'-x,-5\r\n,\r\n'


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_every_text_is_read_back(text: str) -> None:
    [_, [cell, _]] = parsed(table_bytes(["a", "b"], [[text, "x"]]))
    assert plain_text(cell) == text


def test_what_no_file_can_hold_is_written_as_an_escape() -> None:
    name = os.fsdecode(b"caf\xe9\0")
    assert parsed(table_bytes([name], []))[0] == ["caf\\xdce9\\x00"]


# Scores from before. -----------------------------------------------------------------------------


def scores_in(tmp_path: Path, text: str | bytes) -> Scores:
    path = tmp_path / "before.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_scores(path, CHECKS)


def test_our_own_table_is_read_back(tmp_path: Path) -> None:
    header = ["Name", "Email", "SID", "Submission", "Total", "Max", "1.1 One: forward"]
    header += ["1.1 One: backward", "9 Old: forward", "Level", "Seconds", "Mistakes", "Note"]
    rows: list[list[Cell]] = [
        [
            "=Ana",
            "ana@x.org",
            "007",
            "submission_1",
            13.0,
            16.0,
            10.0,
            2.0,
            1.0,
            "basic",
            1.0,
            "",
            "",
        ],
        ["Bo", "", "", "submission_2", None, None, None, None, None, "", None, "", "not graded"],
    ]
    scores = scores_in(tmp_path, table_bytes(header, rows))
    before = scores.find(Person("=Ana", "ANA@x.org"), "submission_9")
    assert before is not None
    assert before.total == 13
    assert before.lines is not None
    assert [(x.number, x.name, x.points, x.passed) for x in before.lines] == [
        ("1.1", "One: forward", 10, True),
        ("1.1", "One: backward", 2, True),  # the most that anybody had
        ("9", "Old: forward", 1, True),
    ]
    assert scores.find(Person("Bo"), "submission_2") is None


def test_gradescopes_downloads_are_read(tmp_path: Path) -> None:
    one = "Name,SID,Email,Total Score,Max Points,Status,Submission ID,Lateness (H:M:S)\n"
    one += "Ana,007,ana@x.org,95.5,100.0,Graded,11,00:00:00\nBo,8,bo@x.org,,100.0,Missing\n"
    scores = scores_in(tmp_path, one)
    found = scores.find(Person("Ana", "", "007"), "submission_11")
    assert found == Before(95.5)
    assert scores.find(Person("Bo", "bo@x.org"), "submission_12") is None
    two = "First Name;Last Name;SID;Total Score\r\nAna;Li;7;3\r\n"
    assert scores_in(tmp_path, two).find(Person("ana  li"), "") == Before(3.0)
    assert scores_in(tmp_path, two).find(Person("", "", "0007"), "") == Before(3.0)
    three = "Submission ID,Total Score\n11,4\n"
    assert scores_in(tmp_path, three).find(Person("Ana"), "submission_11") == Before(4.0)


def test_a_table_that_a_spreadsheet_has_saved_is_read(tmp_path: Path) -> None:
    """In countries that write 9,5 for nine and a half, with columns moved and added."""
    text = "Comment;Level;1.1 One: forward;Max;Total;Name\r\n8;basic;9,5;15;9,5;Ana\r\n"
    for data in (text.encode("utf-8-sig"), text.replace(";", "\t").encode("utf-16")):
        before = scores_in(tmp_path, data).find(Person("ana"), "")
        assert before == Before(9.5, (Line("1.1", "One: forward", 9.5, None, True),))
    assert scores_in(tmp_path, f"sep=;\r\n\r\n{text}").find(Person("Ana"), "") == before


def test_of_several_scores_of_a_person_that_of_the_submission_counts(tmp_path: Path) -> None:
    scores = scores_in(tmp_path, "Name,Submission ID,Total Score\nAna,1,10\nAna,2,20\n")
    assert scores.find(Person("Ana"), "submission_2") == Before(20.0)
    assert scores.find(Person("Ana"), "submission_3") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Total Score,Status\n1,Graded\n", "says who"),
        ("Name,Points\nAna,1\n", "Total Score"),
        ("", "empty"),
        (b"Name,Total\nJos\xe9,1\n", "UTF-8"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        scores_in(tmp_path, text)


# Comparing. --------------------------------------------------------------------------------------


def test_checks_are_compared_one_by_one() -> None:
    won = BACKWARD._replace(points=5.0, passed=True)
    lost = FORWARD._replace(points=0.0, passed=False)
    new = Line("2.1", "Two: forward", 3.0, 3.0, True)
    gone = Line("3.1", "Three: forward", 1.0, 1.0, True)
    changes = compare(Before(11.0, (FORWARD, BACKWARD, gone)), 8.0, (lost, won, new))
    assert set(changes.checks) == {
        Change("lost", lost, 10.0),
        Change("won", won),
        Change("new", new),
        Change("gone", gone, 1.0),
    }
    assert changes.change == -3
    text = described(changes)
    assert all(part in text for part in ("-3", "lost 1.1 One: forward", "won 1.1 One: backward"))


def test_a_check_with_another_number_is_the_same_check() -> None:
    moved = FORWARD._replace(number="2.1")
    changes = compare(Before(10.0, (FORWARD, BACKWARD)), 10.0, (moved, BACKWARD))
    assert not changes.any
    assert changes.change == 0


def test_what_is_not_a_check_stands_apart() -> None:
    penalty = Line("", "Late penalty", -1.5, 0.0, False)
    before = Before(10.5, (FORWARD, BACKWARD, penalty))  # with 2 points given by hand
    changes = compare(before, 10.0, (FORWARD, BACKWARD))
    assert changes.change == 0
    assert not changes.any
    assert ("Late penalty", -1.5) in changes.apart
    assert [points for _, points in changes.apart] == [-1.5, 2.0]


def test_a_total_alone_is_compared_as_a_total() -> None:
    assert compare(Before(12.0), 10.0, (FORWARD, BACKWARD)) == Changes(-2.0)


def test_the_repeated_result_of_an_earlier_submission_is_not_compared() -> None:
    changes = compare(Before(10.0, (FORWARD,), "that of an earlier one"), 0.0, (BACKWARD,))
    assert (changes.change, changes.unusable) == (None, "that of an earlier one")


def test_those_who_gain_lose_and_stay_are_counted() -> None:
    found = counted([Changes(1.0), Changes(-2.0), Changes(0.0), Changes(0.5), Changes(None)])
    assert all(part in found for part in ("2 gain", "1 lose", "1 stay", "1 row not compared"))


# The store. --------------------------------------------------------------------------------------


def test_a_record_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    store = Store(tmp_path)
    record = Record({"total": 1.0}, b'{"tests": []}\n')
    store.put("d1", record)
    assert store.get("d1") == record
    assert store.get("d2") is None
    [path] = tmp_path.iterdir()
    whole = path.read_bytes()
    for data in (whole[:-1], b"", whole.replace(b"result 2", b"result 1"), b"\0" * len(whole)):
        path.write_bytes(data)
        assert store.get("d1") is None
    path.write_bytes(whole)
    path.rename(tmp_path / "d2.json")  # not the one that it is called
    assert store.get("d2") is None


def test_names_of_results_fit_every_system() -> None:
    names = [
        "submission_1",
        "Zoë",
        "a:b",
        "a%3Ab",
        "x" * 300,
        "x" * 301,
        os.fsdecode(b"\xe9"),
        "a\nb",
    ]
    written = [result_name(name) for name in names]
    assert written[:3] == ["submission_1.json", "Zoë.json", "a%3Ab.json"]
    assert len(set(written)) == len(names)
    assert all(len(name.encode()) < 200 and "\n" not in name for name in written)


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    (tmp_path / "file").touch()
    for out, said in (
        (tmp_path / "mine", "not of this command"),
        (export / "class", "inside the export"),
        (tmp_path / "file", "not a folder"),
        (tmp_path / "file" / "class", "cannot write"),
    ):
        with pytest.raises(UsageError, match=said), claimed(out, export):
            pass
    assert os.listdir(tmp_path / "mine") == ["thesis.txt"]


def test_a_folder_is_for_one_run_at_a_time_and_for_its_owner_only(tmp_path: Path) -> None:
    out = tmp_path / "class"
    with claimed(out, tmp_path / "export"):
        assert os.name != "posix" or out.stat().st_mode & 0o777 == 0o700
        (out / "store" / ".d.json.123.tmp").touch()
        with pytest.raises(UsageError, match="another run"), claimed(out, tmp_path / "export"):
            pass
    with claimed(out, tmp_path / "export"):  # once more
        assert os.listdir(out / "store") == []  # what a killed run has left is gone
