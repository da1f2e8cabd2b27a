"""The pipeline: a submission goes in at the top, a report comes out at the bottom.

Every command takes this way; they differ in the cases that they choose and the report that they
write.
"""

from __future__ import annotations

import _thread
import importlib
import platform
import time
from typing import TYPE_CHECKING

import autograder
from autograder.formats.assignment import digest_of
from autograder.formats.submission import Submission, SubmissionError, read_submission
from autograder.judging.verdicts import Report, Verdict, forfeit
from autograder.model import INPUTS_UNCHANGED, case_groups
from autograder.sandbox import (
    CaseRun,
    IsolationError,
    LaunchError,
    Program,
    Sandbox,
    WorkerLimits,
)
from autograder.sandbox import observation as seen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from autograder.explain.texts import Explainer
    from autograder.hints.smallest import RunSmall
    from autograder.judging.answers import Oracle
    from autograder.model import Assignment
    from autograder.sandbox.observation import BatchObservation

    Observed = dict[str, tuple[BatchObservation, ...]]  # by the name of the case


def grade(
    path: Path,
    assignment: Assignment,
    sandbox: Sandbox,
    needed_later: Sequence[str] = (),
    oracle: Oracle | None = None,
) -> Report:
    """Grade the submission at a path with all the assignment's cases.

    Modules `needed_later` are imported while the student's code runs, in a process of its own. Who
    grades many submissions may hand in one `oracle` for all; otherwise it is opened afterwards.

    Raises UsageError where there is nothing at the path, AssignmentError where the assignment is at
    fault, and LaunchError where no process can be had. The student's mistakes end in the report.
    """
    submission: Submission | SubmissionError
    try:
        submission = read_submission(path, assignment.submission)
    except SubmissionError as error:
        submission = error
    return grade_read(submission, assignment, sandbox, needed_later, oracle)


def grade_read(
    submission: Submission | SubmissionError,
    assignment: Assignment,
    sandbox: Sandbox,
    needed_later: Sequence[str] = (),
    oracle: Oracle | None = None,
) -> Report:
    """Grade a submission that has been read, or could not be; see `grade`."""
    start = time.monotonic()
    if isinstance(submission, SubmissionError):
        verdicts = [v for case in assignment.cases for v in forfeit(case, str(submission))]
        return _report(assignment, sandbox, verdicts, str(submission), start)

    _import_meanwhile(
        "numpy.random", "autograder.judging.judge", "autograder.judging.answers", *needed_later
    )
    observed = observe(submission, assignment, sandbox)

    from autograder.explain.texts import Explainer
    from autograder.judging.answers import open_oracle
    from autograder.judging.judge import gather, judge

    oracle = oracle or open_oracle(assignment)
    drawn = {case.name: case.inputs.draw() for case in assignment.cases}
    expected = oracle.expected_of_all(drawn)
    evidence = [
        gather(case, assignment.calls, drawn[case.name], observed[case.name], expected[case.name])
        for case in assignment.cases
    ]
    diagnoses = {}
    if any(any(problems) for one in evidence for problems in one.problems.values()):
        from autograder.hints.diagnosis import diagnose

        run_small = _small_runner(submission, assignment, sandbox)
        diagnoses = diagnose(assignment, evidence, oracle, run_small)
    explainer = Explainer(assignment, submission)
    verdicts = [v for one in evidence for v in judge(one, explainer, diagnoses)]
    notice = _notice(assignment, observed, explainer)
    return _report(assignment, sandbox, verdicts, notice, start)


def observe(submission: Submission, assignment: Assignment, sandbox: Sandbox) -> Observed:
    """Run a submission on the batches of every case.

    Cases of different visibility go to different processes; see `case_groups`.
    """
    program = _program(submission, assignment)
    limits = _worker_limits(assignment)
    deadline = time.monotonic() + assignment.limits.total_seconds
    observed: Observed = {}
    for group in case_groups(assignment.cases):
        runs = [
            CaseRun(case.inputs, case.shared_object, INPUTS_UNCHANGED in case.points)
            for case in group
        ]
        names = [case.name for case in group]
        observations = sandbox.run(program, runs, limits, deadline, assignment.require_isolation)
        observed.update(zip(names, observations))
    return observed


def _small_runner(submission: Submission, assignment: Assignment, sandbox: Sandbox) -> RunSmall:
    """Runs small inputs of visible cases, once points are settled; for texts, and for seconds only."""

    def run_small(runs: Sequence[CaseRun]) -> list[tuple[BatchObservation, ...]]:
        deadline = time.monotonic() + assignment.limits.example_seconds
        try:
            return sandbox.run(
                _program(submission, assignment),
                runs,
                _worker_limits(assignment),
                deadline,
                assignment.require_isolation,
            )
        except (LaunchError, IsolationError):
            return []  # a text loses its example, and nobody a point

    return run_small


def _program(submission: Submission, assignment: Assignment) -> Program:
    return Program(
        sources=submission.sources,
        main=submission.main,
        class_name=assignment.class_name,
        constructor=tuple(assignment.constructor.values()),
        calls=assignment.calls,
    )


def _worker_limits(assignment: Assignment) -> WorkerLimits:
    limits = assignment.limits
    return WorkerLimits(limits.call_seconds, limits.memory_mb, limits.output_kb)


def _import_meanwhile(*modules: str) -> None:
    # Not by the threading module: its import alone would cost a good part of what is gained.
    _thread.start_new_thread(lambda: [importlib.import_module(name) for name in modules], ())


def _notice(assignment: Assignment, observed: Observed, explainer: Explainer) -> str:
    """What concerns the submission as a whole: that it could not be imported.

    Everybody sees it, so it is told of visible cases only: what is raised at import in the process of
    the others may speak of their inputs.
    """
    for case in assignment.cases:
        first = observed[case.name][0].calls[0]
        if case.visibility == "visible" and first.stage == seen.IMPORT:
            return explainer.import_notice(first)
    return ""


def _report(
    assignment: Assignment, sandbox: Sandbox, verdicts: list[Verdict], notice: str, start: float
) -> Report:
    import numpy as np

    facts = {
        "engine": autograder.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "suite": digest_of(assignment),
        "isolation": sandbox.level,
    }
    seconds = time.monotonic() - start
    return Report(assignment.title, tuple(verdicts), notice, seconds, facts)
