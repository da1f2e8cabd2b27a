"""Explanations: what a student reads. Each text stands on its own and says what to do.

The order is always the same: what went wrong in one sentence, what to do about it, the student's own
line or the smallest batch that shows it, the tolerance, and what the code printed.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from autograder.explain.arrays import show_comparison, show_inputs, show_shape
from autograder.judging import compare
from autograder.judging.compare import Problem, as_expected_shape
from autograder.model import INPUTS_UNCHANGED
from autograder.sandbox import observation as seen
from autograder.text import cut, one_line, plural, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograder.formats.draws import Batch
    from autograder.formats.submission import Submission
    from autograder.hints.diagnosis import Diagnosis
    from autograder.judging.judge import Evidence
    from autograder.model import Assignment, TestCase
    from autograder.sandbox.observation import Observation, StudentError

MAX_TEXT: Final = 4000
_MAX_PRINTED: Final = 1000

# What to do about an exception, by its type.
_ADVICE: Final = {
    "EOFError": "Nobody is there to type while your code is graded: leave out input().",
    "SystemExit": "Leave out exit(), quit() and sys.exit(), or move them below "
    '`if __name__ == "__main__":`.',
    "KeyboardInterrupt": "Do not raise KeyboardInterrupt; the graded code must come to its end.",
    "RecursionError": "A function calls itself without an end; look for the case that should stop it.",
    "MemoryError": "Your code asked for more memory than it may use ({memory_mb} MB).",
    "IndentationError": "Indent with four spaces everywhere, and the lines of a block alike.",
    "TabError": "Indent with spaces only; tabs and spaces are mixed.",
    "SyntaxError": "Python cannot read the file; mend this line, or the one above it.",
}


class Failure(NamedTuple):
    """One batch in which a call failed."""

    batch_number: int  # from 1
    batch: Batch
    observed: Observation
    expected: NDArray[np.float64]
    problem: Problem


class Explainer:
    """Explains the verdicts of one submission to the student who handed it in."""

    def __init__(self, assignment: Assignment, submission: Submission) -> None:
        self.calls = assignment.calls
        self._assignment = assignment
        self._submission = submission

    def text(self, evidence: Evidence, check: str, diagnosis: Diagnosis | None) -> str:
        """The text of a check: a call's method, or `inputs_unchanged`."""
        problems = evidence.problems[check]
        if check == INPUTS_UNCHANGED:
            return _text(self._inputs(evidence, problems, diagnosis))
        index = [call.method for call in self.calls].index(check)
        observations = [batch.calls[index] for batch in evidence.observed]
        expected = [values[check] for values in evidence.expected]
        failures = [
            Failure(n + 1, evidence.batches[n], observations[n], expected[n], problem)
            for n, problem in enumerate(problems)
            if problem
        ]
        if failures:
            parts = self._failed(evidence.case, check, failures, len(problems), diagnosis)
        else:
            parts = _passed(evidence.case, check, observations[0], expected)
        return _text([*parts, _printed(observations)])

    def import_notice(self, observation: Observation) -> str:
        """The text for the whole submission, where its class is not to be had."""
        return _text([*self._outcome("", observation), _printed([observation])])

    # A failed check.

    def _failed(
        self,
        case: TestCase,
        method: str,
        failures: Sequence[Failure],
        batches: int,
        diagnosis: Diagnosis | None,
    ) -> list[str]:
        failure = _most_telling(failures)
        observed = failure.observed
        same = sum(other.problem.kind == failure.problem.kind for other in failures)
        where = _in_batches(same, batches)
        hint = diagnosis.hint if diagnosis else ""
        if observed.value is None:
            parts = self._outcome(method, observed, hint)
            in_a_line = observed.error is not None and observed.error.line > 0
            if observed.outcome == seen.RAISED and observed.stage == seen.CALL and in_a_line:
                if where:
                    parts.append(f"That happened{where}.")
                parts.append(_reuse(case, failures))
                parts += self._shown(failure, batches, case, diagnosis)
        else:
            parts = [self._wrong_result(method, failure, where)]
            others = sum(
                f.problem.kind not in (failure.problem.kind, seen.NOT_REACHED) for f in failures
            )
            if others:
                parts.append(f"It fails in other ways in {plural(others, 'batch')} more.")
            parts += [hint, _reuse(case, failures)]
            parts += self._shown(failure, batches, case, diagnosis)
        if diagnosis:
            parts.append(diagnosis.steps)
        return parts

    def _shown(
        self, failure: Failure, batches: int, case: TestCase, diagnosis: Diagnosis | None
    ) -> list[str]:
        """The input that shows a failure, with expected and got."""
        small = diagnosis.counterexample if diagnosis else None
        size = sum(array.size for array in failure.batch.values())
        if small is not None and sum(a.size for a in small.batches[-1].values()) <= size:
            inputs = "The smallest input found that fails in this way:\n" + "\n".join(
                [
                    "    # then, on the same object" * (n > 0) + show_inputs(batch)
                    for n, batch in enumerate(small.batches)
                ]
            )
            observed, expected, problem = small.observed, small.expected, small.problem
        else:
            which = "" if batches == 1 else f" of batch {failure.batch_number} of {batches}"
            inputs = f"With the inputs{which}:\n{show_inputs(failure.batch)}"
            observed, expected, problem = failure.observed, failure.expected, failure.problem
        parts = [inputs]
        if problem.bad is not None and observed.value is not None:
            got = as_expected_shape(observed.value, expected)
            assert got is not None
            parts.append(show_comparison(expected, got, problem.bad))
            parts.append(f"A number is right {case.tolerance} of the expected one.")
        return parts

    def _wrong_result(self, method: str, failure: Failure, where: str) -> str:
        value, expected = failure.observed.value, failure.expected
        assert value is not None
        kind = failure.problem.kind
        if kind == compare.WRONG_SHAPE:
            wanted = "a single number" if expected.ndim == 0 else f"shape {expected.shape}"
            return (
                f"{method} returned an array of shape {show_shape(value.shape)} where {wanted} "
                f"was expected{where}."
            )
        if kind == compare.NOT_FINITE:
            names = sorted({_plain(x) for x in value.flat if not np.isfinite(x)})
            what = " and ".join(names)
            if expected.ndim == 0:
                return f"{method} returned {what} where a finite number was expected{where}."
            return f"{method} returned {what} among its numbers{where}."
        noun = "a wrong number" if expected.ndim == 0 else "wrong numbers"
        return f"{method} returned {noun}{where}."

    def _inputs(
        self, evidence: Evidence, problems: Sequence[Problem | None], diagnosis: Diagnosis | None
    ) -> list[str]:
        changed = Counter(problem.changed for problem in problems if problem and problem.changed)
        if changed:
            names = " and ".join(f"`{name}`" for name in sorted(changed))
            where = _in_batches(sum(changed.values()), len(problems))
            return [
                f"Your code changes its input {names} in place{where}.",
                diagnosis.hint if diagnosis else "",
                "Whoever called it still needs the array as it was. Work on a new array: "
                "`x = x - y` makes one, `x -= y` and `x[...] = y` write into the old.",
            ]
        if not any(problems):
            return ["Correct: the inputs are the same after the calls as before."]
        for call, observed in zip(self.calls, evidence.observed[0].calls):
            if observed.outcome == seen.PLACEHOLDER:
                return [
                    f"Not reached: {self._what(call.method, observed.stage)} is not implemented yet."
                ]
        return ["Not reached: this check needs every call to return numbers first."]

    # What happened where there is no value.

    def _outcome(self, method: str, observed: Observation, hint: str = "") -> list[str]:
        what = self._what(method, observed.stage)
        limits = self._assignment.limits
        if observed.outcome == seen.OTHER:
            return [
                f"{what} returned a value of the type `{one_line(observed.type_name, 100)}`.",
                "Return plain numbers: a numpy array, or for a single number a Python or numpy "
                "float. np.array(...) makes an array of a list.",
            ]
        if observed.outcome == seen.PLACEHOLDER:
            return self._placeholder(what, observed, hint)
        if observed.outcome == seen.TIMED_OUT:
            if observed.reason:
                return [
                    f"{what} was stopped: {observed.reason} ({limits.total_seconds:g} s).",
                    "Make your code faster; a loop over samples is seldom needed in numpy.",
                ]
            return [
                f"{what} did not finish within {limits.call_seconds:g} s.",
                "Look for a loop that never ends, or for code that waits for something.",
            ]
        if observed.outcome == seen.CRASHED and observed.reason == seen.OUT_OF_TURN:
            return [
                f"{what} was stopped, as its process {observed.reason}.",
                "Leave alone the open files that your own code has not opened.",
            ]
        if observed.outcome == seen.CRASHED:
            return [
                f"{what} ended the whole Python process, which {observed.reason}.",
                "Leave out os._exit and the like, and look for code that asks for far too much "
                f"memory (more than {limits.memory_mb} MB).",
            ]
        if observed.outcome == seen.NOT_REACHED:
            return [f"Not reached: {observed.reason}."]
        assert observed.error is not None
        return self._raised(what, observed.stage, observed.error, hint)

    def _what(self, method: str, stage: str) -> str:
        if stage == seen.IMPORT:
            return f"Importing {one_line(self._submission.main, 80)}"
        if stage == seen.CONSTRUCTOR:
            return f"Making an object, {self._construction()},"
        return method

    def _construction(self) -> str:
        names = ", ".join(self._assignment.constructor)
        return f"{self._assignment.class_name}({names})"

    def _placeholder(self, what: str, observed: Observation, hint: str) -> list[str]:
        if observed.error is None:
            return [
                f"{what} is not implemented yet: it returned {observed.type_name or 'None'}.",
                hint or "Compute the result and `return` it.",
            ]
        error = observed.error
        return [
            f"{what} is not implemented yet: it raised {one_line(error.type_name, 80)}.",
            hint or "Replace the starter's placeholder by your code.",
            self._own_line(error),
        ]

    def _raised(self, what: str, stage: str, error: StudentError, hint: str) -> list[str]:
        settings = self._assignment
        if error.type_name == "MissingClass":
            others = f" It has {one_line(error.message)}." if error.message else ""
            return [
                f"There is no class {settings.class_name} in {self._submission.main}.{others}",
                f"Call your class {settings.class_name}, with the capital letters as here.",
            ]
        if error.type_name == "MissingMethod":
            return [
                f"The class {settings.class_name} has no method {what}.",
                f"Write `def {what}(self, ...):` inside the class, indented by four spaces.",
            ]
        message = one_line(error.message)
        first = f"{what} raised {one_line(error.type_name, 80)}{': ' + message if message else ''}."
        return [first, hint or self._advice(stage, error), self._own_line(error)]

    def _advice(self, stage: str, error: StudentError) -> str:
        missing = re.fullmatch(r"No module named '([^']*)'.*", error.message, re.DOTALL)
        if missing:
            name = one_line(missing[1], 80).removeprefix("submission.")
            return (
                f"`{name}` is neither in your submission nor installed here; numpy and Python's "
                "standard library are. Hand in the missing file together with "
                f"{self._submission.main}, or do without it."
            )
        if stage == seen.IMPORT and re.search(r"null bytes|codec|encoding", error.message):
            return "The file is not plain UTF-8 text; save it as UTF-8 and hand it in again."
        kind = "MemoryError" if error.type_name.endswith("MemoryError") else error.type_name
        if stage == seen.IMPORT and error.line == 0 and kind in ("MemoryError", "RecursionError"):
            return "Python cannot read the file: something in it is nested too deeply."
        if kind in _ADVICE:
            return _ADVICE[kind].format(memory_mb=self._assignment.limits.memory_mb)
        if stage == seen.CONSTRUCTOR and error.type_name == "TypeError":
            return (
                f"The grader makes objects with `{self._construction()}`; __init__ must allow that."
            )
        return ""

    def _own_line(self, error: StudentError) -> str:
        source = self._submission.sources.get(error.path)
        if source is None or error.line < 1:
            return ""
        where = f", in {one_line(error.function, 80)}" if error.function.isidentifier() else ""
        lines = source.decode("utf-8", "replace").splitlines()
        line = lines[error.line - 1] if error.line <= len(lines) else ""
        return f"{one_line(error.path, 120)}, line {error.line}{where}:\n    {line.strip()[:160]}"


