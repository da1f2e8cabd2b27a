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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from autograder.formats.assignment import load_assignment
from autograder.formats.draws import draw
from autograder.hints.diagnose import diagnose
from autograder.hints.smallest import try_small
from autograder.judging.diagnosis import Diagnosis
from autograder.judging.evidence import Evidence
from autograder.judging.judge import run_of
from autograder.judging.mistakes import Mistake, load_mistakes
from autograder.judging.solutions import Modules, Runner
from autograder.judging.suite import Suite
from autograder.judging.verdicts import points_earned
from autograder.model import INPUTS_UNCHANGED, VISIBILITIES, case_groups
from autograder.sandbox import CaseRun
from autograder.sandbox.observation import BatchObservation, Outcome

REPOSITORY = Path(__file__).resolve().parents[2]


class Solution(NamedTuple):
    """What replaces names of the reference, and the modules that it builds on."""

    modules: Modules
    replaced: Mapping[str, object]


class Graded(NamedTuple):
    """A solution that was graded, and what it was told."""

    evidence: list[Evidence]
    diagnoses: dict[tuple[str, str], Diagnosis]

    @property
    def points(self) -> float:
        return sum(
            points_earned(one.case, check.name, check.share)
            for one in self.evidence
            for check in one.checks.values()
        )

    def failed(self, check: str) -> list[Evidence]:
        """The cases in which a check came so far that it can be wrong, and is."""
        return [
            one
            for one in self.evidence
            if one.failed(check)
            and any(
                row.problem and row.problem.kind is not Outcome.NOT_REACHED
                for row in one.checks[check].rows
            )
        ]

    def told(self, case: str, check: str) -> Diagnosis:
        return self.diagnoses.get((case, check), Diagnosis())

    def texts(self, check: str) -> set[str]:
        """The hints that were told for a check; several mistakes may share one."""
        return {self.told(one.case.name, check).cause for one in self.failed(check)}

    def hints(self, check: str) -> set[str]:
        """The names of the mistakes that were told for a check."""
        return {self.told(one.case.name, check).mistake or "-" for one in self.failed(check)}


class Bench:
    """An assignment with everything that is worked out once."""

    def __init__(
        self, folder: Path = REPOSITORY, visibilities: Sequence[str] = VISIBILITIES
    ) -> None:
        assignment = load_assignment(folder)
        cases = tuple(case for case in assignment.cases if case.visibility in visibilities)
        self.assignment = assignment._replace(cases=cases)
        self.suite = Suite(self.assignment)
        self.groups = case_groups(self.assignment.cases)

    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes, their classes as new."""
        return load_mistakes(self.assignment)

    def runner(self, solution: Mistake | Solution) -> Runner:
        """What runs programs on a solution."""
        return Runner(solution.modules, solution.replaced)

    def run(self, versions: Sequence[Mistake | Solution]) -> list[Evidence]:
        """Run and judge a solution, given once for each group of cases."""
        evidence: dict[str, Evidence] = {}
        for group, solution in zip(self.groups, versions):
            runner = self.runner(solution)
            for case in group:
                observed = runner.observe(run_of(case), self.suite.batches(case))
                evidence[case.name] = self.suite.gather(case, observed)
        return [evidence[case.name] for case in self.assignment.cases]

    def grade(self, versions: Sequence[Mistake | Solution]) -> Graded:
        """Likewise, and diagnose it."""
        in_order = self.run(versions)
        runner = self.runner(versions[0])

        def run_small(runs: Sequence[CaseRun]) -> list[tuple[BatchObservation, ...]]:
            return [runner.observe(run, draw(run.inputs)) for run in runs]

        visible = [one for one in in_order if one.case.visibility == "visible"]
        tried = try_small(self.suite, visible, run_small, lambda: False)
        return Graded(in_order, diagnose(self.suite, in_order, tried))


def combine(one: Mistake, other: Mistake) -> Solution:
    """A solution with the forward of one and the backward of another."""
    (name, first), (_, second) = *one.replaced.items(), *other.replaced.items()
    makes: tuple[Any, Any] = first, second

    class Combined:
        def __init__(self) -> None:
            self.one, self.other = makes[0](), makes[1]()

        def forward(self, A: Any, Y: Any) -> Any:
            self.other.forward(A.copy(), Y.copy())
            return self.one.forward(A, Y)

        def backward(self) -> Any:
            return self.other.backward()

    return Solution(one.modules, {name: Combined})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=400)
    options = parser.parse_args()
    bench = Bench()
    fresh = [bench.mistakes() for _ in bench.groups]
    total = sum(points for case in bench.assignment.cases for points in case.points.values())
    told = exact = 0
    seconds = []
    assert bench.suite.pairs  # worked out once, and not a part of the figures
    print(f"{'mistake':40} lost  counterexample  hint")
    for versions in zip(*fresh):
        start = time.perf_counter()
        graded = bench.grade(versions)
        seconds.append(time.perf_counter() - start)
        mistake = versions[0]
        hints = {check: graded.hints(check) for check in mistake.breaks if graded.failed(check)}
        own = all(names == {mistake.name} for names in hints.values())
        exact += own
        told += all("-" not in names for names in hints.values())
        sizes = {
            " ".join(str(array.shape) for array in found.counterexample.row.batch.inputs.values())
            for found in graded.diagnoses.values()
            if found.counterexample
        }
        shown = "own" if own else str({check: sorted(names) for check, names in hints.items()})
        lost = total - graded.points
        print(f"{mistake.name:40} {lost:4.0f}  {min(sizes, default='-'):14}  {shown}")
    print(f"\na hint on every failed check: {told} of {len(fresh[0])}")
    print(f"its own hint on every failed check: {exact} of {len(fresh[0])}")
    print(f"diagnosis, median: {statistics.median(seconds) * 1000:.0f} ms")
    _pairs(bench, options.pairs)


def _pairs(bench: Bench, most: int) -> None:
    mistakes = [m for m in bench.mistakes() if INPUTS_UNCHANGED not in m.breaks]
    alone = {}
    raising = set()  # which leave nothing for the other to go on with
    for mistake in mistakes:
        graded = bench.grade([mistake] * len(bench.groups))
        alone[mistake.name] = {check: graded.texts(check) for check in mistake.breaks}
        batches = [batch for one in graded.evidence for batch in one.batches]
        if any(next(iter(batch.results.values())).value is None for batch in batches):
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
        graded = bench.grade([combine(one, other)] * len(bench.groups))
        good = all(
            not graded.failed(check) or graded.texts(check) <= alone[mistake.name].get(check, set())
            for check, mistake in (("forward", one), ("backward", other))
        )
        both += good
        if not good:
            print(
                f"  {one.name} / {other.name}: {graded.hints('forward')} {graded.hints('backward')}"
            )
    print(
        f"pairs: {both} of {len(chosen)} (of {len(pairs)}) get in both methods what each mistake "
        "gets alone"
    )


if __name__ == "__main__":
    main()
