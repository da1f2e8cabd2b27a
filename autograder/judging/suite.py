"""A suite: an assignment with all that depends on it alone, each thing worked out once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autograder.errors import AssignmentError, Fault
from autograder.formats.assignment import digest_of
from autograder.formats.draws import draw
from autograder.judging.answers import Answers, MistakeTraces, Steps
from autograder.judging.evidence import Evidence, Expected
from autograder.judging.judge import gather
from autograder.judging.properties import Properties, load_properties
from autograder.judging.small import Small, small_inputs
from autograder.model import Assignment, Batch, TestCase
from autograder.sandbox.observation import BatchObservation


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
        self._small: dict[str, list[Small]] = {}
        self._expected_of_small: dict[str, list[list[Expected] | None]] = {}
        self._steps: dict[str, Steps] = {}
        self._mistakes: list[MistakeTraces] | None = None
        self._pairs: list[MistakeTraces] | None = None
        self._properties: Properties | None = None
        self._digest = ""

    @property
    def answers(self) -> Answers:
        """The reference if the assignment has one, else its stored answers."""
        if self._answers is None:
            if self.assignment.is_frozen:
                from autograder.judging.stored import StoredAnswers

                self._answers = StoredAnswers(self.assignment)
            else:
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

    def gather(self, case: TestCase, observed: Sequence[BatchObservation]) -> Evidence:
        """The evidence of a submission's run of a case."""
        if self._properties is None:
            self._properties = load_properties(self.assignment)
        expected, batches = self.expected(case), self.batches(case)
        return gather(self.assignment, case, batches, observed, expected, self._properties)

    def small(self, case: TestCase) -> list[Small]:
        """Small inputs of a random case, with their batches, from the simplest on."""
        if case.name not in self._small:
            self._small[case.name] = small_inputs(case)
        return self._small[case.name]

    def expected_of_small(self, case: TestCase) -> list[list[Expected] | None]:
        """What the results must be for small inputs; None for those that the reference cannot do."""
        if case.name not in self._expected_of_small:
            small = self.small(case)
            self._expected_of_small[case.name] = self.answers.expected_of_small(case, small)
        return self._expected_of_small[case.name]

    def steps(self, case: TestCase) -> Steps:
        """The steps to the results of a case's last batch; empty if none are known."""
        if case.name not in self._steps:
            self._steps[case.name] = self.answers.steps(case, self.batches(case))
        return self._steps[case.name]

    def mistakes(self, checks: Collection[str]) -> list[MistakeTraces]:
        """What the known mistakes that may break these checks do, from simple to rare."""
        if self._mistakes is None:
            from autograder.judging.stored import stored_mistakes

            stored = stored_mistakes(self.assignment, self.digest)
            self._mistakes = self.answers.mistakes() if stored is None else stored
        return _breaking(checks, self._mistakes)

    def pairs(self, checks: Collection[str]) -> list[MistakeTraces]:
        """What two known mistakes at once do, as far as they may break these checks."""
        if self._pairs is None:
            from autograder.judging.stored import stored_mistakes

            stored = stored_mistakes(self.assignment, self.digest, "pairs")
            self._pairs = self.answers.pairs() if stored is None else stored
        return _breaking(checks, self._pairs)


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
