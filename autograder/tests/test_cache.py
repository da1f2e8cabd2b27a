"""The user's cache: hints cost their time once, and nothing that is in it can change a score."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.cli import main
from autograder.formats.assignment import load_assignment
from autograder.judging import cache
from autograder.judging.cache import CachedSuite
from autograder.judging.stored import stored_assignment
from autograder.judging.storing import store, store_mistakes
from autograder.judging.suite import Suite
from autograder.model import Assignment, visible_part
from autograder.tests.conftest import REPOSITORY
from autograder.tests.exercises import ASSIGNMENTS

REFERENCE = """
def double(x):
    return 2 * x
"""
MISTAKES = """
class Triples:
    \"\"\"You multiply by three, and twice the number was asked for.\"\"\"

    breaks = ("y",)

    def double(x):
        return 3 * x


class Squares:
    \"\"\"You square the number, and twice the number was asked for.\"\"\"

    breaks = ("y",)

    def double(x):
        return x * x
"""
SETTINGS = """
title: Twice
submission: twice.py
program: y = double(x)
"""
CASES = """
cases:
  - name: Fixed
    inputs: {x: [1.0, 4.0, 9.0]}
    points: {y: 1}
  - name: Random
    random: {seed: 3, batches: 4, N: 1..5}
    inputs: {x: {normal: [N]}}
    points: {y: 1}
  - name: Secret
    visibility: hidden
    random: {seed: 4, batches: 2, N: 2..5}
    inputs: {x: {normal: [N]}}
    points: {y: 1}
"""


PLATFORM = """
gradescope:
  timeout_minutes: 20
  submission_limit: {allowed_submissions: 5, minutes: 60}
  late_penalty: {percent_per_day: 10}
  leaderboard: [{name: Checks, value: checks_passed}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An assignment with two known mistakes, and a cache folder that is not there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    for path, text in {
        "reference/twice.py": REFERENCE,
        "reference/mistakes.py": MISTAKES,
        "testcases/assignment.yaml": SETTINGS,
        "testcases/10_cases.yaml": CASES,
        "wrong.py": REFERENCE.replace("2", "3"),
    }.items():
        (tmp_path / "twice" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "twice" / path).write_text(text, encoding="utf-8")
    return tmp_path / "twice"


def entries(folder: Path) -> list[Path]:
    return sorted((folder.parent / "caches" / "autograder").glob("*"))


def told(suite: Suite) -> str:
    """All that hints can take from a suite, as a text to compare."""
    mistakes = [*suite.mistakes, *suite.pairs]
    visible = [case for case in suite.assignment.cases if case.visibility == "visible"]
    return str(
        [
            [(m.name, m.hint, {key: list(m.wrong[key]) for key in m.wrong}) for m in mistakes],
            [suite.small(case) for case in visible],
        ]
    )


def grade(folder: Path, *options: str) -> dict[str, Any]:
    """The results.json of the wrong submission, graded by the command."""
    results = folder.parent / "results.json"
    words = [str(folder / "wrong.py"), "--assignment", str(folder), "--results", str(results)]
    err = io.StringIO()
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):
        assert main(["grade", *words, *options]) == 0
    assert err.getvalue() == ""
    found: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    return found


def no_mistake_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a known mistake was run")

    monkeypatch.setattr("autograder.judging.mistakes.load_mistakes", fail)


def test_the_second_time_no_known_mistake_runs_and_all_is_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = load_assignment(folder)
    plain = told(Suite(assignment))
    assert told(CachedSuite(assignment)) == plain
    assert len(entries(folder)) == 3
    no_mistake_runs(monkeypatch)
    assert told(CachedSuite(assignment)) == plain


def test_texts_are_the_same_with_the_cache_and_without(folder: Path) -> None:
    first, second, without = grade(folder), grade(folder), grade(folder, "--no-cache")
    assert first["tests"] == second["tests"] == without["tests"]
    assert "multiply by three" in str(first["tests"])


def test_no_cache_leaves_nothing_behind(folder: Path) -> None:
    grade(folder, "--no-cache")
    assert entries(folder) == []


@pytest.mark.parametrize(
    "change", ["reference/twice.py", "reference/mistakes.py", "testcases/10_cases.yaml", "notes.py"]
)
def test_what_has_changed_is_worked_out_anew(folder: Path, change: str) -> None:
    assert CachedSuite(load_assignment(folder)).mistakes
    path = folder / ("reference/notes.py" if change == "notes.py" else change)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(before.replace("by three", "by 3") + "\n", encoding="utf-8")
    assignment = load_assignment(folder)
    hints = [mistake.hint for mistake in CachedSuite(assignment).mistakes]
    assert hints == [mistake.hint for mistake in Suite(assignment).mistakes]
    assert len(entries(folder)) == 2


