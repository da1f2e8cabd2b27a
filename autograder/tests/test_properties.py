"""Properties: results that can be right in many ways are judged in the grader, by numbers alone."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from autograder.authoring.lint import lint
from autograder.errors import AssignmentError
from autograder.formats.assignment import load_assignment
from autograder.handout.handout_zip import handout_zip
from autograder.judging.suite import Suite
from autograder.model import visible_part
from autograder.pipeline import grade
from autograder.sandbox import Sandbox
from autograder.tests.conftest import RunInProcess
from autograder.tests.exercises import ASSIGNMENTS, Course, report_on, suite_of, wrong_solutions

PROPERTIES = {
    "drops_a_share",
    "keeps_the_mean",
    "drops_at_random",
    "backward_has_the_same_mask",
}

# Each drops nothing, or not by chance, and tries to be taken for one that does.
NOTHING = "return x"
HOSTILE = {
    "patches numpy": """
        np.allclose = lambda *a, **k: True
        np.mean = np.abs = lambda *a, **k: 0.25
        np.sqrt = lambda *a, **k: 1e9
        np.ndarray.__eq__ = None if False else np.ndarray.__eq__
        """,
    "patches the grader's modules": """
        import sys
        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "").startswith("autograder"):
                for name in ("_judge_property", "compare_form", "drops_a_share"):
                    setattr(module, name, lambda *a, **k: None)
        """,
    "changes names in the program's namespace": """
        frame = sys._getframe()
        while frame is not None:
            if frame.f_globals.get("__name__") == "<program>":
                names = frame.f_globals
                names["p"] = 0.0
                names["x"] = names["dout"] = np.zeros((2, 2))
                names["out"] = names["again"] = names["dx"] = np.zeros((2, 2))
                names["np"] = None
            frame = frame.f_back
        """,
    "changes the inputs to what was returned": """
        x[...] = 0
        """,
    "properties of its own": """
        import types
        fake = types.ModuleType("properties")
        fake.drops_a_share = fake.keeps_the_mean = lambda *a: None
        sys.modules["properties"] = sys.modules["testcases.properties"] = fake
        """,
}
RETURNED = {
    "a class that says what it is not": "return Sly(x)",
    "a subclass of array": "return x.view(Odd)",
    "an object array": "return x.astype(object)",
    "another shape": "return x[:1]",
    "a stretched row": "return np.broadcast_to(x[:1], x.shape)",
    "NaN": "return x * np.nan",
    "infinity": "return np.where(np.arange(x.size).reshape(x.shape) % 4, x / 0.75, -np.inf)",
    "nothing": "return None",
    "a generator": "return (row for row in x)",
    "complex numbers": "return x.astype(complex)",
    "texts": "return x.astype(str)",
}
SOURCE = """
import sys
import numpy as np


class Sly:
    shape = (40, 40)
    def __init__(self, x): self.x = x
    def __array__(self, *a, **k): return self.x
    def __eq__(self, other): return True
    def __getattr__(self, name): return getattr(self.x, name)


class Odd(np.ndarray):
    def __eq__(self, other): return np.random.rand(*self.shape) < 0.25
    def __ne__(self, other): return np.random.rand(*self.shape) >= 0.25


class Dropout:
    def __init__(self, p): self.p = p
    def forward(self, x, train=True):
{body}
    def backward(self, dout):
        return dout
