"""Exercises of many forms, each an assignment below `assignments/`, graded without a line for any.

Their wrong solutions lose the checks that `expected.yaml` names, and no others.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from autograder.authoring.findings import ERROR
from autograder.authoring.lint import lint
from autograder.gradescope.platform_zip import lay_out
from autograder.handout.handout_zip import handout_zip
from autograder.judging.suite import Suite
from autograder.pipeline import grade
from autograder.sandbox import Sandbox
from autograder.tests.conftest import RunInProcess
from autograder.tests.exercises import (
    ASSIGNMENTS,
    NAMES,
    Course,
    Wrong,
    failed,
    reference_of,
    report_on,
    suite_of,
    wrong_solutions,
)

WRONG = [wrong for name in NAMES for wrong in wrong_solutions(name)]
# Several files, and properties: what is most unlike the assignment that is shipped.
ZIPPED = [
    pytest.param(name, marks=() if name in ("sgd", "dropout") else pytest.mark.slow)
    for name in NAMES
]
# What a student has to read, beside the numbers: the fact that helps.
TEXTS = {
    ("linear_attributes", "no_dLdW.py"): ["The Linear has no dLdW", "`self.dLdW`"],
    ("linear_attributes", "own_weights.py"): ["`layer.W = W`", "never reads `W`"],
    ("linear_attributes", "misspelt.py"): ["no method forward", "Rename foward to forward"],
    ("linear_attributes", "lower_case.py"): ["no Linear in linear.py", "Rename linear to Linear"],
    ("linear_attributes", "init_args.py"): ["`Linear(C_in, C_out)`", "Give `bias` a default"],
    ("linear_attributes", "no_self.py"): ["`def backward(self, dLdZ):`"],
    ("linear_attributes", "mean.py"): ["nothing divides them by N"],
    ("linear_attributes", "in_place.py"): ["changes its input `dLdZ` in place"],
    ("batchnorm", "ignores_eval.py"): ["In evaluation the running mean and variance"],
    ("batchnorm", "forgets_eval.py"): ["a parameter called `eval`"],
    ("softmax_loss", "only_loss.py"): ["2 values, loss and dx; it returned a float64"],
    ("softmax_loss", "three_values.py"): ["it returned 3 values"],
    ("softmax_loss", "tuple_in_tuple.py"): ["it returned 1 value."],
    ("softmax_loss", "starter_dx.py"): ["dx is not implemented yet", "None"],
    ("softmax_loss", "misnamed.py"): ["Rename softmaxLoss to softmax_loss"],
    ("sgd", "no_linear"): ["There is no linear.py", "sgd.py and linear.py together"],
    ("sgd", "linear_broken"): ["Importing linear.py raised SyntaxError"],
    ("sgd", "raises"): ["`sgd.step()` raised AttributeError", "layer.dW"],
    ("knn", "needs_k.py"): ["`knn.predict(Q)`", "Give `k` a default value"],
    ("knn", "other_keyword.py"): ["a parameter called `k`"],
    ("knn", "ignores_k.py"): ["All k neighbours have a vote"],
    ("value", "no_radd.py"): ["`(2 * Value(x)).data` raised TypeError", "__rmul__"],
    ("value", "returns_a_number.py"): ["the type float", "`data`"],
    ("value", "overwrites.py"): ["write `+=`, not `=`"],
    ("dropout", "new_mask.py"): ["`backward` needs the mask of `forward`"],
    ("dropout", "flat.py"): ["out has shape (", "was expected"],
    ("dropout", "nan.py"): ["out has NaN among its numbers"],
    ("dropout", "local_mask.py"): ["write `self.mask = ...`"],
    ("homework", "loss_missing"): ["There is no nn/loss.py in the submission"],
    ("homework", "activation_broken"): ["Importing nn/activation.py raised SyntaxError"],
    ("homework", "two_folders"): ["in 2 folders (first, second)"],
    ("conv1d", "flipped.py"): ["The kernel is not flipped"],
    ("mlp", "db_missing.py"): ["The Layer has no db"],
}


@pytest.mark.parametrize("name", sorted(path.name for path in ASSIGNMENTS.iterdir()))
def test_lint_finds_no_error(name: str) -> None:
    _, findings = lint(ASSIGNMENTS / name)
    assert [finding for finding in findings if finding.severity == ERROR] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_wrong_solution_is_named_in_the_list(name: str) -> None:
    there = {path.name for path in (ASSIGNMENTS / name / "wrong").iterdir()}
    assert there - {"__pycache__"} == {wrong.name for wrong in wrong_solutions(name)}


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_earns_every_point(name: str, warm_sandbox: Sandbox) -> None:
    report = grade(reference_of(name), suite_of(name), warm_sandbox)
    assert (failed(report), report.notes) == (set(), ())
    assert report.points == report.max_points > 0


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(
            wrong,
            id=f"{wrong.exercise}-{wrong.name}",
            marks=pytest.mark.slow if n % 3 and (wrong.exercise, wrong.name) not in TEXTS else (),
        )
        for n, wrong in enumerate(WRONG)
    ],
)
def test_a_wrong_solution_loses_just_its_checks(
    wrong: Wrong, tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    report = report_on(wrong, tmp_path, warm_sandbox)
    assert failed(report) == wrong.expected(report)
    assert report.notes == ()  # nothing went wrong in the grader itself
    texts = "\n".join(verdict.text for verdict in report.verdicts if not verdict.passed)
    for word in TEXTS.get((wrong.exercise, wrong.name), []):
        assert word in texts


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONG[::6], ids=lambda wrong: f"{wrong.exercise}-{wrong.name}")
def test_fresh_interpreters_come_to_the_same(
    wrong: Wrong, tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    path, suite = wrong.place(tmp_path), suite_of(wrong.exercise)
    with Sandbox(fresh=True) as sandbox:
        there = grade(path, suite, sandbox)
    here = grade(path, suite, warm_sandbox)
    assert there.points == here.points
    if "default_rng" not in "".join(p.read_text() for p in tmp_path.rglob("*.py")):
        assert [v.text for v in there.verdicts] == [v.text for v in here.verdicts]


def test_the_texts_are_of_solutions_that_exist() -> None:
    assert set(TEXTS) <= {(wrong.exercise, wrong.name) for wrong in WRONG}


# Both zips.


@pytest.mark.skipif(sys.platform != "linux", reason="run_autograder is for Linux")
@pytest.mark.parametrize("name", ZIPPED)
def test_both_zips_are_made_and_graded_from(
    name: str, tmp_path: Path, run_in_process: RunInProcess
) -> None:
    done = run_in_process("bundle", "--assignment", ASSIGNMENTS / name, "--out", tmp_path)
    assert (done.status, done.err) == (0, "")
    with zipfile.ZipFile(tmp_path / "handout.zip") as archive:
        archive.extractall(tmp_path / "home")
        assert not [path for path in archive.namelist() if "reference/" in path]
    lay_out((tmp_path / "autograder.zip").read_bytes(), tmp_path / "platform")
    wrong = wrong_solutions(name)[0]
    folder = tmp_path / "handed in"
    folder.mkdir()
    path = wrong.place(folder)
    root = path if path.is_dir() else folder
    assert _on_the_platform(tmp_path / "platform", root) == _expected(wrong, hidden=True)
    assert _at_home(tmp_path / "home", path) == _expected(wrong, hidden=False)


def _expected(wrong: Wrong, *, hidden: bool) -> set[tuple[str, str]]:
    return {
        (case.number, check)
        for case in suite_of(wrong.exercise).assignment.cases
        for check in case.points
        if check in wrong.fails or f"{case.number} {check}" in wrong.fails
        if hidden or case.visibility == "visible"
    }


def _on_the_platform(root: Path, submission: Path) -> set[tuple[str, str]]:
    """The checks that are failed, by the files that were unpacked from autograder.zip."""
    for path in submission.rglob("*.py"):
        target = root / "submission" / path.relative_to(submission)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    subprocess.run(
        [root / "run_autograder", "--any-isolation"],
        env={**os.environ, "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=True,
    )
    results = json.loads((root / "results" / "results.json").read_bytes())
    return {
        (test["number"], test["name"].rpartition(": ")[2].replace(" ", "_"))
        for test in results["tests"]
        if test["status"] == "failed"
    }


def _at_home(folder: Path, submission: Path) -> set[tuple[str, str]]:
    """The checks that are failed, by `autograder check` in an unpacked handout."""
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "check", str(submission)],
        cwd=folder,
        env={**os.environ, "COLUMNS": "1000", "PYTHONUTF8": "1", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    rows = re.findall(r"^  (pass|FAIL)  (\S+)  (.+?) +[\d.]+ / [\d.]+$", done.stdout, re.MULTILINE)
    assert rows, done.stdout + done.stderr
    found = {
        (number, title.rpartition(": ")[2].replace(" ", "_"))
        for state, number, title in rows
        if state == "FAIL"
    }
    assert done.returncode == bool(found)
    return found


# What exercises need that are not of the first one's form: small ones of their own.


@pytest.fixture
def course(tmp_path: Path, warm_sandbox: Sandbox) -> Course:
    return Course(tmp_path, warm_sandbox)


def lines_of_settings(program: str, more: str = "") -> str:
    lines = textwrap.indent(textwrap.dedent(program).strip("\n"), "  ")
    return f"title: T\nsubmission: f.py\n{more}program: |\n{lines}\n"


ONE = """
cases:
  - name: One
    random: {seed: 7, batches: 2, N: 3}
    inputs: {x: {normal: [N]}}
    points: {POINTS}
