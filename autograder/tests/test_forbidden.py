"""What the walls forbid, and what is not there: a text says what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.formats.assignment import load_assignment
from autograder.judging.cache import CachedSuite
from autograder.pipeline import grade
from autograder.sandbox import Sandbox
from autograder.tests.solutions import solution

REPOSITORY = Path(__file__).resolve().parents[2]
TOO_MANY_THREADS = """import threading, time
        for _ in range(500): threading.Thread(target=time.sleep, args=(1,)).start()"""


def text_on(line: str, folder: Path, sandbox: Sandbox) -> str:
    (folder / "loss.py").write_text(solution(forward=line), encoding="utf-8")
    assignment = load_assignment(REPOSITORY)
    suite = CachedSuite(assignment._replace(cases=assignment.cases[:1]))
    return grade(folder / "loss.py", suite, sandbox).verdicts[0].text


@pytest.mark.parametrize(
    "line",
    [
        "np.loadtxt('weights.csv', delimiter=',')",
        "np.genfromtxt('weights.csv')",
        "np.load('weights.csv')",
        "open('weights.csv').read()",
    ],
)
def test_a_data_file_beside_the_submission_is_named(
    line: str, tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    text = text_on(line, tmp_path, warm_sandbox)
    assert "`weights.csv` is not there" in text
    assert "into your code" in text
    assert ".." not in text.splitlines()[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("open('log.txt', 'w')", "leave out open(...)"),
        ("np.savetxt('log.txt', A)", "leave out open(...)"),
        ("import tempfile; tempfile.TemporaryFile()", "leave out open(...)"),
        ("import sqlite3; sqlite3.connect('a.db')", "leave out open(...)"),
        ("import socket; socket.socket()", "no network"),
        ("import asyncio; asyncio.run(asyncio.sleep(0))", "no network"),
        ("import subprocess; subprocess.run(['ls'])", "subprocess"),
        ("import os; os.fork()", "processes"),
        ("import multiprocessing; multiprocessing.Pool(2)", "multiprocessing"),
        (TOO_MANY_THREADS, "too many threads"),
    ],
)
def test_what_the_walls_forbid_says_what_to_do_instead(
    line: str, told: str, tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    if not {"landlock", "seccomp"} <= set(warm_sandbox.level.split("+")):
        pytest.skip("without these walls it is not forbidden")
    assert told in text_on(line, tmp_path, warm_sandbox)
