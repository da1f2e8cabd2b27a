"""A suite: an assignment with all that depends on it alone, each thing worked out once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

from autograder.errors import AssignmentError, Fault
from autograder.formats.assignment import digest_of
from autograder.formats.draws import draw
from autograder.judging.answers import Answers, MistakeTraces, Part, Steps
from autograder.judging.evidence import Evidence, Expected
from autograder.judging.judge import gather
from autograder.judging.properties import Properties, load_properties
from autograder.judging.small import Small, small_inputs
from autograder.model import Assignment, Batch, TestCase
from autograder.sandbox.observation import BatchObservation

# Small inputs of a case, and what is expected for each.
Tries: TypeAlias = tuple[Sequence[Small], Sequence["list[Expected] | None"]]


class Suite:
    """Answers of an assignment, for one submission or for many.

    Nothing of it is computed, and neither reference nor stored answers are read, before it is asked
    for: so a sandbox can start while there is nothing secret in memory. Its methods raise
    AssignmentError if the assignment's own files are at fault.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._answers: Answers | None = None
        self._batches: dict[str, list[Batch]] = {}
        self._expected: dict[str, list[Expected]] = {}
        self._small: dict[str, Tries] = {}
        self._steps: dict[str, Steps] = {}
        self._mistakes: list[MistakeTraces] | None = None
        self._pairs: list[MistakeTraces] | None = None
        self._properties: Properties | None = None
        self._parts: dict[str, Part | None] = {}
        self._digest = ""

    @property
    def answers(self) -> Answers:
        """The reference if the assignment has one, unless its answers are stored beside the cases."""
        if self._answers is None and self.assignment.answers_path.is_file():
            from autograder.judging.stored import StoredAnswers

            stored = StoredAnswers(self.assignment)
            if self.assignment.is_frozen or stored.suite == self.digest:
                self._answers = stored
        if self._answers is None:
            from autograder.judging.reference import Reference

            self._answers = Reference(self.assignment)
        return self._answers

    @property
    def digest(self) -> str:
        """A digest of all that is read of the assignment, by which reports can be compared."""
        self._digest = self._digest or digest_of(self.assignment)
        return self._digest

    def batches(self, case: TestCase) -> list[Batch]:
        """The batches of a case."""
        if case.name not in self._batches:
            self._batches[case.name] = draw(case.inputs)
        return self._batches[case.name]

    def expected(self, case: TestCase) -> list[Expected]:
        """What every observed result of a case must be, by batch.

        The first time, the answers of all cases are worked out, so that all faults are told at once.
        """
        if not self._expected:
            faults: list[Fault] = []
            for one in self.assignment.cases:
                try:
                    self._expected[one.name] = self.answers.expected(one, self.batches(one))
                except AssignmentError as error:
                    faults += error.faults
            if faults:
                self._expected.clear()
                raise AssignmentError(faults)
        return self._expected[case.name]

    @property
    def properties(self) -> Properties:
        """The functions that judge results of which no single one is right."""
        if self._properties is None:
            self._properties = load_properties(self.assignment)
        return self._properties

    def gather(self, case: TestCase, observed: Sequence[BatchObservation]) -> Evidence:
        """The evidence of a submission's run of a case."""
        expected, batches = self.expected(case), self.batches(case)
        return gather(self.assignment, case, batches, observed, expected, self.properties)

    def small(self, case: TestCase) -> Sequence[Small]:
        """Small inputs of a random case, with their batches, from the simplest on."""
        return self._with_expected(case)[0]

    def expected_of_small(self, case: TestCase) -> Sequence[list[Expected] | None]:
        """What the results must be for small inputs; None for those that the reference cannot do."""
        return self._with_expected(case)[1]

    def steps(self, case: TestCase) -> Steps:
        """The steps to the results of a case's last batch; empty if none are known."""
        if case.name not in self._steps:
            self._steps[case.name] = self.answers.steps(case, self.batches(case))
        return self._steps[case.name]

    def mistakes(self, checks: Collection[str]) -> list[MistakeTraces]:
        """What the known mistakes that may break these checks do, from simple to rare."""
        if self._mistakes is None:
            self._mistakes = self._traces("mistakes")
        return _breaking(checks, self._mistakes)

    def pairs(self, checks: Collection[str]) -> list[MistakeTraces]:
        """What two known mistakes at once do, as far as they may break these checks."""
        if self._pairs is None:
            self._pairs = self._traces("pairs")
        return _breaking(checks, self._pairs)

    def _with_expected(self, case: TestCase) -> Tries:
        if case.name not in self._small:
            self._small[case.name] = self._stored_small(case) or self._made_small(case)
        return self._small[case.name]

    def _stored_small(self, case: TestCase) -> Tries | None:
        part = self._part("small")
        if part is None:
            return None
        from autograder.judging.stored import read_small

        return read_small(part, case)

    def _made_small(self, case: TestCase) -> Tries:
        small = small_inputs(case)
        return small, self.answers.expected_of_small(case, small)

    def _traces(self, name: str) -> list[MistakeTraces]:
        part = self._part(name)
        if part is not None:
            from autograder.judging.stored import read_mistakes

            return read_mistakes(part)
        if self.assignment.is_frozen:
            return []
        from autograder.judging.tracing import trace_mistakes

        for case in self.assignment.cases:
            self.expected(case)
        known = self._batches, self._expected, self.properties
        return trace_mistakes(self.assignment, *known, in_pairs=name == "pairs")

    def _part(self, name: str) -> Part | None:
        """What was stored of the answers, if it is there."""
        if name not in self._parts:
            self._parts[name] = None  # while it is looked for
            self._parts[name] = self._find_part(name)
        return self._parts[name]

    def _find_part(self, name: str) -> Part | None:
        return self.answers.part(name)


def _breaking(checks: Collection[str], mistakes: Sequence[MistakeTraces]) -> list[MistakeTraces]:
    return [m for m in mistakes if any(check in checks for _, check in m.wrong)]


def faults_of_answers(assignment: Assignment) -> list[Fault]:
    """Every number of a case file that the reference misses, and what else keeps it from running."""
    if not assignment.is_frozen and not all(p.is_file() for p in assignment.reference_paths):
        return []  # which the reader has told
    try:
        suite = Suite(assignment)
        for case in assignment.cases:
            suite.expected(case)
    except AssignmentError as error:
        return list(error.faults)
    return []