"""


def test_an_object_with_state_lints_clean_in_every_batch(course: Course) -> None:
    counts = "class C:\n    n = 0\n    def add(self, x): self.n += 1; return self.n * x\n"
    program = "first = c.add(x)\nsecond = c.add(x)"
    course.write(f=counts, cases=ONE.replace("POINTS", "first: 1, second: 1"))
    for run_setup in ("each_batch", "once"):
        more = f"setup: c = C()\nrun_setup: {run_setup}\n"
        course.write(settings=lines_of_settings(program, more))
        assert [f for f in lint(course.folder)[1] if f.severity == ERROR] == []
        assert course.grade(f=counts).points == 2


@pytest.mark.parametrize(
    "value", ["None", "'a text'", "object()", "{1: 2}", "print", "(i for i in x)", "[1, [2]]"]
)
def test_what_has_no_points_may_be_anything(value: str, course: Course) -> None:
    source = f"def make(x): return {value}\ndef f(x): return 2 * x"
    course.write(
        settings=lines_of_settings("made = make(x)\nmake(x)\nout = f(x)"),
        cases=ONE.replace("POINTS", "out: 1, inputs_unchanged: 1"),
        f=source,
    )
    assert [f for f in lint(course.folder)[1] if f.severity == ERROR] == []
    assert course.grade(f=source).points == 2


@pytest.mark.parametrize("value", ["list(2 * x)", "tuple(2 * x)", "(2 * x).tolist()"])
def test_a_list_is_a_result_for_the_reference_and_for_students(value: str, course: Course) -> None:
    listed, array = f"def f(x): return {value}", "def f(x): return 2 * x"
    for reference in (listed, array):
        course.write(
            settings=lines_of_settings("out = f(x)"),
            cases=ONE.replace("POINTS", "out: 1"),
            f=reference,
        )
        assert [f for f in lint(course.folder)[1] if f.severity == ERROR] == []
        assert course.grade(f=listed).points == course.grade(f=array).points == 1


@pytest.mark.parametrize(
    "value",
    [
        *("[x, 2 * x]", "np.stack([x, 2 * x])", "zip(*zip(x, 2 * x))", "map(f, [1, 2])"),
        *("{1: x, 2: 2 * x}.values()", "(i * x for i in (1, 2))"),
    ],
)
def test_several_results_come_in_whatever_python_unpacks(value: str, course: Course) -> None:
    right = f"import numpy as np\ndef f(i): return i\ndef g(x): return {value}"
    course.write(
        settings=lines_of_settings("one, two = g(x)"),
        cases=ONE.replace("POINTS", "one: 1, two: 1").replace("batches: 2", "batches: 1"),
        f=right.replace("map(f, [1, 2])", "map(x.__mul__, [1, 2])"),
    )
    assert [f for f in lint(course.folder)[1] if f.severity == ERROR] == []
    assert course.grade(f="def g(x): return x, 2 * x").points == 2
    course.write(f="def g(x): return x, 2 * x")
    for wrong, told in [
        ("return 2 * x", "a numpy array of float64"),
        ("return {'one': x, 'two': 2 * x}", "a dict"),
        ("return 'ab'", "a str"),
        ("yield from x", "a generator"),
        ("return x, x, x", "3 values"),
    ]:
        text = course.text("one", f=f"def g(x): {wrong}")
        assert f"must return 2 values, one and two; it returned {told}" in text


KINDS = """
def kinds(*values): return [type(v).__name__ == k for v, k in values]
class Model:
    def __init__(self, sizes, lr, flag):
        self.right = [type(sizes) is list and type(sizes[0]) is int, type(lr) is float, flag is True]
    def run(self, x, eval=False): return 2 * x if eval is True else x
