"""The grader's own memory: with all that a submission may use, it fits into the platform's 768 MB."""

from __future__ import annotations

import mmap
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.judging.suite import Suite
from autograder.model import Limits
from autograder.pipeline import grade
from autograder.sandbox import Sandbox
from autograder.sandbox.allowance import RESULT_BYTES, Allowance
from autograder.tests.conftest import RunCommand
from autograder.tests.solutions import solution

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")

MOST_MB = 700
LARGEST = 1_000_000  # numbers of a result
GRADE = """
import sys
from autograder.cli import main
main(["grade", *sys.argv[1:], "--no-cache"])
print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""
SETTINGS = """
title: Large
submission: large.py
program: a, b = large(x, y)
"""
CASES = """
cases:
  - name: Large
    random: {{seed: 1, N: {size}}}
    inputs: {{x: {{normal: [N]}}, y: {{normal: [N]}}}}
    points: {{a: 1, b: 1, inputs_unchanged: 1}}
  - name: Many
    random: {{seed: 2, batches: 9, N: 5000}}
    inputs: {{x: {{normal: [N]}}, y: {{normal: [N]}}}}
    points: {{a: 1, b: 1, inputs_unchanged: 1}}
"""
SUBMISSIONS = {
    "wrong": "return x - 1, y * 1.0000001",
    "greedy": "x[0] = 5; return np.ones(1000000), np.ones(1000000)",
    "changes its inputs": "x += 1; y += 1; return x, y",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SUBMISSIONS)
def test_the_grader_and_a_submission_fit_together(name: str, tmp_path: Path) -> None:
    lines = "import numpy as np\ndef large(x, y):\n    "
    for path, text in {
        "testcases/assignment.yaml": SETTINGS,
        "testcases/10_cases.yaml": CASES.format(size=LARGEST - 50_000),
        "reference/large.py": lines + "return x + 1, y + 1",
        "submission/large.py": lines + SUBMISSIONS[name],
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    words = [str(tmp_path / "submission"), "--assignment", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", GRADE, *words], capture_output=True, text=True, check=True
    )
    *_, peak = done.stdout.split("VmHWM:")
    assert int(peak.split()[0]) // 1024 + Limits().memory_mb < MOST_MB


def test_what_a_large_grader_holds_is_not_counted_as_the_submissions(suite: Suite) -> None:
    with mmap.mmap(-1, 600 * 2**20), Sandbox() as sandbox:
        report = grade(suite.assignment.folder / "reference" / "loss.py", suite, sandbox)
    assert report.points == report.max_points


@pytest.mark.slow
def test_garbage_in_cycles_is_collected(tmp_path: Path, run_command: RunCommand) -> None:
    # The grader's own process does without the collector; garbage of 4 GB in all needs it.
    node = """
class Node:
    def __init__(self):
        self.me, self.numbers = self, bytearray(50_000)
"""
    path = tmp_path / "loss.py"
    path.write_text(solution(top=node, forward="for _ in range(2000): Node()"), encoding="utf-8")
    assert "100 of 100 points" in run_command("grade", path).stdout


def test_inputs_have_a_budget_of_their_own() -> None:
    allowance = Allowance(0.0)
    assert allowance.take_bytes(RESULT_BYTES)
    assert allowance.take_bytes(RESULT_BYTES, of_input=True)
    assert not allowance.take_bytes(1)
    assert not allowance.take_bytes(1, of_input=True)