def _passed(
    case: TestCase, method: str, observed: Observation, expected: Sequence[NDArray[np.float64]]
) -> list[str]:
    where = "" if len(expected) == 1 else f" in all {len(expected)} batches"
    parts = [f"Correct{where}: {case.tolerance} of the expected values."]
    if observed.value is not None and observed.value.shape != expected[0].shape:
        parts.append(
            f"{method} returned an array of shape {observed.value.shape}. That is accepted, but "
            "a single number was asked for: .item() makes one of it."
        )
    return parts


def _most_telling(failures: Sequence[Failure]) -> Failure:
    """The failure to show: of the most frequent kind the one with the smallest inputs."""
    # What was not reached tells nothing where the reason for it is among the failures.
    causes = [failure for failure in failures if failure.problem.kind != seen.NOT_REACHED]
    if not causes:
        return failures[0]
    kind = Counter(failure.problem.kind for failure in causes).most_common(1)[0][0]
    return min(
        (failure for failure in causes if failure.problem.kind == kind),
        key=lambda failure: sum(array.size for array in failure.batch.values()),
    )


def _reuse(case: TestCase, failures: Sequence[Failure]) -> str:
    """What to know of a failure that may come of an earlier batch rather than of its own inputs."""
    if not case.shared_object or failures[0].batch_number == 1:
        return ""
    return (
        "One object is used for all batches of this test, and the first went well: look for what an "
        "earlier call leaves on `self` that a later one trips over."
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
