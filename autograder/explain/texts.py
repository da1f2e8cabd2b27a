"""Texts: what a student reads of a check. Each stands on its own and says what to do.

The order is always the same: what went wrong in one sentence, what to do about it, the student's own
line or the smallest batch that shows it, and what the code printed there. All of it is of one batch
and of one way of failing, so that no part contradicts another.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from autograder.explain.arrays import show_comparison
from autograder.explain.examples import show_example
from autograder.explain.outcomes import Outcomes
from autograder.explain.outlives import ALONE, imported, outlives_objects
from autograder.explain.sentences import (
    COMES_OF_IT,
    SHAPES,
    cause_of,
    in_batches,
    joined,
    printed,
    warned,
    wrong_before,
    wrong_result,
)
from autograder.explain.source import traded_places, unread_attribute
from autograder.formats.submission import Submission
from autograder.judging.compare import as_expected_shape
from autograder.judging.diagnosis import Counterexample, Diagnosis, main_way, rows_of, way_of
from autograder.judging.evidence import Check, Evidence, Kind, Row
from autograder.model import INPUTS_UNCHANGED, VISIBILITIES, Assignment, TestCase
from autograder.sandbox.observation import BatchObservation, Observation, Outcome
from autograder.text import plural


class Explainer:
    """Explains the verdicts of one submission to the student who handed it in."""

    def __init__(self, assignment: Assignment, submission: Submission) -> None:
        self._assignment = assignment
        self._submission = submission
        self._outcomes = Outcomes(assignment, submission)
        # By check and cause, the visible case in which the inputs are shown.
        self._shown_in: dict[tuple[str, str], str] = {}
        # By case and check, what is wrong.
        self._causes: dict[tuple[str, str], str] = {}
        self._fail_at_once: set[str] = set()  # checks that fail in the first batch of all

    def text(self, evidence: Evidence, check: str, diagnosis: Diagnosis | None) -> tuple[str, str]:
        """The text of a check that failed, and its cause in one sentence without counts, or ""."""
        found, known = evidence.checks[check], diagnosis or Diagnosis()
        shown = _what_to_show(evidence, found, known)
        if check == INPUTS_UNCHANGED:
            parts, cause = self._inputs(evidence, found, known)
        else:
            parts, cause = self._failed(evidence, found, known, shown)
        of_step = shown.row.observed, shown.observed
        return joined([*parts, warned(*of_step), printed(*of_step)]), cause

    def import_notice(self, observation: Observation) -> str:
        """The text for the whole submission, if a file of it cannot be imported."""
        parts = self._outcomes.say(self._assignment.cases[0], "", observation)
        return joined([*parts, printed(observation, BatchObservation({}))])

    def _failed(
        self, evidence: Evidence, check: Check, known: Diagnosis, shown: Counterexample
    ) -> tuple[list[str], str]:
        row, observed = shown.row, shown.row.observed
        assert row.problem is not None
        if observed.value is not None and not known.mistake:
            traded = traded_places(evidence.case.program, self._outcomes.asked_for())
            known = known._replace(hint=traded, cause=traded) if traded else known
        if observed.blocked_by:
            return self._blocked(evidence, row), ""
        name = row.problem.about or check.name  # a property is about a result
        same = rows_of(check, way_of(row.problem, observed))
        where = in_batches(len(same), len(check.rows))
        others = len(check.failures) - len(same)
        more = [f"It fails in other ways in {plural(others, 'batch')} more."] if others else []
        example = self._example(evidence, check, shown, known)
        told = ""
        if row.problem.kind is Kind.BROKEN:
            said = [row.problem.says]
            told = f"This happens{where}." if where else ""
        elif observed.value is not None:
            said = [wrong_result(name, row, where)]
        else:
            said = self._outcomes.say(
                evidence.case, name, observed, known.hint if known.mistake else ""
            )
            more += [known.hint] if not known.mistake else []  # when it happens
            known = known if known.mistake else known._replace(cause="")
            in_code = observed.outcome is Outcome.RAISED and not observed.file
            in_line = in_code and observed.error is not None and observed.error.line > 0
            if in_code and where and (in_line or len(same) < len(check.rows)):
                told = f"This happened{where}."
            if not in_line:
                example = []
        hint = known.hint if observed.value is not None else ""
        before = wrong_before(evidence, check.name, row.observed, self._judged(evidence.case))
        if observed.value is not None and not known.mistake and not before:
            hint = unread_attribute(evidence.case.program, self._submission.sources) or hint
        example = self._once(evidence, check, known, example)
        unwritten = observed.outcome is Outcome.PLACEHOLDER  # each step is a thing of its own
        cause = ("" if unwritten else known.cause) or cause_of(said[0], where)
        first = "" if known.hint or hint else before
        if first:
            hint = f"{first} is wrong too. Look at that first, because this may {COMES_OF_IT}."
            failures = evidence.results[first].failures
            wrong = next(row for row in failures if row.observed.value is not None)
            known_cause = self._causes.get((evidence.case.number, first), "")
            cause = known_cause or wrong_result(first, wrong, "")
        self._causes[evidence.case.number, check.name] = cause
        of_batch = known.exact and row.problem.kind is Kind.NOT_FINITE  # no other left anything
        kept = self._kept(evidence, check, observed) if example and not of_batch else ""
        if kept and not known.hint:
            if observed.value is None:  # the exception may have reasons of its own
                cause = f"{cause.rstrip('.')}. {kept}"
            else:
                cause = self._causes[evidence.case.number, check.name] = kept
        if kept and (known.exact or not known.hint):
            kept += f" {ALONE}"
        parts = [*said, told, *more, hint, kept or _reuse(evidence, check), *example, known.steps]
        return parts, cause

    def _judged(self, case: TestCase) -> set[str]:
        """The results of a case that properties judge, and nothing else."""
        properties = (p for name, p in self._assignment.properties.items() if name in case.points)
        return {name for p in properties for name in p.parameters} - set(case.points)

    def _once(
        self, evidence: Evidence, check: Check, known: Diagnosis, example: list[str]
    ) -> list[str]:
        """An example; or, for a case that is not visible, which visible case has one."""
        case, key = evidence.case, (check.name, known.cause)
        if not known.hint or not example or COMES_OF_IT in known.hint:
            return example
        if case.visibility == "visible":
            self._shown_in.setdefault(key, case.number)
            return example
        number = self._shown_in.get(key)
        return example if number is None else [f"The text of {number} has an example."]

    def _kept(self, evidence: Evidence, check: Check, observed: Observation) -> str:
        """What to know of a failure that may come from what an earlier object left behind."""
        first = min(self._assignment.cases, key=lambda case: VISIBILITIES.index(case.visibility))
        if evidence.case.name == first.name and check.failures[0].number == 1:
            self._fail_at_once.add(check.name)  # nothing was there before
        error = observed.error.type_name if observed.error is not None else ""
        if check.name in self._fail_at_once or (observed.value is None and error not in SHAPES):
            return ""
        kept = outlives_objects(imported(self._submission.files.values(), self._submission.sources))
        return f"Your code changes `{kept}`, which is kept from batch to batch." if kept else ""

    def _blocked(self, evidence: Evidence, row: Row) -> list[str]:
        name = row.observed.blocked_by
        blocker = evidence.batches[row.number - 1].results.get(name)
        unwritten = blocker is not None and blocker.outcome is Outcome.PLACEHOLDER
        what = "is not implemented yet" if unwritten else "did not return"
        parts = [f"Not reached: {name} {what}."]
        if blocker is not None and name not in evidence.checks and not blocker.blocked_by:
            parts += self._outcomes.say(evidence.case, name, blocker)
        return parts

    def _example(
        self, evidence: Evidence, check: Check, shown: Counterexample, known: Diagnosis
    ) -> list[str]:
        """The input that shows a failure, with expected and got."""
        case, row, total = evidence.case, shown.row, len(check.rows)
        problem, value = row.problem, row.observed.value
        assert problem is not None
        of_batch = "" if total == 1 else f" of batch {row.number} of {total}"
        heading = f"With the inputs{of_batch}:"
        if shown is known.counterexample:
            heading = "The smallest input found that fails in this way:"
        if known.cut_short:
            heading = f"(The search for a small input ran out of time.) {heading}"
        results = [problem.about or check.name]
        if problem.kind is Kind.BROKEN:
            asked = self._assignment.properties[check.name].parameters
            results = [name for name in case.program.results if name in asked]
        parts = [heading, show_example(case.program, self._submission, shown, results)]
        expected = row.expected if check.name in evidence.results else None
        if problem.bad is not None and value is not None and expected is not None:
            got = as_expected_shape(value, expected)
            assert got is not None
            truth = value.dtype == np.bool_
            parts.append(show_comparison(expected, got, problem.bad, truth=truth))
            whole = (expected == np.rint(expected)).all() and (got == np.rint(got)).all()
            if problem.kind is Kind.WRONG_VALUE and not known.exact and not whole:
                parts.append(f"A number counts as right {case.tolerance} of the expected one.")
        return parts

    def _inputs(self, evidence: Evidence, check: Check, known: Diagnosis) -> tuple[list[str], str]:
        problems = [row.problem for row in check.failures if row.problem]
        changed = Counter(problem.changed for problem in problems if problem.changed)
        if changed:
            names = " and ".join(f"`{name}`" for name in sorted(changed))
            where = in_batches(sum(changed.values()), len(check.rows))
            first = f"Your code changes its input {names} in place"
            advice = (
                "The caller still needs the array as it was. Work on a new array: "
                "`x = x - y` makes one, `x -= y` and `x[...] = y` write into the old."
            )
            return [f"{first}{where}.", known.hint, advice], known.cause or f"{first}."
        if any(problem.kind is Kind.NOTHING_RIGHT for problem in problems):
            text = (
                "Not reached: the inputs are unchanged, but no result is right yet. This check "
                "passes once at least one of them is."
            )
            return [text], ""
        row = check.failures[0]
        if row.observed.blocked_by:
            return self._blocked(evidence, row), ""
        if row.observed.outcome is Outcome.PLACEHOLDER:
            results = evidence.batches[row.number - 1].results.items()
            name = next(n for n, o in results if o.outcome is Outcome.PLACEHOLDER)
            return [f"Not reached: {name} is not implemented yet."], ""
        needs = "every step to be run and every result to be there"
        return [f"Not reached: this check needs {needs}."], ""


def _what_to_show(evidence: Evidence, check: Check, known: Diagnosis) -> Counterexample:
    """Of the most frequent way in which a check fails the smallest inputs; else the first batch."""
    way, small = main_way(check), known.counterexample
    row = min(rows_of(check, way), key=_size, default=check.rows[0])
    problem = small.row.problem if small is not None else None
    if small is not None and problem is not None and way is not None:
        alike = way_of(problem, small.row.observed).kind == way.kind
        if alike and _size(small.row) <= _size(row):
            return small
    earlier = [other.batch for other in check.rows[: row.number - 1]]
    return Counterexample(row, earlier, evidence.batches[row.number - 1])


def _size(row: Row) -> int:
    return sum(array.size for array in row.batch.inputs.values())


def _reuse(evidence: Evidence, check: Check) -> str:
    """What to know of a failure that may come from an earlier batch rather than from its own inputs."""
    if not evidence.case.program.setup_once or check.failures[0].number == 1:
        return ""
    return (
        "The setup is run once for all batches of this test, and the first went well. If your code is "
        "right on these inputs alone, look for what an earlier batch leaves behind."
    )
