"""Measures the hints: for every known mistake, and for pairs of one in forward and one in backward.

`python -m autograder.tests.hint_figures` prints the table; `--pairs N` limits the pairs that are tried.
Each is diagnosed as a submission would be, without the sandbox, which does not change a number.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from autograder.formats.assignment import load_assignment
from autograder.hints.diagnosis import Diagnosis, diagnose
from autograder.judging.answers import Reference
from autograder.judging.judge import Evidence, gather, share_passed
from autograder.judging.mistakes import Mistake, load_mistakes
from autograder.judging.solutions import Runner
from autograder.judging.verdicts import points_earned
from autograder.model import INPUTS_UNCHANGED, VISIBILITIES, Assignment, case_groups
from autograder.sandbox import CaseRun
from autograder.sandbox.observation import NOT_REACHED, BatchObservation

if TYPE_CHECKING:
    from autograder.formats.draws import Batch
    from autograder.judging.answers import Expected

REPOSITORY = Path(__file__).resolve().parents[2]


class Known(Reference):
    """The reference, which works out small examples once for many submissions."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(assignment)
        self._small: dict[str, list[Expected | None]] = {}

    def expected_of_small(self, case: Any, small: Any) -> list[Expected | None]:
        if case.name not in self._small:
            self._small[case.name] = super().expected_of_small(case, small)
        return self._small[case.name]


class Tried(NamedTuple):
    """A solution that was graded, and what it was told."""

    evidence: list[Evidence]
    diagnoses: dict[tuple[str, str], Diagnosis]

    @property
    def points(self) -> float:
        return sum(
            points_earned(one.case, check, share_passed(problems))
            for one in self.evidence
            for check, problems in one.problems.items()
        )

    def failed(self, check: str) -> list[Evidence]:
        return [
            one
            for one in self.evidence
            if any(p and p.kind != NOT_REACHED for p in one.problems.get(check, ()))
        ]

    def hints(self, check: str) -> set[str]:
        """The names of the mistakes that were told for a check."""
        return {self.diagnoses[one.case.name, check].mistake or "-" for one in self.failed(check)}


class Bench:
    """An assignment with everything that is worked out once."""

    def __init__(
        self, folder: Path = REPOSITORY, visibilities: Sequence[str] = VISIBILITIES
    ) -> None:
        assignment = load_assignment(folder)
        cases = tuple(case for case in assignment.cases if case.visibility in visibilities)
        self.assignment = assignment._replace(cases=cases)
        self.oracle = Known(self.assignment)
        self.drawn: dict[str, list[Batch]] = {
            case.name: case.inputs.draw() for case in self.assignment.cases
        }
        self.expected = self.oracle.expected_of_all(self.drawn)

    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes, their classes as new."""
        return load_mistakes(self.assignment)

    def diagnose(self, versions: Sequence[type]) -> Tried:
        """Grade and diagnose a solution, given once for each group of cases."""
        assignment = self.assignment
        observed: dict[str, tuple[BatchObservation, ...]] = {}
        for group, solution in zip(case_groups(assignment.cases), versions):
            runner = Runner(solution, assignment)
            for case in group:
                observed[case.name] = runner.observe(
                    self.drawn[case.name], shared_object=case.shared_object
                )
        evidence = [
            gather(
                case,
                assignment.calls,
                self.drawn[case.name],
                observed[case.name],
                self.expected[case.name],
            )
            for case in assignment.cases
        ]
        runner = Runner(versions[-1], assignment)

        def run_small(runs: Sequence[CaseRun]) -> list[tuple[BatchObservation, ...]]:
            return [
                runner.observe(run.inputs.draw(), shared_object=run.shared_object) for run in runs
            ]

        return Tried(evidence, diagnose(assignment, evidence, self.oracle, run_small))


def combine(one: type, other: type) -> type:
    """A solution with the forward of one and the backward of another."""

    class Combined:
        def __init__(self) -> None:
            self.one, self.other = one(), other()

        def forward(self, A: Any, Y: Any) -> Any:
            self.other.forward(A, Y)
            return self.one.forward(A, Y)

        def backward(self) -> Any:
            return self.other.backward()

    return Combined


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=400)
    options = parser.parse_args()
    bench = Bench()
    groups = case_groups(bench.assignment.cases)
    fresh = [bench.mistakes() for _ in groups]
    total = sum(points for case in bench.assignment.cases for points in case.points.values())
    told = 0
    seconds = []
    print(f"{'mistake':40} lost  counterexample  hint")
    for versions in zip(*fresh):
        start = time.perf_counter()
        tried = bench.diagnose([mistake.solution for mistake in versions])
        seconds.append(time.perf_counter() - start)
        mistake = versions[0]
        hints = {check: tried.hints(check) for check in mistake.breaks if tried.failed(check)}
        own = all(names == {mistake.name} for names in hints.values())
        told += all("-" not in names for names in hints.values())
        sizes = {
            " ".join(str(array.shape) for array in found.counterexample.batches[-1].values())
            for found in tried.diagnoses.values()
            if found.counterexample
        }
        shown = "own" if own else str({check: sorted(names) for check, names in hints.items()})
        print(
            f"{mistake.name:40} {total - tried.points:4.0f}  {min(sizes, default='-'):14}  {shown}"
        )
    print(f"\na hint on every failed check: {told} of {len(fresh[0])}")
    print(f"diagnosis, median: {statistics.median(seconds) * 1000:.0f} ms")
    _pairs(bench, options.pairs)


def _pairs(bench: Bench, most: int) -> None:
    mistakes = [m for m in bench.mistakes() if INPUTS_UNCHANGED not in m.breaks]
    alone = {}
    raising = set()  # which leave nothing for the other to go on with
    for mistake in mistakes:
        tried = bench.diagnose([mistake.solution] * 4)
        alone[mistake.name] = {check: tried.hints(check) for check in mistake.breaks}
        if any(b.calls[0].value is None for one in tried.evidence for b in one.observed):
            raising.add(mistake.name)
    pairs = [
        (one, other)
        for one, other in itertools.product(mistakes, mistakes)
        if "forward" in one.breaks and "backward" in other.breaks
        if not raising & {one.name, other.name}
    ]
    chosen = pairs if len(pairs) <= most else random.Random(0).sample(pairs, most)
    both = 0
    for one, other in chosen:
        tried = bench.diagnose([combine(one.solution, other.solution)] * 4)
        good = all(
            not tried.failed(check) or tried.hints(check) <= alone[mistake.name].get(check, set())
            for check, mistake in (("forward", one), ("backward", other))
        )
        both += good
    print(
        f"pairs: {both} of {len(chosen)} (of {len(pairs)}) get in both methods what each mistake "
        "gets alone"
    )


if __name__ == "__main__":
    main()