"""


def test_numbers_and_lists_arrive_as_pythons_own(course: Course) -> None:
    program = """
        kinds = model.right + [type(n) is int, type(N) is int, flag is True, type(lr) is float]
        out = model.run(x, eval=True)
        again = model.run(x, flag)
    """
    more = "setup: model = Model([2, 3, 1], lr, flag)\n"
    course.write(
        settings=lines_of_settings(program, more),
        cases=ONE.replace("POINTS", "kinds: 1, out: 1, again: 1").replace(
            "}}\n", "}, lr: 0.5, n: 3, flag: true}\n"
        ),
        f=KINDS,
    )
    _, findings = lint(course.folder)
    assert [f for f in findings if f.severity == ERROR] == []
    report = course.grade(f=KINDS)
    assert report.points == report.max_points
    suite = Suite(course.assignment)
    (case,) = suite.assignment.cases
    assert all(values["kinds"].all() for values in suite.expected(case))


def test_a_failing_step_does_not_hide_those_that_do_not_need_it(course: Course) -> None:
    program = "first = f(x)\nsecond = g(x)\nthird = first + 1\nfourth = c.add(x)\nfifth = c.n"
    right = (
        "def f(x): return x\ndef g(x): return 2 * x\n"
        "class C:\n    n = 3\n    def add(self, x): return x + 1\n"
    )
    course.write(
        settings=lines_of_settings(program, "setup: c = C()\n"),
        cases=ONE.replace("POINTS", ", ".join(f"{n}: 1" for n in _NUMBERS)),
        f=right,
    )
    report = course.grade(f=right.replace("def f(x): return x\n", "def f(x): return x.nothing\n"))
    assert {v.check for v in report.verdicts if v.passed} == {"second", "fourth", "fifth"}
    report = course.grade(f=right.replace("x + 1", "x + None"))
    assert {v.check for v in report.verdicts if v.passed} == {"first", "second", "third"}


@pytest.mark.parametrize("constant", ["3", "-1 / 2", "(2, 'same')", "np.pi"])
def test_a_constant_connects_nothing(constant: str, course: Course) -> None:
    program = f"k = {constant}\nfirst = f(x, k)\nsecond = g(x, k)\ntotal = 0\ntotal += second"
    right = "def f(x, k): return x\ndef g(x, k): return 2 * x\n"
    course.write(
        settings=lines_of_settings(program),
        cases=ONE.replace("POINTS", "first: 1, second: 1"),
        f=right,
    )
    report = course.grade(f=right.replace("return x", "return 1 / 0"))
    assert {v.check for v in report.verdicts if v.passed} == {"second"}


_NUMBERS = ("first", "second", "third", "fourth", "fifth")


def test_numpys_random_state_is_seeded_with_another_seed_than_the_inputs(course: Course) -> None:
    draws = (
        "import random\nimport numpy as np\ndef f(): return [np.random.randn(), random.random()]"
    )
    course.write(
        settings=lines_of_settings("_ = x\nout = f()"),
        cases=ONE.replace("POINTS", "out: 1"),
        f=draws,
    )
    assert course.grade(f=draws).points == 1
    assert course.grade(f=draws.replace("return", "np.random.rand()\n    return")).points == 0
    suite = Suite(course.assignment)
    (case,) = suite.assignment.cases
    drawn = {float(values["out"][0]) for values in suite.expected(case)}
    inputs = {float(x) for batch in suite.batches(case) for x in batch.inputs["x"]}
    assert len(drawn) == 2
    assert not {round(x, 3) for x in drawn} & {round(x, 3) for x in inputs}


@pytest.mark.parametrize("visibility", ["visible", "hidden"])
def test_a_handout_speaks_of_hidden_cases_if_there_are_any(
    visibility: str, course: Course, run_in_process: RunInProcess
) -> None:
    second = ONE.replace("name: One", "name: Two").replace("seed: 7", "seed: 8").split("\n", 2)[2]
    cases = ONE + second.replace("    random", f"    visibility: {visibility}\n    random", 1)
    course.write(
        settings=lines_of_settings("out = f(x)"),
        cases=cases.replace("POINTS", "out: 1"),
        f="def f(x): return 2 * x",
    )
    (course.folder / "handout").mkdir()
    (course.folder / "handout" / "README.md").write_text("# T\n", encoding="utf-8")
    (course.folder / "handout" / "f.py").write_text("def f(x): pass\n", encoding="utf-8")
    home = course.folder / "home"
    with zipfile.ZipFile(io.BytesIO(handout_zip(course.assignment))) as archive:
        archive.extractall(home)
    page = (home / "HOW_TO_CHECK.md").read_text(encoding="utf-8")
    done = run_in_process("check", cwd=home)
    assert done.status == 1
    hidden = visibility == "hidden"
    assert ("hidden" in done.out) is hidden
    assert ("These are all the test cases" in page) is not hidden
