"""The pipeline: an assignment and a submission go in at the top, a report comes out at the bottom.

Every command runs it; they differ in the cases that they choose and the report that they write. It is
imported once there is a sandbox.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import autograder
from autograder.errors import AssignmentError, UsageError
from autograder.formats.submission import Submission, SubmissionError, read_submission
from autograder.grading import Run
from autograder.judging.stored import stored_assignment
from autograder.judging.suite import Suite, faults_of_answers
from autograder.judging.verdicts import Report, Verdict, forfeit
from autograder.model import Assignment, case_groups
from autograder.sandbox import LaunchError, Sandbox


def faultless_assignment(folder: Path | None) -> Assignment:
    """The assignment in a folder, or the nearest upwards from here.

    Raises AssignmentError with all that is wrong with it, and UsageError if there is none.
    """
    stored = stored_assignment(folder) if folder else None
    if stored:
        return stored
    # Reading takes PyYAML, whose import alone takes as long as a worker.
    from autograder.formats.assignment import find_assignment, read_assignment

    assignment, faults = read_assignment(folder or find_assignment(Path.cwd()))
    if faults or assignment is None:
        # All of it at once, as no student code will run.
        raise AssignmentError([*faults, *(faults_of_answers(assignment) if assignment else ())])
    return assignment


def find_submission(assignment: Assignment, start: Path) -> Path:
    """The student's work: in the folder `start`, or beside `testcases/`. Raises UsageError.

    One file if one is asked for, else the folder that holds one of them at least.
    """
    wanted = assignment.submission
    for folder in (start, assignment.folder):
        if any((folder / name).is_file() for name in wanted):
            return folder / wanted[0] if len(wanted) == 1 else folder
    raise UsageError(
        f"there is no {' or '.join(wanted)} here or in {assignment.folder}; say where yours is"
    )


def report_on(submission: Path, suite: Suite, sandbox: Sandbox) -> Report:
    """Grade a submission; stderr says what went wrong in the grader itself.

    Raises AssignmentError and UsageError, and IsolationError if required walls are missing.
    """
    try:
        report = grade(submission, suite, sandbox)
    except LaunchError as error:
        raise UsageError(f"the student's code could not be run: {error}") from error
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    return report


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
    return _report(suite, sandbox, verdicts, start)._replace(notice=reason)


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
    return _report(suite, sandbox, verdicts, start)._replace(
        notice=run.import_notice(),
        not_graded=tuple(c.name for c in suite.assignment.cases if c.name not in run.evidence),
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