"""


def source_of(*body: str) -> str:
    lines = [line.strip() if not line.startswith(" " * 8) else line[8:] for line in body]
    return SOURCE.format(body="\n".join(f"        {line}" for line in lines))


@pytest.mark.parametrize("name", [*HOSTILE, *RETURNED])
def test_nothing_is_gained_by_what_the_numbers_do_not_bear_out(
    name: str, tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    lines = [*HOSTILE.get(name, "").strip("\n").split("\n"), RETURNED.get(name, NOTHING)]
    path = tmp_path / "dropout.py"
    path.write_text(source_of(*lines), encoding="utf-8")
    compile(path.read_text(encoding="utf-8"), str(path), "exec")
    report = grade(path, suite_of("dropout"), warm_sandbox)
    earned = {v.check for v in report.verdicts if v.points > 0}
    assert earned & PROPERTIES == set()
    assert (report.notes, report.not_graded) == ((), ())


def test_a_hint_is_given_only_if_all_properties_speak_for_it(
    tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    named = {}
    for wrong in wrong_solutions("dropout"):
        folder = tmp_path / wrong.name
        folder.mkdir()
        report = report_on(wrong, folder, warm_sandbox)
        named[wrong.name] = {v.data["mistake"] for v in report.verdicts if "mistake" in v.data}
    assert named["keeps_p.py"] == {"KeepsP"}
    assert named["not_scaled.py"] == named["divided_by_p.py"] == {"NotScaled"}
    assert named["new_mask.py"] == {"NewMask"}
    for other in ("drops_nothing", "drops_everything", "noise", "returns_the_mask", "one_number"):
        assert named[f"{other}.py"] == set(), other


def test_the_same_is_said_at_home(tmp_path: Path, warm_sandbox: Sandbox) -> None:
    suite = suite_of("dropout")
    with zipfile.ZipFile(io.BytesIO(handout_zip(suite.assignment))) as archive:
        archive.extractall(tmp_path / "home")
    home = Suite(load_assignment(tmp_path / "home"))
    assert home.assignment.is_frozen
    for wrong in wrong_solutions("dropout")[::3]:
        folder = tmp_path / wrong.name
        folder.mkdir()
        path = wrong.place(folder)
        here, there = grade(path, home, warm_sandbox), grade(path, suite, warm_sandbox)
        told = [[(v.check, v.points, v.text) for v in one.verdicts] for one in (here, there)]
        assert told[0] == told[1], wrong.name


# Small ones.

SETTINGS = "title: T\nsubmission: f.py\nprogram: |\n  out = f(x)\n  again = f(x)\n"
CASES = """
cases:
  - name: Drawn
    random: {seed: 1, batches: 2, N: 3..4}
    inputs: {x: {normal: [N]}}
    points: {POINTS}
  - name: Another
    random: {seed: 2, batches: 2, N: 3..4}
    inputs: {x: {normal: [N]}}
    points: {out: 1}
