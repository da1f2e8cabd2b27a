"""Advice: an exception gets a sentence on what to do, of its message and of the student's own text."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograder.explain.advice import advice_on
from autograder.explain.source import scope_advice, signature_advice
from autograder.tests.conftest import GradeSource, verdict_of
from autograder.tests.solutions import EXAMPLE, ONE_HOT, solution

# What students' lines end in, with the fact that helps. They are run, so that the messages are those
# of this Python and numpy.
LINES = [
    ("np.ones((2, 3)) / np.ones(2)", "`keepdims=True`"),
    ("np.ones((2, 3)) @ np.ones((2, 3))", "`*` meant"),
    ("np.dot(np.ones((2, 3)), np.ones((2, 3)))", "`*` meant"),
    ("np.ones((2, 3))[:, 3]", "Axis 1 has the length 3"),
    ("np.ones((2, 3)).sum(axis=2)", "this array has 2 of them"),
    ("np.ones((2, 3))[np.arange(2), np.arange(3)]", "equally long"),
    ("np.ones((2, 3))[np.ones(2)]", "integers or bools"),
    ("np.ones((2, 3)).reshape(4)", "keeps all its numbers"),
    ("np.zeros(3).__setitem__(0, np.ones(2))", "a single number"),
    ("1 if np.ones(3) > 0 else 0", "np.where"),
    ("math.log(0)", "math module refuses"),
    ("math.exp(1000)", "1.8e308"),
    ("math.exp(np.ones(3))", "np.exp, take arrays"),
    ("np.e ^ np.ones(3)", "write `**`"),
    ("np.ones((2, 3)).max(dim=1)", "numpy `axis` and `keepdims`"),
    ("np.ones((2, 3)).shape(0)", "round brackets too many"),
    ("np.ones(3).copy - 1", "without being called"),
    ("[1.0] / 2", "a list"),
    ("None * 2", "is None"),
    ("np.ones(3, dtype=int).__itruediv__(2)", "make a new array"),
    ("np.ones(3).exp()", "np.exp(...)"),
    ("np.ones(3).chape", "`shape` meant"),
    ("np.ones(3).unsqueeze(0)", "other libraries"),
    ("np.expp(1)", "np.exp meant"),
    ("super.__init__()", "super().__init__()"),
]


@pytest.mark.parametrize(("line", "fact"), LINES)
def test_common_mistakes_with_numpy_get_the_fact_that_helps(line: str, fact: str) -> None:
    with pytest.raises(Exception, match=r".*") as raised:
        eval(line, {"np": np, "math": math})
    assert fact in advice_on(type(raised.value).__name__, str(raised.value), line, 512)


def test_a_command_of_a_notebook_is_no_python() -> None:
    line = "loss.py, line 1:\n    %matplotlib inline"
    assert "notebook" in advice_on("SyntaxError", "invalid syntax", line, 512)


SOURCE = """
class Loss:
    def scale(x):
        return x

    @staticmethod
    def backward(one, other):
        return one

    def forward(self, A, Y):
        local = A
        self.softmax = A
        return half(A)

    def half(self, A):
        self.seen += 1
"""


@pytest.mark.parametrize(
    ("error", "message", "fact"),
    [
        ("NameError", "name 'half' is not defined", "`self.half(...)`"),
        ("NameError", "name 'Module' is not defined", "Nothing in your code defines `Module`"),
        ("NameError", "name 'local' is not defined", "`self.local = local`"),
        ("NameError", "name 'Y' is not defined", "`self.Y = Y`"),
        ("AttributeError", "'Loss' object has no attribute 'sofmax'", "`self.softmax`"),
        ("AttributeError", "'Loss' object has no attribute 'Y'", "`self.Y = Y`"),
        ("AttributeError", "'Loss' object has no attribute 'seen'", "before anything has set it"),
        ("AttributeError", "'Loss' object has no attribute 'gone'", "Nothing in your code sets"),
        ("AttributeError", "'int' object has no attribute 'Y'", "of the type int"),
    ],
)
def test_the_text_of_the_file_tells_what_a_name_is(error: str, message: str, fact: str) -> None:
    assert fact in scope_advice(SOURCE, error, message)


def test_a_static_method_is_not_told_to_take_self() -> None:
    message = "Loss.backward() missing 2 required positional arguments: 'one' and 'other'"
    advice = signature_advice(SOURCE, "loss.backward()", message, by_grader=True)
    assert "Give `one` and `other` default values" in advice
    assert "self" not in advice


def test_a_call_of_the_students_own_is_not_said_to_be_the_graders() -> None:
    taken = "Loss.scale() takes 1 positional argument but 2 were given"
    assert "`def scale(self, x):`" in signature_advice(
        SOURCE, "self.scale(A)", taken, by_grader=False
    )
    keyword = "max() got an unexpected keyword argument 'dim'"
    assert signature_advice(SOURCE, "A.max(dim=1)", keyword, by_grader=False) == ""


@pytest.mark.parametrize(
    "source",
    [
        "def CrossEntropyLoss(A, Y):\n    return 0",
        "def forward(A, Y):\n    return 0\n\ndef backward():\n    return 0",
    ],
)
def test_functions_in_place_of_the_class_are_told_so(
    grade_source: GradeSource, source: str
) -> None:
    text = verdict_of(grade_source(source), EXAMPLE, "forward").text
    assert "write `class CrossEntropyLoss:` with backward and forward in it" in text


def test_parameters_in_another_order_are_told_what_they_get(grade_source: GradeSource) -> None:
    swapped = solution("np.cos(log_P).sum()", forward="A, Y = y_pred, y_true")
    swapped = swapped.replace("(self, A, Y)", "(self, y_true, y_pred)")
    text = verdict_of(grade_source(swapped), EXAMPLE, "forward").text
    assert "your `y_true` gets A there, and your `y_pred` gets Y" in text


def test_several_values_where_one_is_asked_for_are_told_as_such(grade_source: GradeSource) -> None:
    text = verdict_of(
        grade_source(solution("(loss, gradient)", forward="gradient = A")), EXAMPLE, "forward"
    ).text
    assert "return only the one that is asked for" in text


def test_a_warning_from_within_numpy_has_no_line_of_the_students(grade_source: GradeSource) -> None:
    # np.sum warns in numpy's own file.
    report = grade_source(solution("np.sum(np.array([1e308, 1e308]))"))
    text = verdict_of(report, EXAMPLE, "forward").text
    assert "overflow encountered in reduce" in text
    assert "reduce (line" not in text


def test_a_printed_warning_has_no_line_of_ours(grade_source: GradeSource) -> None:
    report = grade_source(solution("1").replace("    def forward", "    async def forward"))
    text = verdict_of(report, ONE_HOT, "forward").text
    assert "was never awaited" in text
    assert ".py:" not in text
