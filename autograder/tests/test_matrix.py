"""`autograder matrix`: cases against known mistakes, and what it says of both."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from autograder.authoring.lint import lint
from autograder.authoring.matrix import Matrix, matrix_text
from autograder.formats.assignment import load_assignment
from autograder.judging.mistakes import load_mistakes
from autograder.judging.suite import Suite
from autograder.tests.conftest import RunInProcess
from autograder.tests.exercises import copy_with_few_mistakes
from autograder.tests.solutions import EXAMPLE, ONE_HOT, SOFT


@pytest.fixture(scope="module")
def matrix(suite: Suite) -> Matrix:
    return Matrix(suite)


@pytest.fixture
def folder(repository: Path, tmp_path: Path) -> Path:
    """A copy of the assignment that tests may change."""
    folder = tmp_path / "assignment"
    for part in ("reference", "testcases"):
        shutil.copytree(repository / part, folder / part, ignore=shutil.ignore_patterns("__*"))
    return folder


def test_every_mistake_loses_points(matrix: Matrix) -> None:
    total = sum(points for case in matrix.cases for points in case.points.values())
    kept = {mistake.name: matrix.points(mistake) for mistake in matrix.mistakes}
    assert [name for name, points in kept.items() if points >= total] == []


def test_a_mistake_in_the_core_of_a_call_loses_most_of_its_points(matrix: Matrix) -> None:
    ordinary = (EXAMPLE, ONE_HOT, SOFT)
    for call in ("forward", "backward"):
        total = sum(case.points.get(call, 0) for case in matrix.cases)
        core = [
            mistake
            for mistake in matrix.mistakes
            if all(call in matrix.lost[mistake.name, case] for case in ordinary)
        ]
        assert len(core) > 30
        kept = {
            m.name: sum(matrix.earned[m.name, c.name].get(call, 0) for c in matrix.cases)
            for m in core
        }
        assert [name for name, points in kept.items() if points > total / 3] == []


@pytest.mark.slow
def test_the_command_writes_the_matrix_as_a_table_and_as_a_page(
    run_in_process: RunInProcess, matrix: Matrix, tmp_path: Path
) -> None:
    done = run_in_process("matrix", "--out", tmp_path / "matrix.csv")
    assert (done.status, done.err) == (0, "")
    assert "Every mistake is caught by some case." in done.out
    with (tmp_path / "matrix.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["mistake"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {mistake.name for mistake in matrix.mistakes}
    row = rows["GradientNotDividedByN"]
    assert row[f"20.1 {ONE_HOT}"] == "backward"
    assert row["30.1 A single sample"] == ""
    assert 0 < float(row["points"]) < 100
    few = copy_with_few_mistakes(tmp_path / "assignment")
    assert run_in_process("matrix", "--out", tmp_path / "matrix.html", cwd=few).status == 0
    page = (tmp_path / "matrix.html").read_text(encoding="utf-8")
    assert page.count("<tr>") == len(load_mistakes(load_assignment(few))) + 1
    assert page.count("<p>") == 3  # a sentence each
    assert "GradientNotDividedByN" in page


def test_a_mistake_that_goes_free_is_named_and_the_status_tells(
    run_in_process: RunInProcess, folder: Path
) -> None:
    (folder / "testcases" / "50_robustness.yaml").unlink()  # where reuse is tried, for one
    done = run_in_process("matrix", "--assignment", folder)
    assert done.status == 1
    told = done.out.partition("No case catches: ")[2]
    assert "LossesAddedUpOverCalls" in told
    assert "LogitsShiftedInPlace" in told
    assert "GradientNotDividedByN" not in told.partition(". ")[0]


TWO_FILES = {
    "testcases/assignment.yaml": "title: Two\nsubmission: [a.py, b.py]\n",
    "testcases/1_a.yaml": "setup: from a import f\nprogram: y = f(x)\ncases:\n"
    "  - {name: One, inputs: {x: [1, 2]}, points: {y: 2}}\n"
    "  - {name: Two, inputs: {x: [0]}, points: {y: 3}}\n",
    "testcases/2_b.yaml": "setup: |\n  from b import g\nprogram: z = g(x)\ncases:\n"
    "  - {name: Three, inputs: {x: [1, 2]}, points: {z: 4}}\n",
    "reference/a.py": "def f(x):\n    return x + 1\n",
    "reference/b.py": "def g(x):\n    return x - 1\n",
    "reference/mistakes.py": "class Same:\n    'The number is increased by 1.'\n"
    "    breaks = ('y',)\n    def f(x):\n        return x * 2\n",
}


def test_a_mistake_is_tried_on_cases_that_import_what_it_replaces(
    run_in_process: RunInProcess, tmp_path: Path
) -> None:
    for name, text in TWO_FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    tried = Matrix(Suite(load_assignment(tmp_path)))
    (mistake,) = tried.mistakes
    assert [case.name for case in tried.cases if tried.lost_by(mistake, case)] == ["One", "Two"]
    assert tried.points(mistake) == 4
    assert [case.name for case in tried.cases if tried.is_tried(case)] == ["One", "Two"]
    assert [case.name for case in tried.redundant] == ["One", "Two", "Three"]
    assert "x    x    -" in matrix_text(tried)
    messages = [finding.message for finding in lint(tmp_path)[1]]
    assert len(messages) == 2, "the third is not blamed for a mistake that it cannot meet"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("class Broken:\n    breaks = ('forward',)\n", "1:1: Broken has no docstring"),
        (
            "\nclass Odd:\n    '''A hint that is long enough.'''\n    breaks = ('sideways',)\n",
            "2:1: `breaks` of Odd must name checks out of `forward`, `backward`, `inputs_unchanged`",
        ),
        ("import nowhere\n", "1:1: this file cannot be imported: ModuleNotFoundError"),
    ],
)
def test_a_faulty_file_of_mistakes_is_told_with_its_place(
    run_in_process: RunInProcess, folder: Path, content: str, told: str
) -> None:
    path = folder / "reference" / "mistakes.py"
    path.write_text(content, encoding="utf-8")
    done = run_in_process("matrix", "--assignment", folder)
    assert done.status == 2
    assert f"{path}:{told}" in done.err
    assert "Traceback" not in done.err


def test_without_mistakes_the_command_says_how_to_write_some(
    run_in_process: RunInProcess, folder: Path
) -> None:
    (folder / "reference" / "mistakes.py").unlink()
    done = run_in_process("matrix", "--assignment", folder)
    assert done.status == 2
    (line,) = done.err.splitlines()
    assert "breaks" in line
    assert "docstring" in line
