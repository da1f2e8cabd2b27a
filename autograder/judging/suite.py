"""A suite: an assignment with all that depends on it alone, each thing worked out once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from autograder.errors import AssignmentError, Fault
from autograder.formats.draws import draw
from autograder.judging.evidence import Evidence, Expected, Steps
from autograder.judging.judge import Properties, gather, load_properties
from autograder.model import Assignment, Batch, TestCase
from autograder.sandbox.observation import BatchObservation

if TYPE_CHECKING:  # of which each run needs a part only
    from autograder.judging.reference import Reference
    from autograder.judging.small import Small
    from autograder.judging.stored import Part, StoredAnswers
    from autograder.judging.traces import MistakeTraces, Trace


class Suite:
    """Answers of an assignment, for one submission or for many.

    Nothing of it is computed, and neither reference nor stored answers are read, before it is asked
    for: so a sandbox can start while there is nothing secret in memory. Its methods raise
    AssignmentError if the assignment's own files are at fault.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._batches: dict[str, list[Batch]] = {}
        self._expected: dict[str, list[Expected]] = {}
        self._small: dict[str, list[Small]] = {}
        self._steps: dict[str, Steps] = {}
        self._parts: dict[str, Part | None] = {}

    @cached_property
    def answers(self) -> Reference | StoredAnswers:
        """The reference if the assignment has one, unless its answers are stored beside the cases."""
        if self.assignment.answers_path.is_file():
            from autograder.judging.stored import StoredAnswers

            stored = StoredAnswers(self.assignment)
            if self.assignment.is_frozen or stored.suite == self.digest:
                return stored
        from autograder.judging.reference import Reference

        return Reference(self.assignment)

    @cached_property
    def digest(self) -> str:
        """A digest of all that is read of the assignment, by which reports can be compared."""
        from autograder.digest import digest_of_suite  # hashlib is slow to import

        return digest_of_suite(self.assignment.folder)

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
            try:
                _ = self.properties
            except AssignmentError as error:
                faults += error.faults
            if faults:
                self._expected.clear()
                raise AssignmentError(faults)
        return self._expected[case.name]

    @cached_property
    def properties(self) -> Properties:
        """The functions that judge results of which no single one is right."""
        return load_properties(self.assignment)

    def gather(self, case: TestCase, observed: Sequence[BatchObservation]) -> Evidence:
        """The evidence of a submission's run of a case."""
        expected, batches = self.expected(case), self.batches(case)
        return gather(self.assignment, case, batches, observed, expected, self.properties)

    def small(self, case: TestCase) -> list[Small]:
        """Small inputs of a random case that the reference can do, from the simplest on."""
        if case.name not in self._small:
            part = self._part("small")
            if part is not None:
                from autograder.judging.small import read_small

                self._small[case.name] = read_small(part, case)
            else:
                self._small[case.name] = self.answers.small(case)
        return self._small[case.name]

    def steps(self, case: TestCase) -> Steps:
        """The steps to the results of a case's last batch; empty if none are known."""
        if case.name not in self._steps:
            self._steps[case.name] = self.answers.steps(case, self.batches(case))
        return self._steps[case.name]

    @cached_property
    def mistakes(self) -> list[MistakeTraces]:
        """What the known mistakes that break something do, from simple to rare."""
        return self._traced("mistakes")

    @cached_property
    def pairs(self) -> list[MistakeTraces]:
        """What two known mistakes at once do."""
        return self._traced("pairs")

    def _traced(self, name: str) -> list[MistakeTraces]:
        part = self._part(name)
        if part is not None:
            from autograder.judging.traces import read_mistakes

            return read_mistakes(part)
        if self.assignment.is_frozen:
            return []
        from autograder.judging.mistakes import observed_mistakes
        from autograder.judging.traces import MistakeTraces, trace_of

        found: dict[tuple[str, str], dict[tuple[str, str], list[Trace]]] = defaultdict(dict)
        both = name == "pairs"
        for mistake, case, seen in observed_mistakes(self.assignment, self.batches, in_pairs=both):
            for check in self.gather(case, seen).checks.values():
                if check.name in mistake.breaks and not check.passed:
                    traces = list(map(trace_of, check.rows))
                    found[mistake.name, mistake.hint][case.name, check.name] = traces
        return [MistakeTraces(*told, wrong) for told, wrong in found.items()]

    def _part(self, name: str) -> Part | None:
        """What was stored of the answers, if it is there."""
        if name not in self._parts:
            self._parts[name] = None  # while it is looked for
            self._parts[name] = self._find_part(name)
        return self._parts[name]

    def _find_part(self, name: str) -> Part | None:
        return self.answers.part(name)


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
