"""Another assignment, a linear layer, graded by the same engine without a changed line."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.formats.assignment import load_assignment
from autograder.formats.draws import draw
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.sandbox import Sandbox
from autograder.tests.conftest import RunInProcess, verdict_of

HAND = "One sample by hand"
ZEROS = "Zeros give the bias"
SIZES = "Batches of several sizes"
SHARED = "One layer for several batches"
UNCHANGED = "Inputs are left as they are"

Change = Callable[[str, str], Report]


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "autograder" / "tests" / "assignments" / "linear"


@pytest.fixture(scope="module")
def linear(folder: Path) -> Assignment:
    return load_assignment(folder)


@pytest.fixture(scope="module")
def reference(folder: Path) -> str:
    return (folder / "reference" / "linear.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def linear_suite(linear: Assignment) -> Suite:
    return Suite(linear)


@pytest.fixture
def changed(tmp_path: Path, linear_suite: Suite, reference: str, warm_sandbox: Sandbox) -> Change:
    """Grades the reference with one text of it replaced by another."""

    def grade_changed(old: str, new: str) -> Report:
        assert reference.count(old) == 1
        path = tmp_path / "linear.py"
        path.write_text(reference.replace(old, new), encoding="utf-8")
        return grade(path, linear_suite, warm_sandbox)

    return grade_changed


def lost(report: Report) -> set[str]:
    return {verdict.name for verdict in report.verdicts if not verdict.passed}


def checks(linear: Assignment, check: str) -> set[str]:
    name = check.replace("_", " ")
    return {f"{case.name}: {name}" for case in linear.cases if check in case.points}


def test_the_reference_earns_every_point(
    folder: Path, linear: Assignment, sandbox: Sandbox
) -> None:
    report = grade(folder / "reference" / "linear.py", Suite(linear), sandbox)
    assert report.title == "A linear layer"
    assert lost(report) == set()
    assert report.points == report.max_points == 60
    assert len(report.verdicts) == 11


def test_a_transposed_weight_loses_every_forward_and_what_follows_it(
    changed: Change, linear: Assignment
) -> None:
    report = changed("self.W.T", "self.W")
    assert report.points == 0
    text = verdict_of(report, HAND, "forward").text
    assert "`linear.forward(A)` raised ValueError" in text
    assert "return A @ self.W + self.b" in text
    assert "A = np.array([[1.0, 2.0, 4.0]])" in text
    for check in ("backward", "bias_gradient"):
        assert verdict_of(report, HAND, check).text.startswith("Not reached")


def test_a_transposed_weight_in_backward_keeps_every_forward(
    changed: Change, linear: Assignment
) -> None:
    report = changed("dLdZ @ self.W", "dLdZ @ self.W.T")
    assert not lost(report) & checks(linear, "forward")
    assert lost(report) >= checks(linear, "backward")
    text = verdict_of(report, SIZES, "backward").text
    assert "8 of 8 batches" in text
    assert "linear.py, line " in text


def test_a_forgotten_bias_loses_every_forward_and_nothing_else(
    changed: Change, linear: Assignment
) -> None:
    report = changed(" + self.b", "")
    assert lost(report) == checks(linear, "forward")
    text = verdict_of(report, HAND, "forward").text
    assert text.startswith("forward is wrong.")
    assert "[-0.5  0.75]    [  -1*  2.25*]" in text
    assert "A number counts as right within 1e-12" in text


def test_a_bias_added_in_the_wrong_shape_is_told_by_the_shapes(changed: Change) -> None:
    report = changed("self.b = b", "self.b = b.reshape(-1, 1, 1)")
    text = verdict_of(report, HAND, "forward").text
    assert re.search(r"shape \(2, 1, 2\).* shape \(1, 2\) was expected", text)


def test_a_mean_for_a_sum_costs_the_share_of_the_batches_with_more_than_one_sample(
    changed: Change, linear: Assignment
) -> None:
    report = changed("np.sum", "np.mean")
    assert lost(report) == {f"{SIZES}: bias gradient", f"{SHARED}: bias gradient"}
    case = next(case for case in linear.cases if case.name == SIZES)
    single = sum(len(batch.inputs["A"]) == 1 for batch in draw(case.inputs))
    assert 0 < single < 8
    verdict = verdict_of(report, SIZES, "bias_gradient")
    assert verdict.points == single
    assert not verdict.passed
    assert f"in {8 - single} of 8 batches" in verdict.text
    assert verdict_of(report, SHARED, "bias_gradient").points == 0


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("return A @", "A *= 2; A /= 4; return 2 * A @", "A"),
        ("return dLdZ @ self.W", "dLdA = dLdZ @ self.W; dLdZ[:] = 0; return dLdA", "dLdZ"),
    ],
    ids=["A", "dLdZ"],
)
def test_an_input_changed_in_place_costs_one_check_which_names_it(
    old: str, new: str, name: str, changed: Change
) -> None:
    report = changed(old, new)
    assert lost(report) == {f"{UNCHANGED}: inputs unchanged"}
    text = verdict_of(report, UNCHANGED, "inputs_unchanged").text
    assert f"changes its input `{name}` in place in 2 of 2 batches" in text


def test_a_gradient_that_adds_up_costs_the_shared_layer_only(changed: Change) -> None:
    adding = "self.sum = getattr(self, 'sum', 0) + np.sum(dLdZ, axis=0); return self.sum"
    report = changed("return np.sum(dLdZ, axis=0)", adding)
    assert lost(report) == {f"{SHARED}: bias gradient"}
    assert "3 of 4 batches" in verdict_of(report, SHARED, "bias_gradient").text


def test_every_object_is_made_of_arguments_that_no_other_object_has_changed(
    changed: Change,
) -> None:
    # A layer that trains itself a little: the next one starts from the same weights all the same.
    report = changed("return np.sum", "self.W += 1; return np.sum")
    assert lost(report) == {f"{SHARED}: forward", f"{SHARED}: backward"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("self, W, b", "self", ["`linear = Linear(W, ", "raised TypeError", "__init__"]),
        ("class Linear", "class Layer", ["no Linear in linear.py", "Layer"]),
        ("def bias_gradient", "def gradient", ["no method bias_gradient"]),
        ("return np.sum", "np.sum", ["`linear.bias_gradient(dLdZ)` is not implemented yet"]),
        ("return np.sum(dLdZ, axis=0)", "return 'zero'", ["bias_gradient", "`str`"]),
    ],
)
def test_texts_use_the_names_of_the_assignment(
    old: str, new: str, words: list[str], changed: Change
) -> None:
    text = verdict_of(changed(old, new), HAND, "bias_gradient").text
    for word in words:
        assert word in text


# Through the command.


def test_the_command_grades_with_the_assignment_that_it_is_given(
    run_in_process: RunInProcess, folder: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results.json"
    done = run_in_process(
        "grade", folder / "reference" / "linear.py", "--assignment", folder, "--results", results
    )
    assert (done.status, done.err) == (0, "")
    assert "A linear layer" in done.out
    assert "60 of 60 points; every check passed." in done.out
    tests = json.loads(results.read_text(encoding="utf-8"))["tests"]
    assert [test["number"] for test in tests[:4]] == ["1.1", "1.1", "1.1", "1.2"]
    assert tests[2]["name"] == f"{HAND}: bias gradient"


@pytest.mark.parametrize("below", [".", "reference/a/b"])
def test_the_nearest_assignment_upwards_is_found(
    below: str, run_in_process: RunInProcess, folder: Path, repository: Path, tmp_path: Path
) -> None:
    # One assignment stands within another here, as it does in this repository.
    outer, inner = tmp_path / "course", tmp_path / "course" / "week 2" / "linear"
    for part in ("testcases", "reference"):
        shutil.copytree(repository / part, outer / part, ignore=shutil.ignore_patterns("__*"))
        shutil.copytree(folder / part, inner / part, ignore=shutil.ignore_patterns("__*"))
    (inner / below).mkdir(parents=True, exist_ok=True)
    done = run_in_process("grade", inner / "reference" / "linear.py", cwd=inner / below)
    assert (done.status, done.err) == (0, "")
    assert "60 of 60 points" in done.out
    done = run_in_process("grade", outer / "reference" / "loss.py", cwd=inner.parent)
    assert "100 of 100 points" in done.out


# Words of the first exercise. `forward` is fine as a direction, and `one_hot` as the name of a draw.
WORDS = (
    r"softmax|cross.?entropy|\bentropy|logits?\b|\bforward\b(?! slash)|\bbackward\b|\bloss(?:es)?\b"
    r"|\[N, C\]|\bsamples\b|one.hot|\btargets? Y\b|\bcross_"
)


def test_the_engine_knows_nothing_of_any_assignment(repository: Path) -> None:
    engine = repository / "autograder"
    files = [
        path
        for pattern in ("*.py", "*.json", "*.md", "*.yaml", "*.css", "*.sh")
        for path in engine.rglob(pattern)
        if not {"tests", "docs"} & {*path.relative_to(engine).parts}
    ]
    assert len(files) > 100
    words = re.compile(WORDS, re.IGNORECASE)
    found = [
        f"{path.relative_to(repository)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(re.sub(r"\bone_hot\b", "", line))
    ]
    assert found == []
