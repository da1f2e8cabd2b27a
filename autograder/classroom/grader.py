"""The engine as a class run uses it: sources in, a record out. Runs in a grader's process.

Nothing else of the class run knows how a submission is graded.
"""

from __future__ import annotations

import hashlib
import json
import platform
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from autograder.classroom.sources import decode_work
from autograder.classroom.store import Record, encode_record
from autograder.digest import digest_of_assignment
from autograder.errors import AssignmentError, UsageError
from autograder.formats.submission import SubmissionError
from autograder.judging.verdicts import forfeit
from autograder.model import case_groups
from autograder.reports.results_json import results_of
from autograder.sandbox import CaseRun, IsolationError, LaunchError, Program, Sandbox, WorkerLimits
from autograder.sandbox import observation as seen
from autograder.sandbox.session import _TOTAL_TIME
from autograder.text import one_line

if TYPE_CHECKING:
    from autograder.judging.verdicts import Report
    from autograder.model import Assignment
    from autograder.sandbox.observation import BatchObservation, Observation

    Observed = list[tuple[BatchObservation, ...]]

TIMED_OUT: Final = "time-out"
CRASHED: Final = "crash"
NOT_IMPORTED: Final = "could not be imported"
_OVERHEAD_SECONDS: Final = 120.0  # of judging, beyond what a submission may run
_SAMPLES: Final = 4  # numbers by which equal failures are known


def open_grader(setup: dict[str, Any], sandbox: Sandbox) -> tuple[Grader | None, dict[str, Any]]:
    """A grader, and what its parent has to know of it; no grader if the assignment is at fault."""
    from autograder.commands.shared import faultless_assignment

    folder = Path(setup["assignment"])
    try:
        if setup["digest"] != digest_of_assignment(folder):
            return None, {"failed": "the assignment was changed while it graded"}
        assignment = faultless_assignment(folder)
        grader = Grader(assignment, sandbox)
        level = sandbox.level
    except AssignmentError as error:
        faults = [[str(p.path), p.line, p.column, message] for p, message in error.faults]
        return None, {"failed": "the assignment is at fault", "faults": faults}
    except (UsageError, LaunchError) as error:
        return None, {"failed": one_line(str(error))}
    import numpy as np

    limits = assignment.limits
    hello = {
        "title": assignment.title,
        "submission": assignment.submission,
        "checks": [
            [v.number, v.name, v.max_points] for c in assignment.cases for v in forfeit(c, "")
        ],
        "hints": _hints(assignment),
        "level": level,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "patience": limits.total_seconds + limits.example_seconds + _OVERHEAD_SECONDS,
    }
    return grader, hello


def _hints(assignment: Assignment) -> dict[str, str]:
    """The hints of the known mistakes, by name."""
    if assignment.is_frozen or not assignment.mistakes_path.is_file():
        return {}
    from autograder.judging.mistakes import load_mistakes

    return {mistake.name: mistake.hint for mistake in load_mistakes(assignment)}


class Grader:
    """Grades submissions of one assignment. Raises AssignmentError if that is at fault."""

    def __init__(self, assignment: Assignment, sandbox: Sandbox) -> None:
        from autograder.judging.answers import open_oracle

        self._assignment = assignment
        self._sandbox = sandbox
        self._oracle = open_oracle(assignment)

    def grade(self, request: bytes) -> bytes:
        """The record of a submission, or of how the grader failed, as bytes."""
        try:
            return encode_record(self._record(request))
        except (AssignmentError, UsageError, LaunchError, IsolationError) as error:
            reason = one_line(str(error))
        except Exception:  # a mistake in the grader costs nobody else's grade
            reason = one_line(traceback.format_exc(limit=-2))
        return encode_record(Record({"failed": reason}, b""))

    def _record(self, request: bytes) -> Record:
        from autograder.pipeline import grade_read

        work = decode_work(request)
        watched = _Watched(self._sandbox, len(case_groups(self._assignment.cases)))
        submission = work.submission or SubmissionError(work.refused)
        report = grade_read(submission, self._assignment, watched, oracle=self._oracle)
        results = json.dumps(results_of(report), indent=2, ensure_ascii=False, allow_nan=False)
        summary = {**_summary(report), **watched.facts(self._assignment, report)}
        if work.submission is None:
            summary["notes"] = [one_line(work.refused)]
        return Record(summary, results.encode() + b"\n")


