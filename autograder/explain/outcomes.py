"""What to say of a step or an import that gave nothing to look at: one sentence, advice, the line."""

from __future__ import annotations

import re
from typing import Final

from autograder.explain.advice import advice_on, closest, version_note
from autograder.explain.examples import BLOCK, lines_of
from autograder.explain.source import (
    in_place_of_a_class,
    misspelt,
    scope_advice,
    signature_advice,
    type_advice,
    why_missing,
)
from autograder.formats.submission import Submission
from autograder.formats.wanted_files import listed
from autograder.model import Assignment, TestCase
from autograder.sandbox.observation import (
    MISSING_ATTRIBUTE,
    MISSING_NAME,
    WRONG_COUNT,
    Observation,
    Outcome,
    StudentError,
)
from autograder.sandbox.session import LESS_TIME, OUT_OF_TURN
from autograder.text import one_line

# What to do about a value of a type that holds no numbers.
_OF_TYPE: Final = {
    "": "Return plain numbers: a numpy array, or for a single number a Python or numpy float.",
    "tuple": "More than one thing is returned: return only the one that is asked for.",
    "function": "A function is returned and not what it gives: call it, with round brackets.",
    "method": "A method is returned and not what it gives: call it, with round brackets.",
    "generator": (
        "A generator has computed nothing yet, and `yield` or `(... for ...)` makes one: return numbers."
    ),
    "coroutine": "`async def` makes a coroutine, whose lines have not run yet: write `def`.",
}


