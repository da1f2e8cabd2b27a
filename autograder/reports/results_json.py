"""Gradescope's results.json, made by gradescope-utils.

Every verdict becomes a test of a unittest suite, decorated as a hand-written one would be, and
`JSONTestRunner` runs the suite and collects the results. Where it falls short of the format (see
`_complete`) its own hooks are used to mend that.
"""

from __future__ import annotations

import io
import json
import unittest
from typing import TYPE_CHECKING, Any

from gradescope_utils.autograder_utils.decorators import (
    number,
    partial_credit,
    tags,
    visibility,
    weight,
)
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

from autograder.files import write_atomically
from autograder.text import cut, safe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from autograder.judging.verdicts import Report, Verdict

_MAX_NOTICE = 20_000


def render(report: Report) -> str:
    """The text of results.json for a report."""
    return _text(results_of(report))


def render_not_graded(reason: str) -> str:
    """The text of results.json if the grader, not the submission, is at fault."""
    return _text(not_graded(reason))


def write_results(results: dict[str, Any], path: Path) -> None:
    """Write results.json, whole or not at all. Raises OSError."""
    write_atomically(path, _text(results).encode("utf-8"))


def not_graded(reason: str) -> dict[str, Any]:
    """The content of results.json where the grader, not the submission, is at fault.

    A whole one, so that the student reads what happened rather than that something did: one without
    tests and score would show nothing of it. The platform counts its single test as 0 of 0 points.
    """
    text = (
        "Your submission has not been graded, through no fault of yours: the grader failed. The "
        "course staff has to mend it, and will then grade your submission again. A score of 0 that is "
        "shown until then is not your grade."
    )
    test = {
        "name": "Not graded: the grader failed, not your submission",
        "name_format": "text",
        "score": 0.0,
        "max_score": 0.0,
        "status": "failed",
        "output": text,
        "output_format": "text",
        "visibility": "visible",
    }
    return {
        "tests": [test],
        "output": text,
        "output_format": "text",
        "extra_data": {"not_graded": safe(reason)},
    }


def results_of(report: Report) -> dict[str, Any]:
    """The content of results.json for a report."""
    data: dict[str, Any] = {}

    def complete(produced: dict[str, Any]) -> None:
        _complete(produced, report)
        data.update(produced)

    runner = JSONTestRunner(
        stream=io.StringIO(), post_processor=complete, failure_prefix="", buffer=False
    )
    runner.run(_suite(report))
    return data


def _text(results: dict[str, Any]) -> str:
    return json.dumps(results, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _suite(report: Report) -> unittest.TestSuite:
    methods = {f"test_{n:04}": _test(verdict) for n, verdict in enumerate(report.verdicts)}
    case = type("Checks", (unittest.TestCase,), methods)
    return unittest.TestSuite(case(name) for name in methods)


def _test(verdict: Verdict) -> Callable[..., None]:
    """A test method with a verdict's outcome, decorated with all that Gradescope wants to know."""

    def test(self: unittest.TestCase, set_score: Callable[[float], None] | None = None) -> None:
        if set_score is not None:
            set_score(verdict.points)
        if not verdict.passed:
            raise self.failureException(verdict.text)

    test.__doc__ = verdict.name.replace("\n", " ")
    if 0 < verdict.points < verdict.max_points:
        test = partial_credit(verdict.max_points)(test)
    else:
        test = weight(verdict.max_points)(test)
    test = visibility(verdict.visibility)(number(verdict.number)(test))
    return tags(*verdict.tags)(test) if verdict.tags else test


def _complete(produced: dict[str, Any], report: Report) -> None:
    """Mend what JSONTestRunner leaves: no text for passed tests, no formats, the time as a text."""
    for test, verdict in zip(produced["tests"], report.verdicts, strict=True):
        test["name"] = safe(verdict.name)
        test["output"] = verdict.text
        test["output_format"] = "text"
        test["name_format"] = "text"
        test["status"] = "passed" if verdict.passed else "failed"
        if verdict.data:
            test["extra_data"] = dict(verdict.data)
    produced["score"] = min(max(report.points, 0.0), report.max_points)
    produced["execution_time"] = round(report.seconds, 3)
    produced["output"] = cut(safe(report.notice), _MAX_NOTICE)
    produced["output_format"] = "text"
    produced["test_output_format"] = "text"
    produced["test_name_format"] = "text"
    produced["extra_data"] = report.facts
    if not produced["leaderboard"]:
        del produced["leaderboard"]
