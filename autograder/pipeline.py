"""The pipeline: a submission goes in at the top, a report comes out at the bottom.

Every command runs it; they differ in the cases that they choose and the report that they write.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import autograder
from autograder.formats.submission import Submission, SubmissionError, read_submission
from autograder.grading import Run
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report, Verdict, forfeit
from autograder.model import case_groups
from autograder.sandbox import Sandbox


def grade(path: Path, suite: Suite, sandbox: Sandbox) -> Report:
    """Grade the submission at a path with all the assignment's cases.

    Raises UsageError if there is nothing at the path, AssignmentError if the assignment is at fault,
    and LaunchError if no process is available. The student's mistakes end in the report.
    """
    start = time.monotonic()
    try:
        submission = read_submission(path, suite.assignment.submission)
    except SubmissionError as error:
        return refuse(str(error), suite, sandbox, start)
    return grade_submission(submission, suite, sandbox, start)


def refuse(reason: str, suite: Suite, sandbox: Sandbox, start: float) -> Report:
    """The report on a submission that cannot be run at all, for this reason."""
    verdicts = [v for case in suite.assignment.cases for v in forfeit(case, reason)]
    return _report(suite, sandbox, verdicts, start)._replace(notice=reason, not_run=reason)


def grade_submission(
    submission: Submission, suite: Suite, sandbox: Sandbox, start: float | None = None
) -> Report:
    """Grade a submission that was read; `start` is the time.monotonic() at which that began."""
    start = time.monotonic() if start is None else start
    return complete(Run(submission, suite, sandbox), suite, sandbox, start)


def complete(run: Run, suite: Suite, sandbox: Sandbox, start: float) -> Report:
    """Take a submission all the way, and report on it.

    Cases of each visibility run in a process of their own, the most visible ones first, and so do the
    small inputs for their texts: nothing that a less visible case leaves behind reaches them.
    """
    visible_seconds = 0.0
    for group in case_groups(suite.assignment.cases):
        began = time.monotonic()
        run.observe(group)
        if group[0].visibility == "visible":
            visible_seconds = time.monotonic() - began
            run.try_small_inputs(group)
    diagnoses = run.diagnose()
    verdicts = [v for case in suite.assignment.cases for v in run.verdicts(case, diagnoses)]
    notice = run.import_notice()
    return _report(suite, sandbox, verdicts, start)._replace(
        notice=notice,
        not_run=notice,
        not_graded=tuple(run.not_judged),
        notes=tuple(run.notes),
        visible_seconds=visible_seconds,
    )


def _report(suite: Suite, sandbox: Sandbox, verdicts: Sequence[Verdict], start: float) -> Report:
    facts = {
        "engine": autograder.__version__,
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "suite": suite.digest,
        "isolation": sandbox.level,
    }
    seconds = time.monotonic() - start
    return Report(suite.assignment.title, tuple(verdicts), "", seconds, facts)
