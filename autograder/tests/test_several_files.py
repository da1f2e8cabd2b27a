"""Exercises of several files: which are found, and what a missing or broken one costs."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring.findings import ERROR
from autograder.authoring.lint import lint
from autograder.judging.verdicts import Report
from autograder.pipeline import grade
from autograder.sandbox import Sandbox
from autograder.tests.exercises import ASSIGNMENTS, Course, failed, suite_of
from autograder.tests.solutions import ENDLESS

REFERENCE = ASSIGNMENTS / "homework" / "reference"
FILES = ("nn/activation.py", "nn/linear.py", "nn/loss.py")
# What the failing import of a file costs: its own cases, and the one that puts all together.
COSTS = {"nn/activation.py": "10.1", "nn/linear.py": "20.1", "nn/loss.py": "30.1"}
TOGETHER = "30.2"

Grade = Callable[[Path], Report]


@pytest.fixture
def homework(warm_sandbox: Sandbox) -> Grade:
    return lambda path: grade(path, suite_of("homework"), warm_sandbox)


def put(folder: Path, *files: str, root: str = "") -> Path:
    """The reference's files in a folder, below a root within it."""
    for name in files or FILES:
        path = folder / root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REFERENCE / name, path)
    return folder


def cases_failed(report: Report) -> set[str]:
    """The numbers of the cases of which something failed; all of each must have."""
    numbers = {number for number, _ in failed(report)}
    assert failed(report) == {(v.number, v.check) for v in report.verdicts if v.number in numbers}
    return numbers


def texts_of(report: Report, number: str) -> list[str]:
    return [verdict.text for verdict in report.verdicts if verdict.number == number]


@pytest.mark.parametrize("root", ["", "homework 2", "a/b/c"])
def test_the_root_is_the_folder_below_which_the_named_paths_are_found(
    root: str, tmp_path: Path, homework: Grade
) -> None:
    assert cases_failed(homework(put(tmp_path, root=root))) == set()


def test_a_zip_with_a_folder_in_it_is_as_good(tmp_path: Path, homework: Grade) -> None:
    path = tmp_path / "mine.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in FILES:
            archive.write(REFERENCE / name, f"homework-main/{name}")
    assert cases_failed(homework(path)) == set()


def test_of_two_such_folders_both_are_named(tmp_path: Path, homework: Grade) -> None:
    put(tmp_path, root="old")
    report = homework(put(tmp_path, root="new"))
    assert report.points == 0
    assert "2 folders (new, old)" in report.notice
    assert "Hand in one of them" in report.notice


def test_the_folder_with_all_files_is_taken_before_one_with_some(
    tmp_path: Path, homework: Grade
) -> None:
    put(tmp_path, "nn/loss.py", root="backup")
    assert cases_failed(homework(put(tmp_path, root="work"))) == set()


@pytest.mark.parametrize("name", FILES)
def test_one_file_given_where_three_are_wanted_earns_its_own_cases(
    name: str, tmp_path: Path, homework: Grade
) -> None:
    report = homework(put(tmp_path, name) / name)
    assert cases_failed(report) == {TOGETHER, *COSTS.values()} - {COSTS[name]}
    for other in set(FILES) - {name}:
        (text,) = set(texts_of(report, COSTS[other]))
        assert f"There is no {other}" in text
        assert "nn/activation.py, nn/linear.py and nn/loss.py together" in text


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("", "There is no"),
        ("class Broken(\n", "SyntaxError"),
        ("import nothing_of_that_name\n", "nothing_of_that_name"),
        ("raise RuntimeError('at import')\n", "at import"),
        ("import os\nos._exit(0)\n", "ended the whole Python process"),
    ],
    ids=["missing", "syntax", "import", "raises", "exits"],
)
def test_a_file_that_cannot_be_imported_costs_its_own_cases_only(
    name: str, broken: str, says: str, tmp_path: Path, homework: Grade
) -> None:
    folder = put(tmp_path)
    (folder / name).write_text(broken, encoding="utf-8")
    if not broken:
        (folder / name).unlink()
    report = homework(folder)
    assert cases_failed(report) == {COSTS[name], TOGETHER}
    for number in (COSTS[name], TOGETHER):
        (text,) = set(texts_of(report, number))
        assert says in text
        assert name in text


def test_an_endless_import_costs_its_own_cases_only(tmp_path: Path, warm_sandbox: Sandbox) -> None:
    course = two_files(tmp_path, warm_sandbox)
    report = course.grade(a=ENDLESS, b="def g(x): return 3 * x")
    assert {v.check: v.passed for v in report.verdicts} == {"f_of_x": False, "g_of_x": True}


