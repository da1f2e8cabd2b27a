"""The engine as a class run uses it: sources in, a record out. Runs in a grader's process.

Nothing else of the class run knows how a submission is graded.
"""

from __future__ import annotations

import hashlib
import platform
import time
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from autograder.classroom.roster import NOT_RUN
from autograder.classroom.sources import decode_work
from autograder.classroom.store import Record, encode_record
from autograder.digest import digest_of_assignment
from autograder.errors import AssignmentError, UsageError
from autograder.grading import Run
from autograder.judging.cache import CachedSuite
from autograder.judging.evidence import Evidence, Kind, Row
from autograder.judging.mistakes import load_mistakes
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report, forfeit
from autograder.model import INPUTS_UNCHANGED
from autograder.pipeline import complete, faultless_assignment, refuse
from autograder.reports.results_json import render
from autograder.sandbox import TOTAL_TIME, IsolationError, Sandbox
from autograder.sandbox.observation import Outcome
from autograder.text import one_line, safe

TIMED_OUT: Final = "time-out"
CRASHED: Final = "crash"
NOT_IMPORTED: Final = "could not be imported"
_OVERHEAD_SECONDS: Final = 120.0  # of judging, beyond what a submission may run
_SAMPLES: Final = 4  # batches by whose numbers equal failures are known


def open_grader(setup: dict[str, Any], sandbox: Sandbox) -> tuple[Grader | None, dict[str, Any]]:
    """A grader, and what its parent has to know of it; no grader if the assignment is at fault."""
    folder = Path(setup["assignment"])
    try:
        if setup["digest"] != digest_of_assignment(folder):
            return None, {"failed": "the assignment was changed while it graded"}
        assignment = faultless_assignment(folder)
        suite = CachedSuite(assignment)
        for case in assignment.cases:
            suite.expected(case)
        has_mistakes = not assignment.is_frozen and assignment.mistakes_path.is_file()
        mistakes = load_mistakes(assignment) if has_mistakes else []
        level = sandbox.level
    except AssignmentError as error:
        faults = [[str(p.path), p.line, p.column, message] for p, message, _ in error.faults]
        return None, {"failed": "the assignment is at fault", "faults": faults}
    except UsageError as error:
        return None, {"failed": one_line(str(error))}
    limits = assignment.limits
    verdicts = [verdict for case in assignment.cases for verdict in forfeit(case, "")]
    hello = {
        "title": assignment.title,
        "wanted": assignment.submission,
        "checks": [[v.number, safe(v.name), v.max_points] for v in verdicts],
        "hints": {mistake.name: mistake.hint for mistake in mistakes},
        "level": level,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "patience": limits.total_seconds + 4 * limits.example_seconds + _OVERHEAD_SECONDS,
    }
    return Grader(suite, sandbox), hello


class Grader:
    """Grades submissions of one assignment."""

    def __init__(self, suite: Suite, sandbox: Sandbox) -> None:
        self._suite = suite
        self._sandbox = sandbox

    def grade(self, request: bytes) -> bytes:
        """The record of a submission, or of how the grader failed, as bytes."""
        try:
            return encode_record(self._record(request))
        except (AssignmentError, UsageError, IsolationError) as error:
            reason = one_line(str(error))
        except Exception:  # a mistake in the grader costs nobody else's grade
            reason = one_line(traceback.format_exc(limit=-2))
        return encode_record(Record({"failed": reason}, b""))

    def _record(self, request: bytes) -> Record:
        start = time.monotonic()
        work = decode_work(request)
        again = False
        failures: list[list[Any]] = []
        if work.submission is None:
            report = refuse(work.refused, self._suite, self._sandbox, start)
            notes = [NOT_RUN]
        else:
            run = Run(work.submission, self._suite, self._sandbox)
            report = complete(run, self._suite, self._sandbox, start)
            if report.not_graded:
                return Record({"failed": one_line("; ".join(report.notes), 1000)}, b"")
            evidence = run.evidence
            notes = _notes([*evidence.values()], work.submission.missing)
            notes += [one_line(note) for note in report.notes]
            failures = _failures(report, evidence)
            again = run.ended_by_time
        texts = [verdict.text for verdict in report.verdicts if not verdict.passed]
        reason = one_line((report.notice or (texts or [""])[0]).partition("\n")[0])
        summary = {"notes": notes, "reason": reason, "again": again, "failures": failures}
        return Record(summary, render(report).encode())


def _notes(evidence: Sequence[Evidence], missing: Iterable[str]) -> list[str]:
    """What staff are told of a submission beyond its points."""
    seen = [o for one in evidence for batch in one.batches for o in batch.results.values()]
    ran = [o for o in seen if o.outcome is not Outcome.NOT_REACHED]
    found = {
        NOT_IMPORTED: any(o.file for o in ran),
        TIMED_OUT: any(o.outcome is Outcome.TIMED_OUT or o.reason == TOTAL_TIME for o in seen),
        CRASHED: any(o.outcome is Outcome.CRASHED for o in seen),
    }
    lacking = [f"without {one_line(name, 80)}" for name in missing]
    return [*lacking, *(note for note, is_so in found.items() if is_so)]


def _failures(report: Report, evidence: dict[str, Evidence]) -> list[list[Any]]:
    """For each failed check that matches no known mistake its number among all checks, and its mark."""
    found = []
    for n, verdict in enumerate(report.verdicts):
        if verdict.passed or "mistake" in verdict.data or verdict.check == INPUTS_UNCHANGED:
            continue
        rows = evidence[verdict.case].checks[verdict.check].failures
        if any(_is_known_by(row) for row in rows):
            found.append([n, *_mark(rows)])
    return found


def _is_known_by(row: Row) -> bool:
    return row.observed.outcome is Outcome.VALUE or _says(row) != ""


def _says(row: Row) -> str:
    return row.problem.says if row.problem and row.problem.kind is Kind.BROKEN else ""


def _mark(rows: Sequence[Row]) -> tuple[str, list[float]]:
    """What is exactly equal for equal failures, and numbers that are nearly so.

    A number is the same number in an array of one element, and in float32.
    """
    exact = hashlib.sha256()
    numbers: list[tuple[float, float]] = []
    for row in rows:
        value = None if _says(row) else row.observed.value  # numbers of any size break a property
        shape = () if value is None or value.size == 1 else value.shape
        kind = row.problem.kind.value if row.problem else ""
        exact.update(f"{row.number} {kind} {shape} {_says(row)}\0".encode("utf-8", "surrogatepass"))
        if value is not None:
            values = np.asarray(value, dtype=np.float64).reshape(-1)
            finite = np.where(np.isfinite(values), values, 0.0)
            exact.update(np.isfinite(values).tobytes())
            with np.errstate(all="ignore"):
                # Weights that tell apart what differs in order only; and by what that is rounded.
                weighted = finite @ np.cos(np.arange(finite.size))
                numbers.append((float(weighted), float(np.abs(finite).sum())))
    kept = [number for pair in numbers[-_SAMPLES:] for number in pair]
    return exact.hexdigest()[:16], [number for number in kept if abs(number) < float("inf")]
