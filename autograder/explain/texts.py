"""Texts: what a student reads of a check. Each stands on its own and says what to do.

The order is always the same: what went wrong in one sentence, what to do about it, the student's own
line or the smallest batch that shows it, the tolerance, and what the code printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from autograder.explain.arrays import show_comparison, show_shape
from autograder.explain.examples import show_example
from autograder.explain.outcomes import Outcomes
from autograder.formats.submission import Submission
from autograder.judging.compare import as_expected_shape
from autograder.judging.diagnosis import Diagnosis
from autograder.judging.evidence import Check, Evidence, Kind, Row
from autograder.model import INPUTS_UNCHANGED, Assignment, Batch
from autograder.sandbox.observation import Observation, Outcome
from autograder.text import cut, plural, safe

MAX_TEXT: Final = 4000
_MAX_PRINTED: Final = 1000


class Explainer:
    """Explains the verdicts of one submission to the student who handed it in."""

    def __init__(self, assignment: Assignment, submission: Submission) -> None:
        self._assignment = assignment
        self._submission = submission
        self._outcomes = Outcomes(assignment, submission)

    def text(self, evidence: Evidence, check: str, diagnosis: Diagnosis | None) -> tuple[str, str]:
        """The text of a check, and its cause in one sentence, without counts, or ""."""
        found = evidence.checks[check]
        if check == INPUTS_UNCHANGED:
            parts = self._inputs(evidence, found, diagnosis)
        elif found.failures:
            parts = self._failed(evidence, found, diagnosis)
        else:
            parts = _passed(evidence, found)
        observations = [row.observed for row in found.rows]
        cause = (diagnosis.hint if diagnosis else "") or (parts[0] if found.failures else "")
        return _text([*parts, _printed(observations)]), cause

    def import_notice(self, observation: Observation) -> str:
        """The text for the whole submission, if a file of it cannot be imported."""
        case = self._assignment.cases[0]
        return _text([*self._outcomes.say(case, "", observation), _printed([observation])])

    def _failed(self, evidence: Evidence, check: Check, diagnosis: Diagnosis | None) -> list[str]:
        row = _most_telling(check.failures)
        assert row.problem is not None
        kind = row.problem.kind
        same = sum(other.problem is not None and other.problem.kind == kind for other in check.rows)
        where = _in_batches(same, len(check.rows))
        hint = diagnosis.hint if diagnosis else ""
        if kind is Kind.BROKEN:
            parts = [row.problem.says, hint, *self._shown(evidence, check, row, diagnosis)]
        elif row.observed.value is None:
            parts = self._nothing_to_look_at(evidence, check, row, where, diagnosis)
        else:
            parts = [self._wrong_result(check.name, row, where)]
            others = sum(
                other.problem is not None and other.problem.kind not in (kind, Outcome.NOT_REACHED)
                for other in check.rows
            )
            if others:
                parts.append(f"It fails in other ways in {plural(others, 'batch')} more.")
            parts += [hint, _reuse(evidence, check)]
            parts += self._shown(evidence, check, row, diagnosis)
        if diagnosis:
            parts.append(diagnosis.steps)
        return parts

    def _nothing_to_look_at(
        self, evidence: Evidence, check: Check, row: Row, where: str, diagnosis: Diagnosis | None
    ) -> list[str]:
        observed = row.observed
        if observed.blocked_by:
            return self._blocked(evidence, row)
        hint = diagnosis.hint if diagnosis else ""
        parts = self._outcomes.say(evidence.case, check.name, observed, hint)
        in_a_line = observed.error is not None and observed.error.line > 0
        if observed.outcome is Outcome.RAISED and not observed.file and in_a_line:
            parts += [f"That happened{where}." if where else "", _reuse(evidence, check)]
            parts += self._shown(evidence, check, row, diagnosis)
        return parts

    def _blocked(self, evidence: Evidence, row: Row) -> list[str]:
        name = row.observed.blocked_by
        blocker = evidence.batches[row.number - 1].results.get(name)
        unwritten = blocker is not None and blocker.outcome is Outcome.PLACEHOLDER
        what = "is not implemented yet" if unwritten else "did not return"
        parts = [f"Not reached: {name} {what}."]
        if blocker is not None and name not in evidence.checks and not blocker.blocked_by:
            parts += self._outcomes.say(evidence.case, name, blocker)
        return parts

    def _shown(
        self, evidence: Evidence, check: Check, row: Row, diagnosis: Diagnosis | None
    ) -> list[str]:
        """The input that shows a failure, with expected and got."""
        small = diagnosis.counterexample if diagnosis else None
        case = evidence.case
        if small is not None and _size(small.row.batch) <= _size(row.batch):
            parts = ["The smallest input found that fails in this way:"]
            row, earlier, observed = small.row, small.earlier, small.observed
        else:
            total = len(check.rows)
            which = "" if total == 1 else f" of batch {row.number} of {total}"
            parts = [f"With the inputs{which}:"]
            earlier = [other.batch for other in check.rows[: row.number - 1]]
            observed = evidence.batches[row.number - 1]
        result = check.name if check.name in case.observed else case.observed[0]
        parts.append(show_example(case, self._submission, row, earlier, observed, result))
        problem, value = row.problem, row.observed.value
        if problem and problem.bad is not None and value is not None and row.expected is not None:
            got = as_expected_shape(value, row.expected)
            assert got is not None
            parts.append(show_comparison(row.expected, got, problem.bad))
            parts.append(f"A number is right {case.tolerance} of the expected one.")
        return parts

    def _wrong_result(self, name: str, row: Row, where: str) -> str:
        value, expected = row.observed.value, row.expected
        assert value is not None
        assert expected is not None
        assert row.problem is not None
        if row.problem.kind is Kind.WRONG_SHAPE:
            wanted = "a single number" if expected.ndim == 0 else f"shape {expected.shape}"
            return f"{name} has shape {show_shape(value.shape)}, and {wanted} was expected{where}."
        if row.problem.kind is Kind.NOT_FINITE:
            names = sorted({_plain(x) for x in value.flat if not np.isfinite(x)})
            what = " and ".join(names)
            if expected.ndim == 0:
                return f"{name} is {what}, and a finite number was expected{where}."
            return f"{name} has {what} among its numbers{where}."
        return f"{name} is wrong{where}."

    def _inputs(self, evidence: Evidence, check: Check, diagnosis: Diagnosis | None) -> list[str]:
        problems = [row.problem for row in check.failures if row.problem]
        changed = Counter(problem.changed for problem in problems if problem.changed)
        if changed:
            names = " and ".join(f"`{name}`" for name in sorted(changed))
            where = _in_batches(sum(changed.values()), len(check.rows))
            return [
                f"Your code changes its input {names} in place{where}.",
                diagnosis.hint if diagnosis else "",
                "Whoever called it still needs the array as it was. Work on a new array: "
                "`x = x - y` makes one, `x -= y` and `x[...] = y` write into the old.",
            ]
        if not problems:
            return ["Correct: the inputs are the same afterwards as before."]
        if any(problem.kind is Kind.NOTHING_RIGHT for problem in problems):
            return [
                "The inputs are unchanged, but no result is right yet: this check passes once at "
                "least one of them is."
            ]
        first = check.failures[0].observed
        if first.blocked_by:
            return self._blocked(evidence, check.failures[0])
        if first.outcome is Outcome.PLACEHOLDER:
            name = next(
                n
                for n, o in evidence.batches[0].results.items()
                if o.outcome is Outcome.PLACEHOLDER
            )
            return [f"Not reached: {name} is not implemented yet."]
        return ["Not reached: this check needs every step to be run and every result to be there."]


def _passed(evidence: Evidence, check: Check) -> list[str]:
    where = "" if len(check.rows) == 1 else f" in all {len(check.rows)} batches"
    first = check.rows[0]
    if first.expected is None:
        return [f"Correct{where}."]
    parts = [f"Correct{where}: {evidence.case.tolerance} of the expected values."]
    value = first.observed.value
    if value is not None and value.shape != first.expected.shape:
        parts.append(
            f"{check.name} has shape {value.shape}. That is accepted, but a single number was asked "
            "for: .item() makes one of it."
        )
    return parts


def _most_telling(failures: Sequence[Row]) -> Row:
    """The failure to show: of the most frequent kind the one with the smallest inputs."""
    # What was not reached tells nothing if the reason for it is among the failures.
    causes = [row for row in failures if row.problem and row.problem.kind != Outcome.NOT_REACHED]
    if not causes:
        return failures[0]
    kind = Counter(row.problem.kind for row in causes if row.problem).most_common(1)[0][0]
    return min(
        (row for row in causes if row.problem and row.problem.kind == kind),
        key=lambda row: _size(row.batch),
    )


def _size(batch: Batch) -> int:
    return sum(array.size for array in batch.inputs.values())


def _reuse(evidence: Evidence, check: Check) -> str:
    """What to know of a failure that may come of an earlier batch rather than of its own inputs."""
    if not evidence.case.program.setup_once or check.failures[0].number == 1:
        return ""
    return (
        "The setup is run once for all batches of this test, and the first went well: look for what "
        "an earlier batch leaves behind that a later one trips over."
    )


def _in_batches(failed: int, batches: int) -> str:
    return "" if batches == 1 else f" in {failed} of {batches} batches"


def _plain(number: Any) -> str:
    return "NaN" if np.isnan(number) else "inf" if number > 0 else "-inf"


def _printed(observations: Sequence[Observation]) -> str:
    """What the code printed, under a heading; the same lines again and again are shown once."""
    texts = dict.fromkeys(o.printed.rstrip() for o in observations if o.printed.strip())
    if not texts:
        return ""
    text = "\n".join(texts)
    was_cut = any(observation.printed_cut for observation in observations)
    body = cut(safe(text), _MAX_PRINTED, "output")
    if was_cut and body == safe(text):
        body += "\n... (output cut here: there was more than is kept)"
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    return f"Your code printed:\n{indented}"


def _text(parts: Sequence[str]) -> str:
    return cut(safe("\n".join(part for part in parts if part)), MAX_TEXT)
