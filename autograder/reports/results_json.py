"""Gradescope's results.json, made by gradescope-utils.

Every verdict becomes a test of a unittest suite, decorated as a hand-written one would be, and
`JSONTestRunner` runs the suite and collects the results. What it leaves out of the format, its own
hooks add (see `_complete`).
"""

from __future__ import annotations

import io
import json
import traceback
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from gradescope_utils.autograder_utils.decorators import (
    number,
    partial_credit,
    tags,
    visibility,
    weight,
)
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

from autograder.explain.summary import points_text, short, summary_of
from autograder.files import write_atomically
from autograder.judging.verdicts import Report, Verdict, total
from autograder.text import cut, one_line, plural, safe

# Keys of `extra_data` in runs that do not count for a limit of submissions.
NOT_GRADED: Final = "not_graded"  # the grader failed: the reason, or the names of the cases
NOT_RUN: Final = "not_run"  # the submission could not be run at all: the reason

_MAX_NOTICE: Final = 20_000


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
    """The content of results.json if the grader, not the submission, is at fault.

    It has a test, so that the student reads what happened: without tests and score the platform shows
    only that something did. It counts this test as 0 of 0 points.
    """
    text = (
        "Your submission has not been graded, through no fault of yours: the grader failed. The "
        "course staff have to fix it and will then grade your submission again. A score of 0 that is "
        "shown until then is not your grade."
    )
    return {
        "tests": [failed_test("Not graded: the grader failed, not your submission", text)],
        "output": text,
        "output_format": "text",
        "extra_data": {NOT_GRADED: safe(reason)},
    }


def failed_test(name: str, text: str, score: float = 0.0) -> dict[str, Any]:
    """A failed test that belongs to no case; everybody sees it."""
    return {
        "name": name,
        "name_format": "text",
        "score": score,
        "max_score": 0.0,
        "status": "failed",
        "output": text,
        "output_format": "text",
        "visibility": "visible",
    }


def most_points(results: dict[str, Any]) -> float:
    """The points that all tests of such content have together."""
    return total(test.get("max_score", 0.0) for test in results["tests"])


def results_of(report: Report) -> dict[str, Any]:
    """The content of results.json for a report."""
    data: dict[str, Any] = {}

    def complete(produced: dict[str, Any]) -> None:
        _complete(produced, report)
        data.update(produced)
        produced.clear()  # which the runner would write out once more

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
    in_part = 0 < verdict.points < verdict.max_points
    test = (partial_credit if in_part else weight)(verdict.max_points)(test)
    test = visibility(verdict.visibility)(number(verdict.number)(test))
    return tags(*verdict.tags)(test) if verdict.tags else test


def _complete(produced: dict[str, Any], report: Report) -> None:
    """Add what JSONTestRunner lacks: texts of passed tests, formats, a time that is a number."""
    for test, verdict in zip(produced["tests"], report.verdicts, strict=True):
        test["score"] = total([verdict.points])
        test["name"] = safe(verdict.name)
        test["output"] = verdict.text
        test["output_format"] = "text"
        test["name_format"] = "text"
        test["status"] = "passed" if verdict.passed else "failed"
        if verdict.data:
            test["extra_data"] = dict(verdict.data)
    produced["score"] = report.points
    produced["execution_time"] = round(report.seconds, 3)
    parts = [_not_final(report), report.notice or _guarded_overview(report)]
    produced["output"] = cut(safe("\n\n".join(filter(None, parts))), _MAX_NOTICE)
    formats = ("output_format", "test_output_format", "test_name_format")
    produced.update(dict.fromkeys(formats, "text"))
    produced["extra_data"] = dict(report.facts)
    if cases := report.not_graded:
        produced["extra_data"][NOT_GRADED] = [safe(name) for name in cases]
    if reason := report.notice:
        produced["extra_data"][NOT_RUN] = one_line(reason)
    if not produced["leaderboard"]:
        del produced["leaderboard"]


def _guarded_overview(report: Report) -> str:
    """The overview, or nothing if it fails: the points stand, and staff see the reason."""
    try:
        return _overview(report)
    except Exception:
        traceback.print_exc()
        return ""


def _overview(report: Report) -> str:
    """What every student may know: points and things to fix of the visible cases alone, and how much
    is not shown yet, so that nobody takes these for all."""
    visible = [verdict for verdict in report.verdicts if verdict.visibility == "visible"]
    points, most = (total(getattr(v, name) for v in visible) for name in ("points", "max_points"))
    lines = [f"{short(points)} of {points_text(most)} in the tests shown here."] if visible else []
    lines.append(summary_of(visible))
    others = [verdict for verdict in report.verdicts if verdict.visibility != "visible"]
    if others:
        worth = points_text(total(verdict.max_points for verdict in others))
        lines.append(f"{plural(len(others), 'more check')}, worth {worth}, not shown yet.")
    return "\n".join(line for line in lines if line)


def _not_final(report: Report) -> str:
    """The sentences for the student if the grader failed in some cases, without hidden names."""
    failed = report.not_graded
    if not failed:
        return ""
    visible = {verdict.case for verdict in report.verdicts if verdict.visibility == "visible"}
    names = [f"`{one_line(name, 100)}`" for name in failed if name in visible]
    if hidden := len(failed) - len(names):
        names.append(f"{plural(hidden, 'test case')} not shown here")
    where = ", ".join(names[:-1]) + " and " + names[-1] if names[1:] else names[0]
    return (
        f"This score is not final: the grader failed in {where}, through no fault of yours. The "
        "course staff have to fix it and will then grade your submission again."
    )