"""


@pytest.fixture
def course(tmp_path: Path, warm_sandbox: Sandbox) -> Course:
    course = Course(tmp_path, warm_sandbox)
    return course.write(settings=SETTINGS, f="def f(x): return 2 * x")


def test_a_property_that_raises_is_the_assignments_fault_and_costs_no_points(
    course: Course, run_in_process: RunInProcess
) -> None:
    course.write(
        cases=CASES.replace("POINTS", "p: 3"),
        properties="""
            def p(x, out):
                if out[0] > 1000:
                    raise ValueError("so large?")
            """,
    )
    report = course.grade(f="def f(x): return x + 10_000")
    assert report.not_graded == ("Drawn",)
    assert {v.check: v.points for v in report.verdicts} == {"p": 0, "out": 0}
    assert "Not judged" in report.verdicts[0].text
    (note,) = report.notes
    assert "properties.py:3" in note
    assert "ValueError: so large?" in note
    assert "Traceback" not in note
    assert course.grade(f="def f(x): return 2 * x").points == 4


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("return out[99]", 2, "IndexError"),
        ("\n    return _twice(out)\n\ndef _twice(out):\n    return out.sum() / {}", 6, "TypeError"),
        ("return out > 0", 1, "returned ndarray; return nothing, or a sentence"),
        ("return 'It is never right.'", 1, "the reference itself fails p"),
    ],
)
def test_staff_are_told_where_a_property_is_at_fault(
    body: str, line: int, says: str, course: Course
) -> None:
    course.write(cases=CASES.replace("POINTS", "p: 3"), properties=f"def p(x, out):\n    {body}\n")
    try:
        _, findings = lint(course.folder)
        told = "\n".join(f"{f.place.path.name}:{f.place.line} {f.message}" for f in findings)
    except AssignmentError as error:
        told = str(error)
    assert f"properties.py:{line}" in told
    assert says in told
    assert "Traceback" not in told


def test_the_sentence_is_the_text_with_its_batches_and_lines_to_paste(course: Course) -> None:
    course.write(
        cases=CASES.replace("POINTS", "p: 3"),
        properties="""
            def p(out, again):
                if (out != again).any():
                    return f"The second call gives {again[0]:.3g}, and the first {out[0]:.3g}."
            """,
    )
    student = "calls = []\ndef f(x):\n    calls.append(1)\n    return 2 * x + len(calls) % 2"
    text = course.text("p", f=student)
    assert text.startswith("The second call gives ")
    assert "in 2 of 2 batches" in text
    assert text.rstrip().endswith("print(again)")
    assert "expected" not in text


def test_a_property_sees_sizes_numbers_and_copies(course: Course) -> None:
    course.write(
        settings=SETTINGS.replace("f(x)", "f(x)\n  total = k * x.sum()", 1),
        cases=CASES.replace("POINTS", "p: 3, q: 1, out: 1").replace("}}\n", "}, k: 2}\n"),
        properties="""
            def p(x, N, k, out, total):
                if type(N) is not int or type(k) is not int or type(total) is not float:
                    return "Not numbers of Python's own."
                x[:] = out[:] = 0

            def q(x, out):
                if not x.any() or not out.any():
                    return "Changed by another property."
            """,
    )
    report = course.grade(f="def f(x): return 2 * x")
    assert report.points == report.max_points


def test_what_only_a_property_asks_for_is_looked_at_and_told(course: Course) -> None:
    course.write(cases=CASES.replace("POINTS", "p: 3"), properties="def p(again): return None\n")
    text = course.text("p", f="def f(x): return 'a text'")
    assert "again is a value of the type `str`" in text
    text = course.text("p", f="def f(x): return 2 * x[:2]")
    assert "again has shape (2,)" in text


def test_a_result_that_a_property_finds_right_is_not_called_wrong(course: Course) -> None:
    """The sign of an eigenvector is free, so no other result comes of it."""
    right = (
        "class C:\n    def fit(self, x): self.v = x\n    def size(self): return abs(self.v).sum()\n"
    )
    course.write(
        settings="""
            title: T
            submission: f.py
            setup: |
              c = C()
              c.fit(x)
            program: |
              v = c.v
              size = c.size()
            """,
        cases=CASES.replace("POINTS", "is_x: 1, size: 1").partition("  - name: Ano")[0],
        properties="""
            def is_x(x, v):
                if not (abs(v) == abs(x)).all():
                    return "It has to be x, or its opposite."
            """,
        f=right,
    )
    text = course.text(
        "size", f=right.replace("= x", "= -x").replace("abs(self.v)", "(self.v**4 + 0.3)")
    )
    assert "size is wrong in 2 of 2 batches" in text
    assert "as well" not in text


def test_inputs_unchanged_needs_a_property_at_least(course: Course) -> None:
    course.write(
        cases=CASES.replace("POINTS", "p: 3, inputs_unchanged: 1").partition("  - name: Ano")[0],
        properties="""
            def p(x, out):
                if not (out == 2 * x).all():
                    return "It has to be twice x."
            """,
    )
    assert {v.check: v.passed for v in course.grade(f="def f(x): return x").verdicts} == {
        "p": False,
        "inputs_unchanged": False,
    }
    assert course.grade(f="def f(x): return 2 * x").points == 4


def test_a_handout_brings_the_properties_and_no_solution() -> None:
    assignment = visible_part(load_assignment(ASSIGNMENTS / "dropout"))
    with zipfile.ZipFile(io.BytesIO(handout_zip(assignment))) as archive:
        names = archive.namelist()
    assert "testcases/properties.py" in names
    assert not [name for name in names if "reference" in name.split("/")]
