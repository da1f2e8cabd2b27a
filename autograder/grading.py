"""One submission on its way through the pipeline: observed, judged, diagnosed and explained.

An exception of the grader's costs what it was raised in: a text or a hint, or the case being judged.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Final

from autograder.errors import AssignmentError
from autograder.explain.sentences import right
from autograder.formats.submission import Submission
from autograder.judging.evidence import Check, Evidence
from autograder.judging.judge import run_of
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Verdict, forfeit, verdict_on
from autograder.model import TestCase
from autograder.sandbox import (
    LESS_TIME,
    TOTAL_TIME,
    Allowance,
    CaseRun,
    Code,
    IsolationError,
    LaunchError,
    Sandbox,
)
from autograder.sandbox.observation import MISSING_NAME, BatchObservation, Observation, Outcome

if TYPE_CHECKING:  # which a right submission does not need
    from autograder.explain.texts import Explainer
    from autograder.judging.diagnosis import Diagnosis, Tried

_NOT_JUDGED: Final = (
    "Not judged: the grader failed here, through no fault of yours. The course staff can see why, "
    "and will grade your submission again."
)


class Run:
    """One submission on its way through the pipeline."""

    def __init__(self, submission: Submission, suite: Suite, sandbox: Sandbox) -> None:
        assignment = suite.assignment
        self.evidence: dict[str, Evidence] = {}
        self.notes: list[str] = []  # for staff, on what the grader itself failed in
        self._submission = submission
        self._suite = suite
        self._sandbox = sandbox
        self._code = Code(submission.sources, submission.files, submission.missing)
        self._limits = assignment.limits
        self._allowance = Allowance(time.monotonic() + assignment.limits.total_seconds)
        self._tried: dict[str, Tried] = {}
        self._observed: dict[str, Sequence[BatchObservation]] = {}

    def observe(self, group: Sequence[TestCase]) -> None:
        """Run and judge the cases of one visibility."""
        self._run_and_judge(group, self._allowance)
        # An endless loop shortens the time of the cases after it: fair only if nothing works at all.
        shortened = [
            case
            for case in group
            if any(o.reason == LESS_TIME for o in _all_of(self._observed.get(case.name, ())))
        ]
        if shortened and not all(map(_failed, self.evidence.values())):
            self._run_and_judge(shortened, Allowance(self._allowance.deadline, patient=True))

    def try_small_inputs(self, group: Sequence[TestCase]) -> None:
        """Run small inputs of random cases that failed; for texts, and for seconds only."""
        evidence = [self.evidence[case.name] for case in group if case.name in self.evidence]
        if not any(map(_failed, evidence)):
            return
        from autograder.hints import smallest

        began = time.monotonic()
        deadline = began + self._suite.assignment.limits.example_seconds
        with self._guard("small inputs"):
            self._tried = smallest.try_small(
                self._suite,
                evidence,
                lambda runs: self._run_small(runs, deadline),
                lambda: time.monotonic() >= deadline,
            )
        self._allowance.deadline += time.monotonic() - began  # which is none of the submission's

    def diagnose(self) -> dict[tuple[str, str], Diagnosis]:
        """What is known of the failed checks beyond their numbers."""
        cases = self._suite.assignment.cases
        evidence = [self.evidence[case.name] for case in cases if case.name in self.evidence]
        if not any(map(_failed, evidence)):
            return {}
        with self._guard("hints"):
            from autograder.hints.diagnose import diagnose  # which a right submission does not need

            return diagnose(self._suite, evidence, self._tried)
        return {}

    @property
    def ended_by_time(self) -> bool:
        """Whether time ended a step, the whole, or the search for small inputs."""
        small = [batches for one in self._tried.values() for batches in one.observed]
        seen = (o for batches in (*self._observed.values(), *small) for o in _all_of(batches))
        return any(one.cut_short for one in self._tried.values()) or any(
            o.outcome is Outcome.TIMED_OUT or o.reason == TOTAL_TIME for o in seen
        )

    def verdicts(
        self, case: TestCase, diagnoses: Mapping[tuple[str, str], Diagnosis]
    ) -> list[Verdict]:
        """The verdicts on the checks of a case, with their texts."""
        if case.name not in self.evidence:
            return forfeit(case, _NOT_JUDGED)
        evidence = self.evidence[case.name]
        return [
            self._verdict(evidence, check, diagnoses.get((case.name, check.name)))
            for check in evidence.checks.values()
        ]

    def import_notice(self) -> str:
        """What concerns the submission as a whole: that a file, or what all need of it, is missing.

        Everybody sees it, so it speaks of visible cases only: what is raised at import in the
        process of the others may speak of their inputs.
        """
        visible = [c for c in self._suite.assignment.cases if c.visibility == "visible"]
        seen = [o for case in visible for o in _all_of(self._observed.get(case.name, ()))]
        missing = [observation for observation in seen if _is_missing(observation)]
        blocked = [observation for observation in seen if observation.blocked_by]
        if not missing or len(missing) + len(blocked) < len(seen):
            return ""
        with self._guard("the notice"):
            return self._explainer.import_notice(missing[0])
        return "Your code could not be imported."

    @contextmanager
    def _guard(self, what: str, *passing: type[Exception]) -> Iterator[None]:
        """An exception of the grader's costs what is inside only, and is noted, or passes on."""
        try:
            yield
        except passing:
            raise
        except Exception as error:
            told = str(error)
            if not isinstance(error, AssignmentError):
                import traceback  # which nobody needs as long as all goes well

                told = traceback.format_exc()
            self.notes.append(f"the grader failed in {what}\n{told}")

    @cached_property
    def _explainer(self) -> Explainer:
        from autograder.explain.texts import Explainer

        return Explainer(self._suite.assignment, self._submission)

    def _run_and_judge(self, cases: Sequence[TestCase], allowance: Allowance) -> None:
        runs = [run_of(case) for case in cases]
        required = self._suite.assignment.require_isolation
        with self._guard("running the code", LaunchError, IsolationError):
            observed = self._sandbox.run(self._code, runs, self._limits, allowance, required)
            self._observed.update(zip([case.name for case in cases], observed))
        for case in cases:
            self.evidence.pop(case.name, None)
            self._suite.expected(case)  # faults of the assignment are nobody else's, and end it all
            with self._guard(f"judging `{case.name}`"):
                if case.name in self._observed:
                    observed_of_case = self._observed[case.name]
                    self.evidence[case.name] = self._suite.gather(case, observed_of_case)

    def _run_small(
        self, runs: Sequence[CaseRun], deadline: float
    ) -> list[tuple[BatchObservation, ...]]:
        required = self._suite.assignment.require_isolation
        try:
            return self._sandbox.run(self._code, runs, self._limits, Allowance(deadline), required)
        except (LaunchError, IsolationError):
            return []  # a text loses its example, and nobody a point

    def _verdict(self, evidence: Evidence, check: Check, diagnosis: Diagnosis | None) -> Verdict:
        text, cause = "", ""
        with self._guard(f"the text of {check.name} in `{evidence.case.name}`"):
            if check.passed:
                text = right(evidence, check)
            else:
                text, cause = self._explainer.text(evidence, check.name, diagnosis)
        if not text:
            text = "Correct." if check.passed else "Wrong. The grader could not say more about it."
        verdict = verdict_on(evidence.case, check.name, check.share, text, cause)
        if diagnosis is not None and diagnosis.mistake:
            verdict = verdict._replace(data={"mistake": diagnosis.mistake})
        return verdict


def _all_of(batches: Sequence[BatchObservation]) -> Iterator[Observation]:
    return (observation for batch in batches for observation in batch.results.values())


def _is_missing(observation: Observation) -> bool:
    """Whether a file could not be imported, or does not define what the setup needs."""
    error = observation.error
    return bool(observation.file) or (error is not None and error.type_name == MISSING_NAME)


def _failed(evidence: Evidence) -> bool:
    return any(not check.passed for check in evidence.checks.values())