def two_files(folder: Path, sandbox: Sandbox) -> Course:
    return Course(folder, sandbox).write(
        settings="title: T\nsubmission: [a.py, b.py]\nlimits: {call_seconds: 0.5}\n",
        cases="""
            cases:
              - name: First
                setup: from a import f
                program: f_of_x = f(x)
                inputs: {x: [1, 2]}
                points: {f_of_x: 1}
              - name: Second
                setup: from b import g
                program: g_of_x = g(x)
                inputs: {x: [1, 2]}
                points: {g_of_x: 1}
            """,
        a="def f(x): return 2 * x",
        b="def g(x): return 3 * x",
    )


def test_a_name_that_a_file_lacks_costs_the_steps_that_use_it(
    tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    course = two_files(tmp_path, warm_sandbox)
    report = course.grade(a="def F(x): return 2 * x", b="def g(x): return 3 * x")
    assert {v.check: v.passed for v in report.verdicts} == {"f_of_x": False, "g_of_x": True}
    text = report.verdicts[0].text
    assert "There is no f in a.py. It has F." in text
    assert "Call it f, with capital letters exactly as here" in text


def test_a_file_is_one_module_however_it_is_imported(tmp_path: Path, warm_sandbox: Sandbox) -> None:
    course = Course(tmp_path, warm_sandbox).write(
        settings="""
            title: T
            submission: [nn/base.py, nn/user.py]
            setup: |
              import nn.base as base
              from nn.user import make, accepts
            program: |
              accepted = accepts(base.Base())
              made = isinstance(make(), base.Base)
            """,
        cases="""
            cases:
              - name: One
                inputs: {}
                points: {accepted: 1, made: 1}
            """.replace("                inputs: {}\n", ""),
        nn__base="class Base: pass",
        nn__user="from nn.base import Base\ndef make(): return Base()\n"
        "def accepts(x): return isinstance(x, Base)",
    )
    relative = "from .base import Base\ndef make(): return Base()\n"
    report = course.grade(
        nn__base="class Base: pass",
        nn__user=relative + "def accepts(x): return isinstance(x, Base)",
    )
    assert report.points == report.max_points == 2


LAYER = """
class Layer:
    def __init__(self, k): self.k = k
    def __call__(self, x): return self.k * x
"""
PACKAGE = {
    "nn/__init__.py": "from .layer import Layer\n",
    "nn/layer.py": LAYER,
    "train.py": """
from nn import Layer
def fit(layer, x):
    assert isinstance(layer, Layer)
    return layer(x)
""",
}
CASES_OF_PACKAGE = """
    cases:
      - name: The package
        setup: from nn import Layer
        program: out = Layer(2)(x)
        inputs: {x: [1, 2]}
        points: {out: 1}
      - name: A file of it
        setup: |
          import nn.layer as layers
          from train import fit
        program: fitted = fit(layers.Layer(3), x)
        inputs: {x: [1, 2]}
        points: {fitted: 1}
"""


@pytest.fixture
def package(tmp_path: Path, warm_sandbox: Sandbox) -> Callable[..., Report]:
    """Grades an exercise in which a package itself is asked for, some files of it changed."""
    settings = f"title: T\nsubmission: [{', '.join(PACKAGE)}]\n"
    course = Course(tmp_path, warm_sandbox).write(settings=settings, cases=CASES_OF_PACKAGE)

    def grade_files(**changed: str) -> Report:
        for folder, texts in (("reference", {}), ("student", changed)):
            for name, text in PACKAGE.items():
                path = tmp_path / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(texts.get(path.stem.strip("_"), text), encoding="utf-8")
        return course.grade_folder(tmp_path / "student")

    return grade_files


def test_a_package_that_is_asked_for_is_imported_once(package: Callable[..., Report]) -> None:
    assert package().points == 2
    assert package(init="from nn.layer import *\nfrom . import layer\n").points == 2


def test_a_file_that_the_reference_needs_has_to_be_handed_in(
    package: Callable[..., Report], tmp_path: Path
) -> None:
    package()
    assert lint(tmp_path)[1] == []
    (tmp_path / "reference" / "base.py").write_text("K = 1\n", encoding="utf-8")
    (tmp_path / "reference" / "train.py").write_text(f"import base\n{PACKAGE['train.py']}")
    (error,) = [finding for finding in lint(tmp_path)[1] if finding.severity == ERROR]
    assert "imports base.py" in error.message
    assert error.place.path.name == "assignment.yaml"


def test_imports_in_a_circle_are_told_in_every_case(package: Callable[..., Report]) -> None:
    report = package(layer=f"from train import fit\n{LAYER}")
    assert report.points == 0
    for verdict in report.verdicts:
        assert "two files import each other" in verdict.text
        assert "submission." not in verdict.text
