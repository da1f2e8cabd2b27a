"""A trial of the reference: what it does with each case when it is run again, in the same way."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from autograder.judging.evidence import Evidence
from autograder.judging.judge import run_of
from autograder.judging.solutions import Runner, load_world
from autograder.judging.suite import Suite
from autograder.model import Batch, TestCase
from autograder.sandbox.values import as_array


class Trial(NamedTuple):
    """What the reference did the second time, by the name of the case."""

    suite: Suite
    again: Mapping[str, Evidence]
    seconds: Mapping[str, list[float]]  # of each batch
    numbers: Mapping[str, frozenset[str]]  # names that held numbers in the end, not objects

    def results(self, case: TestCase) -> list[str]:
        """The results that earn points in a case, by themselves or by a property."""
        properties = self.suite.assignment.properties
        read = {
            n for check in case.points if check in properties for n in properties[check].parameters
        }
        return [name for name in case.observed if name in case.points or name in read]


def try_reference(suite: Suite) -> Trial:
    """Run the reference on every case, twice. Raises AssignmentError if it fails."""
    again: dict[str, Evidence] = {}
    seconds: dict[str, list[float]] = {}
    numbers: dict[str, frozenset[str]] = {}
    runner = Runner(load_world(suite.assignment)[0])
    for case in suite.assignment.cases:
        suite.expected(case)
        suite.steps(case)  # raises if the reference cannot give them
        seconds[case.name] = []
        timed = _timed(suite.batches(case), seconds[case.name])
        again[case.name] = suite.gather(case, runner.observe(run_of(case), timed))
        held = runner.objects.items()
        numbers[case.name] = frozenset(n for n, value in held if as_array(value) is not None)
    return Trial(suite, again, seconds, numbers)


def _timed(batches: Iterable[Batch], seconds: list[float]) -> Iterator[Batch]:
    """The batches one after another; notes how long each was used."""
    for batch in batches:
        start = time.perf_counter()
        yield batch
        seconds.append(time.perf_counter() - start)