def test_a_part_of_the_cases_has_entries_of_its_own(folder: Path) -> None:
    whole = load_assignment(folder)
    assert CachedSuite(visible_part(whole)).mistakes
    cases = {case for m in CachedSuite(whole).mistakes for case, _ in m.wrong}
    assert cases == {"Fixed", "Random", "Secret"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: b"{} nonsense" + content,
        lambda content: content[: len(content) // 2],
        lambda content: content[:-3] + bytes([content[-3] ^ 1]) + content[-2:],
    ],
)
def test_a_damaged_entry_is_made_anew(
    folder: Path, damage: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = load_assignment(folder)
    plain = told(CachedSuite(assignment))
    for entry in entries(folder):
        entry.write_bytes(damage(entry.read_bytes()))
    assert told(CachedSuite(assignment)) == plain
    no_mistake_runs(monkeypatch)
    assert told(CachedSuite(assignment)) == plain


def test_points_come_from_the_reference_and_not_from_the_cache(folder: Path) -> None:
    grade(folder)
    for entry in entries(folder):
        assert "cases" not in entry.name
        entry.write_bytes(store_mistakes(Suite(_with_wrong_reference(folder))))
    assert grade(folder)["score"] == 0


def _with_wrong_reference(folder: Path) -> Assignment:
    other = folder.parent / "other"
    shutil.copytree(folder, other, dirs_exist_ok=True)
    shutil.copy(folder / "wrong.py", other / "reference" / "twice.py")
    return load_assignment(other)


@pytest.mark.skipif(os.name != "posix", reason="modes and owners are POSIX's")
def test_the_folder_is_its_users_alone(folder: Path) -> None:
    assert CachedSuite(load_assignment(folder)).mistakes
    ours = entries(folder)[0].parent
    assert ours.stat().st_mode & 0o777 == 0o700
    ours.chmod(0o777)
    assert cache.cache_folder() == ours
    assert ours.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name != "posix", reason="links need no rights there")
def test_a_link_in_the_folders_place_is_not_followed(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (folder.parent / "caches").mkdir()
    (folder.parent / "caches" / "autograder").symlink_to(elsewhere)
    assert "multiply by three" in str(grade(folder)["tests"])
    assert list(elsewhere.iterdir()) == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give away"
)
def test_a_folder_of_somebody_else_is_not_used(folder: Path) -> None:
    theirs = folder.parent / "caches" / "autograder"
    theirs.mkdir(parents=True)
    os.chown(theirs, 12345, 12345)
    assert "multiply by three" in str(grade(folder)["tests"])
    assert list(theirs.iterdir()) == []


def test_a_folder_that_cannot_be_made_costs_time_only(folder: Path) -> None:
    (folder.parent / "caches").write_text("a file", encoding="utf-8")
    assert "multiply by three" in str(grade(folder)["tests"])


def test_the_oldest_entries_go_when_room_is_short(folder: Path) -> None:
    suite = CachedSuite(load_assignment(folder))
    assert suite.mistakes
    (first,) = entries(folder)
    old = first.with_name("of-another-assignment.bin")
    with old.open("wb") as file:
        file.truncate(cache.MOST_BYTES - first.stat().st_size)
    os.utime(old, (1, 1))
    assert suite.pairs == []
    assert first in entries(folder)
    assert old not in entries(folder)
    assert len(entries(folder)) == 2


def test_stored_beside_the_cases_answers_are_those_of_the_reference(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = load_assignment(folder)
    plain = Suite(assignment)
    texts, expected = told(plain), [plain.expected(case) for case in assignment.cases]
    assignment.answers_path.write_bytes(store_mistakes(plain))
    monkeypatch.setattr("autograder.judging.reference.Reference.__init__", None)  # not even made
    stored = Suite(assignment)
    assert told(stored) == texts
    assert str([stored.expected(case) for case in assignment.cases]) == str(expected)


def test_with_what_is_stored_a_grader_imports_no_reader_and_no_hints(folder: Path) -> None:
    assignment = load_assignment(folder)
    assignment.answers_path.write_bytes(store_mistakes(Suite(assignment)))
    done = subprocess.run(
        [
            *(sys.executable, "-X", "importtime", "-m", "autograder", "grade"),
            *("reference/twice.py", "--assignment", ".", "--results", "results.json"),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "autograder.judging.stored" in imported
    assert not imported & {"yaml", "zipfile", "shutil", "autograder.judging.traces"}


def test_answers_that_are_out_of_date_are_not_used(folder: Path) -> None:
    assignment = load_assignment(folder)
    assignment.answers_path.write_bytes(store_mistakes(Suite(assignment)))
    shutil.copy(folder / "wrong.py", folder / "reference" / "twice.py")
    assert grade(folder, "--no-cache")["score"] == 3


def test_what_is_handed_out_names_no_mistake(folder: Path) -> None:
    assignment = visible_part(load_assignment(folder))
    content = store(Suite(assignment))
    assert b"Triples" not in content
    assert b"multiply by three" in content
    assert b"Secret" not in content


@pytest.mark.parametrize("name", ["homework", "linear", "sgd", "value"])
def test_an_assignment_stored_with_its_answers_is_the_one_that_was_read(
    name: str, tmp_path: Path
) -> None:
    for part in ("testcases", "reference"):
        shutil.copytree(ASSIGNMENTS / name / part, tmp_path / part)
    settings = tmp_path / "testcases" / "assignment.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + PLATFORM, encoding="utf-8")
    read = load_assignment(tmp_path)
    assert stored_assignment(tmp_path) is None
    read.answers_path.write_bytes(store_mistakes(Suite(read)))
    stored = stored_assignment(tmp_path)
    assert stored is not None
    assert written(stored) == written(read)
    assert stored.cases[0].program == read.cases[0].program
    settings.write_text(text, encoding="utf-8")
    assert stored_assignment(tmp_path) is None


def written(value: Any) -> str:
    """A value with its types, those of arrays too."""
    if isinstance(value, tuple):
        return f"{type(value).__name__}({', '.join(map(written, value))})"
    if isinstance(value, Mapping):
        return str({key: written(one) for key, one in value.items()})
    return f"{value.dtype} {value!r}" if isinstance(value, np.ndarray) else repr(value)
