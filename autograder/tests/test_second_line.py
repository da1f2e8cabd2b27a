"""Where the grader itself fails: it costs what it was raised in, staff see it, and no grade is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder.explain.texts import Explainer
from autograder.formats.assignment import load_assignment
from autograder.hints import diagnose, smallest
from autograder.judging import judge
from autograder.judging import suite as suites
from autograder.judging.cache import CachedSuite
from autograder.judging.verdicts import Report
from autograder.pipeline import grade
from autograder.reports import results_json
from autograder.sandbox import Sandbox

REPOSITORY = Path(__file__).resolve().parents[2]
WRONG = """
import numpy as np

class CrossEntropyLoss:
    def forward(self, A, Y):
        self.P, self.Y = np.exp(A) / np.exp(A).sum(axis=1, keepdims=True), Y
        return -(Y * np.log(self.P)).sum() / len(A)

    def backward(self):
        return self.P - self.Y
"""


def planted(*_arguments: Any, **_more: Any) -> Any:
    raise ZeroDivisionError("planted")


@pytest.fixture
def graded(tmp_path: Path, warm_sandbox: Sandbox) -> Callable[[], Report]:
    def grade_wrong() -> Report:
        (tmp_path / "loss.py").write_text(WRONG)
        return grade(tmp_path / "loss.py", CachedSuite(load_assignment(REPOSITORY)), warm_sandbox)

    return grade_wrong


def points(report: Report) -> dict[str, float]:
    return {verdict.name: verdict.points for verdict in report.verdicts}


def test_a_failure_in_judging_a_case_leaves_that_case_not_judged_and_the_others_as_they_are(
    monkeypatch: pytest.MonkeyPatch, graded: Callable[[], Report]
) -> None:
    whole = points(graded())
    gather = judge.gather
    to_raise = [
        ZeroDivisionError("planted")
    ]  # on the submission, which comes before known mistakes

    def failing(assignment: Any, case: Any, *rest: Any) -> Any:
        if case.number == "20.2" and to_raise:
            raise to_raise.pop()
        return gather(assignment, case, *rest)

    monkeypatch.setattr(suites, "gather", failing)
    report = graded()
    assert report.not_graded == ("Soft targets",)
    for verdict in report.verdicts:
        if verdict.case == "Soft targets":
            assert verdict.points == 0
            assert "the grader failed" in verdict.text
        else:
            assert verdict.points == whole[verdict.name]
    (note,) = report.notes
    assert "ZeroDivisionError: planted" in note
    assert "Soft targets" in note


def test_a_failure_in_running_the_code_leaves_nothing_judged(
    monkeypatch: pytest.MonkeyPatch, graded: Callable[[], Report], warm_sandbox: Sandbox
) -> None:
    monkeypatch.setattr(warm_sandbox, "run", planted)
    report = graded()
    assert report.points == 0
    assert len(report.not_graded) == len({verdict.case for verdict in report.verdicts})
    assert all("planted" in note for note in report.notes)


@pytest.mark.parametrize(("module", "stage"), [(diagnose, "diagnose"), (smallest, "try_small")])
def test_a_failure_in_hints_costs_the_hints_alone(
    module: ModuleType, stage: str, monkeypatch: pytest.MonkeyPatch, graded: Callable[[], Report]
) -> None:
    whole = points(graded())
    monkeypatch.setattr(module, stage, planted)
    report = graded()
    assert points(report) == whole
    assert report.not_graded == ()
    assert all("ZeroDivisionError: planted" in note for note in report.notes)
    assert report.notes
    failed = next(v for v in report.verdicts if not v.passed)
    assert "backward" in failed.text


def test_a_failure_in_a_text_costs_that_text_alone(
    monkeypatch: pytest.MonkeyPatch, graded: Callable[[], Report]
) -> None:
    whole = points(graded())
    text = Explainer.text

    def failing(self: Explainer, evidence: Any, check: str, diagnosis: Any) -> Any:
        if check == "backward":
            raise ZeroDivisionError("planted")
        return text(self, evidence, check, diagnosis)

    monkeypatch.setattr(Explainer, "text", failing)
    report = graded()
    assert points(report) == whole
    assert {v.check for v in report.verdicts if "grader could not" in v.text} == {"backward"}
    assert all("planted" in note for note in report.notes)


def test_a_failure_in_the_overview_leaves_points_and_texts_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
    graded: Callable[[], Report],
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = graded()
    monkeypatch.setattr(results_json, "summary_of", planted)
    results = results_json.results_of(report)
    assert results["score"] == report.points > 0
    assert [test["output"] for test in results["tests"]] == [v.text for v in report.verdicts]
    assert "ZeroDivisionError: planted" in capsys.readouterr().err
