"""Frames that parse, in any order and of any content: the grader judges what is honest, and goes on."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.formats.assignment import load_assignment
from autograder.formats.submission import read_submission
from autograder.judging.suite import Suite
from autograder.model import INPUTS_UNCHANGED, Limits
from autograder.pipeline import grade_submission
from autograder.reports.results_json import results_of, write_results
from autograder.reports.terminal import print_report
from autograder.sandbox import Allowance, CaseRun, Code, Sandbox
from autograder.sandbox.channel import pack
from autograder.sandbox.launch import ending
from autograder.sandbox.ledger import completed
from autograder.sandbox.observation import (
    MISSING_ATTRIBUTE,
    MISSING_NAME,
    OWN_ERRORS,
    WRONG_COUNT,
    BatchObservation,
    Observation,
    Outcome,
    array_header,
)
from autograder.sandbox.session import Session

REPOSITORY = Path(__file__).resolve().parents[2]
NEVER = float("inf")

odd_text = st.one_of(
    st.sampled_from(
        ["", "None", "x\ny", "<b>", "\x1b[31m", "‮", "a" * 5000, "\ud800", "é\u0301" * 9]
    ),
    st.text(max_size=20),
).map(lambda text: text.encode("utf-8", "backslashreplace").decode())
errors = st.fixed_dictionaries(
    {},
    optional={
        "type_name": st.sampled_from([*OWN_ERRORS, "MissingName", "SyntaxError", "TypeError"])
        | odd_text,
        "message": odd_text,
        "path": st.sampled_from(["loss.py", "other.py", ""]),
        "line": st.integers(-5, 2**40),
        "step_line": st.integers(-5, 2**40),
        "function": odd_text,
        "owner": odd_text,
    },
)
arrays = st.sampled_from(
    [
        np.array(2.019),
        np.array([[0.33, -0.379, 0.049], [-0.464, 0.243, 0.22]]),
        np.full((2, 3), np.nan),
        np.array([[np.inf]]),
        np.empty((0, 2**40)),
        np.zeros((2, 3), dtype="<f2"),
        np.array([True, False]),
        np.arange(6).reshape(2, 3),
        np.zeros((1,) * 32),
    ]
)


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """One frame that parses: mostly such as a worker could send."""
    kind = draw(st.sampled_from(["observation"] * 8 + ["input", "printed", "at", "nothing"]))
    header: dict[str, Any] = {"kind": kind}
    body = b""
    if kind == "observation":
        outcome = draw(
            st.sampled_from(["done", "value", "value", "other", "placeholder", "raised"])
        )
        header["outcome"] = outcome
        header["type_name"] = draw(odd_text)
        if draw(st.integers(0, 3)) == 0 or outcome == "raised":
            header["whole"] = True
        if outcome in ("raised", "placeholder") and draw(st.integers(0, 9)):
            header["error"] = draw(errors)
        if outcome == "value":
            array = draw(arrays)
            header.update(array_header(array))
            body = array.tobytes()
        if draw(st.booleans()):
            told = {"message": draw(odd_text), "path": "loss.py", "line": 3}
            header["warned"] = [told, {"message": "overflow encountered in exp", "line": -1}]
            header["changed"] = draw(st.lists(st.sampled_from(["A", "Y", "B"]), max_size=2))
            header["random"] = draw(st.booleans())
    elif kind == "input":
        header["name"] = draw(st.sampled_from(["A", "Y"]))
        array = draw(arrays)
        header.update(array_header(array))
        body = array.tobytes()
    elif kind == "printed":
        body = draw(odd_text).encode()
    elif kind == "at":
        header.update(draw(errors))
    return pack(header, body)


class Forger:
    """A worker that sends what it likes."""

    def __init__(self, sent: Sequence[bytes]) -> None:
        self._left = list(sent)

    def read_some(self, deadline: float) -> bytes:
        return self._left.pop(0) if self._left else b""

    def stop(self) -> str:
        return ending(0)


class ForgedSandbox(Sandbox):
    """Sessions as they are, with workers that forge."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    @property
    def level(self) -> str:
        return "basic"

    def run(
        self,
        code: Code,
        runs: Sequence[CaseRun],
        limits: Limits,
        allowance: Allowance,
        required: Sequence[str] = (),
    ) -> list[tuple[BatchObservation, ...]]:
        observed = []
        failed: dict[str, Observation] = {}
        for run in runs:
            imported = pack({"kind": "observation", "outcome": "done"})
            sent = [imported] if self._data.draw(st.integers(0, 9)) else []
            sent += self._data.draw(st.lists(frames(), max_size=6))
            allowance.deadline = NEVER
            session = Session(Forger(sent), limits, allowance)
            if any(file in failed for file in run.program.files):
                observed.append(completed(run, [], next(iter(failed.values()))))
            else:
                observed.append(session.observe(run, failed))
        return observed


@pytest.fixture(scope="module")
def suite() -> Suite:
    assignment = load_assignment(REPOSITORY)
    names = ("10.1", "20.3", "50.1", "50.2")
    cases = tuple(case for case in assignment.cases if case.number in names)
    return Suite(assignment._replace(cases=cases))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_forged_frames_end_in_a_whole_report_without_points_for_anything_wrong(
    data: st.DataObject, suite: Suite, tmp_path_factory: pytest.TempPathFactory
) -> None:
    submission = read_submission(REPOSITORY / "reference" / "loss.py", suite.assignment.submission)
    report = grade_submission(submission, suite, ForgedSandbox(data))
    assert report.notes == ()  # nothing of ours failed on the way
    assert report.not_graded == ()
    assert 0 <= report.points <= report.max_points
    # A check passes by the right numbers alone, which the forger has for the worked example.
    earned = {v.number for v in report.verdicts if v.points and v.check != INPUTS_UNCHANGED}
    assert earned <= {"10.1"}
    for verdict in report.verdicts:
        assert verdict.text
        assert len(verdict.text) <= 4000
        assert not any(ord(c) < 32 and c not in "\n\t" for c in verdict.text)
    path = tmp_path_factory.mktemp("forged") / "results.json"
    write_results(results_of(report), path)
    assert math.isfinite(json.loads(path.read_text(encoding="utf-8"))["score"])
    print_report(report, [], io.StringIO())


@pytest.mark.parametrize(
    ("error", "at_import"),
    [
        ({"type_name": WRONG_COUNT, "message": "a float"}, False),  # the step assigns one name
        ({"type_name": WRONG_COUNT, "message": "a float"}, True),
        ({"type_name": MISSING_NAME, "message": "softmax"}, True),
        ({"type_name": MISSING_NAME}, False),
        ({"type_name": MISSING_ATTRIBUTE, "message": "W"}, False),
    ],
)
def test_an_error_of_the_workers_that_it_cannot_find_there_is_refused(
    error: dict[str, Any], at_import: bool, suite: Suite
) -> None:
    case = suite.assignment.cases[0]
    run = CaseRun(case.program, case.inputs, case.observed, False)
    imported: dict[str, Any] = {"kind": "observation", "outcome": "done"}
    raised: dict[str, Any] = {"kind": "observation", "outcome": "raised", "whole": True}
    raised["error"] = error
    sent = [raised] if at_import else [imported, raised]
    session = Session(Forger([pack(header) for header in sent]), Limits(5.0), Allowance(NEVER))
    observed = session.observe(run, {})
    assert {o.outcome for o in observed[0].results.values()} & {Outcome.CRASHED}