def _summary(report: Report) -> dict[str, Any]:
    mistakes: dict[str, list[int]] = {}
    for n, verdict in enumerate(report.verdicts):
        if "mistake" in verdict.data:
            mistakes.setdefault(str(verdict.data["mistake"]), []).append(n)
    texts = [v.text for v in report.verdicts if not v.passed]
    return {
        "total": min(max(report.points, 0.0), report.max_points),
        "max": report.max_points,
        "seconds": round(report.seconds, 3),
        "level": report.facts["isolation"],
        "mistakes": [[name, checks] for name, checks in mistakes.items()],
        "reason": one_line((report.notice or (texts or [""])[0]).partition("\n")[0]),
        "checks": [[v.number, v.name, v.points, v.max_points, v.passed] for v in report.verdicts],
    }


class _Watched(Sandbox):
    """A sandbox that remembers what came of the submission that runs in it."""

    def __init__(self, sandbox: Sandbox, groups: int) -> None:
        self._sandbox = sandbox
        self._groups = groups  # of cases; what runs after them is the search for examples
        self._runs: list[Observed] = []

    @property
    def level(self) -> str:
        return self._sandbox.level

    def run(
        self,
        program: Program,
        runs: Sequence[CaseRun],
        limits: WorkerLimits,
        deadline: float,
        required: Sequence[str] = (),
    ) -> Observed:
        observed = self._sandbox.run(program, runs, limits, deadline, required)
        self._runs.append(observed)
        return observed

    def facts(self, assignment: Assignment, report: Report) -> dict[str, Any]:
        """What staff are told, whether to try again, and marks of the failures without a name."""
        cases, search = self._runs[: self._groups], self._runs[self._groups :]
        outcomes = {one.outcome for observed in cases for one in _all(observed)}
        imports = [one for observed in cases for one in _all(observed) if one.stage == seen.IMPORT]
        notes = [NOT_IMPORTED] if imports else []
        notes += [TIMED_OUT] if _ended_by_time(cases) else []
        notes += [CRASHED] if seen.CRASHED in outcomes else []
        return {
            "notes": notes,
            "again": _ended_by_time([*cases, *search]),
            "failures": self._failures(assignment, report),
        }

    def _failures(self, assignment: Assignment, report: Report) -> list[list[Any]]:
        """For each failed check that matches no known mistake, what its result is known by."""
        observed = {
            case.name: batches
            for group, run in zip(case_groups(assignment.cases), self._runs)
            for case, batches in zip(group, run)
        }
        methods = [call.method for call in assignment.calls]
        found = []
        for n, verdict in enumerate(report.verdicts):
            if verdict.passed or "mistake" in verdict.data or verdict.check not in methods:
                continue
            index = methods.index(verdict.check)
            calls = [batch.calls[index] for batch in observed.get(verdict.case, ())]
            if any(one.outcome == seen.VALUE for one in calls):
                found.append([n, *_mark(calls)])
        return found


def _all(observed: Observed) -> list[Observation]:
    return [one for batches in observed for batch in batches for one in batch.calls]


def _ended_by_time(runs: Sequence[Observed]) -> bool:
    return any(
        one.outcome == seen.TIMED_OUT or one.reason == _TOTAL_TIME
        for observed in runs
        for one in _all(observed)
    )


def _mark(calls: Sequence[Observation]) -> tuple[str, list[float]]:
    """What is exactly equal for equal failures, and numbers that are nearly so."""
    import numpy as np

    exact = hashlib.sha256()
    numbers: list[float] = []
    for one in calls:
        shape = () if one.value is None else one.value.shape
        exact.update(f"{one.outcome} {one.type_name} {shape}\0".encode())
        if one.value is not None:
            values = np.asarray(one.value, dtype=np.float64).reshape(-1)
            finite = np.where(np.isfinite(values), values, 0.0)
            exact.update(np.isfinite(values).tobytes())
            with np.errstate(all="ignore"):
                # Weights that tell apart what differs in order only.
                numbers.append(float(finite @ np.cos(np.arange(finite.size))))
    kept = [n for n in numbers[-_SAMPLES:] if abs(n) < float("inf")]
    return exact.hexdigest()[:16], kept