class Outcomes:
    """Says what became of steps and imports of one submission."""

    def __init__(self, assignment: Assignment, submission: Submission) -> None:
        self._assignment = assignment
        self._submission = submission

    def say(self, case: TestCase, name: str, observed: Observation, hint: str = "") -> list[str]:
        """Sentences on a result that is not numbers; `name` is that of the result, or "" for none."""
        what = self._what(case, name, observed)
        if observed.outcome is Outcome.OTHER:
            said = f"{name} is a value of the type `{one_line(observed.type_name, 100)}`."
            kind = re.sub(r".*(function|method).*", r"\1", observed.type_name)
            return [said, _OF_TYPE.get(kind, _OF_TYPE[""])]
        if observed.outcome is Outcome.PLACEHOLDER:
            return self._placeholder(case, name, what, observed, hint)
        if observed.outcome is Outcome.TIMED_OUT:
            return self._timed_out(what, observed)
        if observed.outcome is Outcome.CRASHED:
            first = f"{what} ended the whole Python process, which {observed.reason}."
            advice = (
                "Leave out os._exit and the like, and look for code that asks for far too much "
                f"memory (more than {self._assignment.limits.memory_mb} MB)."
            )
            if observed.reason == OUT_OF_TURN:
                first = f"{what} was stopped, because its process {observed.reason}."
                advice = "Do not touch files that your own code has not opened."
            elif "SIGSEGV" in observed.reason:
                advice = "Look for a function that calls itself endlessly, and for ctypes."
            return [first, advice]
        if observed.outcome is Outcome.NOT_REACHED:
            return [observed.reason if observed.file else f"Not reached: {observed.reason}."]
        if observed.error is None:
            return [f"{what} gave nothing."]
        return self._raised(case, what, observed, observed.error, hint)

    def _what(self, case: TestCase, name: str, observed: Observation) -> str:
        if observed.file:
            return f"Importing {one_line(self._submission.files.get(observed.file, observed.file), 80)}"
        steps = case.program.steps
        if not 0 <= observed.step < len(steps):
            return name
        step, line = steps[observed.step], lines_of(case.program, observed.step)
        if observed.error is not None and observed.error.step_line > 1:
            lines = step.text.splitlines()
            line = lines[min(observed.error.step_line, len(lines)) - 1].strip()
        elif step.results and not BLOCK.match(step.text):
            line = step.text.partition("=")[2].strip() or step.text
        return f"`{one_line(line, 120)}`"

    def _placeholder(
        self, case: TestCase, name: str, what: str, observed: Observation, hint: str
    ) -> list[str]:
        if observed.error is None:
            nothing = one_line(observed.type_name, 80) or "None"
            first = f"{what} is not implemented yet: it returned {nothing}."
            if name and observed.step >= 0 and case.program.steps[observed.step].unpacks:
                first = f"{name} is not implemented yet: {what} gave {nothing} for it."
            elif observed.printed:
                first = f"{what} prints something and returns {nothing}."
            return [first, hint or "Compute the result and `return` it."]
        error = observed.error
        return [
            f"{what} is not implemented yet: it raised {one_line(error.type_name, 80)}.",
            hint or "Replace the starter's placeholder with your code.",
            self.own_line(error),
        ]

    def _timed_out(self, what: str, observed: Observation) -> list[str]:
        limits = self._assignment.limits
        first = f"{what} did not finish within {limits.call_seconds:g} s."
        advice = "Look for a loop or calls that never end, or for code that waits for something."
        if observed.reason == LESS_TIME:
            first = f"{what} did not finish: {observed.reason}."
        elif observed.reason:
            first = f"{what} was stopped: {observed.reason} ({limits.total_seconds:g} s)."
            advice = "Make your code faster; a loop over the entries of an array is seldom needed."
        return [first, advice, self.own_line(observed.error) if observed.error else ""]

    def _raised(
        self, case: TestCase, what: str, observed: Observation, error: StudentError, hint: str
    ) -> list[str]:
        if error.type_name == MISSING_NAME:
            return self._missing_name(case, error)
        if error.type_name == MISSING_ATTRIBUTE:
            return self._missing_attribute(case, observed, error)
        if error.type_name == WRONG_COUNT:
            step, gave = case.program.steps[observed.step], one_line(error.message, 100)
            call = one_line(step.text.partition("=")[2].strip(), 120)
            wanted = f"{len(step.assigns)} values, {listed(step.assigns)}"
            article = "" if gave[:1].isdigit() or gave.startswith("None") else "a "
            return [f"`{call}` must return {wanted}; it returned {article}{gave}."]
        message = "" if error.type_name == "SystemExit" else one_line(error.message)
        first = f"{what} raised {one_line(error.type_name, 80)}"
        first += f": {message.rstrip('.')}" if message else ""
        first += "" if first.endswith("?") else "."
        advice = hint or self._advice(case, observed, error)
        # At home the versions are the student's own.
        frozen = self._assignment.is_frozen
        versions = "" if frozen else version_note(error.type_name, error.message)
        return [first, advice, versions, self.own_line(error)]

    def _missing_name(self, case: TestCase, error: StudentError) -> list[str]:
        name = one_line(error.message, 80)
        files = {bound: i.file for i in case.program.imports for bound in i.binds}
        file = files.get(error.message) or self._assignment.submission[0]
        path = one_line(self._submission.files.get(file, file), 80)
        why = why_missing(self._text(path), error.message)
        if why:
            return [f"There is no {name} in {path}.", why]
        known = [known for known in error.owner.split(", ") if known]
        has = f" It has {one_line(', '.join(known))}." if known else ""
        close = closest(name, known, 0.5)
        made = "" if close else in_place_of_a_class(self._text(path), name, case.program)
        if made:
            return [f"There is no {name} in {path}.{has}", made]
        what = f"Rename {one_line(close, 80)} to {name}" if close else f"Call it {name}"
        return [
            f"There is no {name} in {path}.{has}",
            f"{what}, with capital letters exactly as here.",
        ]

    def _advice(self, case: TestCase, observed: Observation, error: StudentError) -> str:
        missing = re.fullmatch(r"No module named '([^']*)'.*", error.message, re.DOTALL)
        if missing:
            name = one_line(missing[1], 80).removeprefix("submission.")
            files, own = self._assignment.submission, f"{name.replace('.', '/')}.py"
            wanted = listed(files)
            if own in files:
                return f"There is no {own} in your submission. Hand in {wanted} together."
            return (
                f"`{name}` is neither in your submission nor installed here; numpy and Python's "
                f"standard library are. Hand in the missing file together with {wanted}, or do "
                "without it."
            )
        if observed.file and re.search(r"null bytes|codec|encoding", error.message):
            return "The file is not plain UTF-8 text; save it as UTF-8 and hand it in again."
        too_deep = error.type_name in ("MemoryError", "RecursionError")
        if observed.file and error.line == 0 and too_deep:
            return "Python cannot read the file: something in it is nested too deeply."
        source = self._text(error.path) or self.asked_for()
        what, told = (error.type_name, error.message), ""
        if not error.line and 0 <= observed.step < len(case.program.steps):
            text = case.program.steps[observed.step].text
            called = re.match(r"(\w+)\(\) (?:missing|takes)", error.message)
            if called and re.search(rf"^def[ \t]+{called[1]}\b", source, re.MULTILINE):
                told = in_place_of_a_class(source, called[1], case.program)
            told = told or signature_advice(source, text, error.message, by_grader=True)
            told = told or type_advice(source, *what)
        elif "<locals>" not in error.message:
            line = self.own_line(error)
            told = signature_advice(source, line, error.message, by_grader=False)
        told = told or scope_advice(source, *what)
        memory_mb = self._assignment.limits.memory_mb
        return told or advice_on(*what, self.own_line(error), memory_mb)

    def _missing_attribute(
        self, case: TestCase, observed: Observation, error: StudentError
    ) -> list[str]:
        owner, name = one_line(error.owner, 80), one_line(error.message, 80)
        step = case.program.steps[observed.step]
        if re.search(rf"\.{re.escape(error.message)}\s*\(", step.text):
            close = closest(name, re.findall(r"^\s+def\s+(\w+)", self.asked_for(), re.M), 0.7)
            # The methods that the program calls have their names for good.
            called = {
                m for one in case.program.steps for m in re.findall(r"\.(\w+)\s*\(", one.text)
            }
            advice = f"Write `def {name}(self, ...):` inside the class, indented by four spaces."
            if close and close not in called:
                advice = f"Rename {one_line(close, 80)} to {name}, spelled exactly like this."
            return [f"The class {owner} has no method {name}.", advice]
        line = one_line(lines_of(case.program, observed.step), 120)
        alike = misspelt(self.asked_for(), error.message, case.program)
        advice = f"Your code sets `self.{alike}`: call it {name}, spelled exactly like this."
        if not alike:
            advice = f"Set `self.{name}` in the method that computes it."
        return [f"The {owner} has no {name} when `{line}` reads it.", advice]

    def asked_for(self) -> str:
        """The text of the files that are asked for, without what lies beside them."""
        return "\n".join(map(self._text, self._submission.files.values()))

    def _text(self, path: str) -> str:
        return self._submission.sources.get(path, b"").decode("utf-8", "replace")

    def own_line(self, error: StudentError) -> str:
        """The student's line that an error points to, with where it is; or ""."""
        source = self._submission.sources.get(error.path)
        if source is None or error.line < 1:
            return ""
        where = f", in {one_line(error.function, 80)}" if error.function.isidentifier() else ""
        lines = source.decode("utf-8", "replace").splitlines()
        line = lines[error.line - 1] if error.line <= len(lines) else ""
        return f"{one_line(error.path, 120)}, line {error.line}{where}:\n    {line.strip()[:160]}"
