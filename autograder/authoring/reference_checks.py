"""Checks on what the reference does with the test cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from autograder.authoring.findings import ERROR, WARNING, Finding
from autograder.errors import Place
from autograder.explain.arrays import show_shape
from autograder.judging.answers import Reference
from autograder.judging.judge import find_problems
from autograder.judging.solutions import Runner, load_module
from autograder.model import Assignment
from autograder.sandbox.observation import BatchObservation

if TYPE_CHECKING:
    from autograder.formats.draws import Batch
    from autograder.judging.answers import Expected

SLOWER: Final = 10  # how much a right solution may be, with loops and on a busy machine


class Trial(NamedTuple):
    """What the reference does with each case, by name."""

    drawn: Mapping[str, list[Batch]]
    expected: Mapping[str, Expected]
    again: Mapping[str, list[BatchObservation]]  # a second time, each batch on an object of its own
    seconds: Mapping[str, list[float]]  # of each batch, then


def try_reference(assignment: Assignment, drawn: Mapping[str, list[Batch]]) -> Trial:
    """Run the reference on every case, twice. Raises AssignmentError if it fails."""
    reference = Reference(assignment)
    expected = reference.expected_of_all(drawn)
    for case in assignment.cases:
        reference.steps(case, drawn[case.name])  # raises if the reference cannot give them
    solution = getattr(load_module(assignment.reference_path), assignment.class_name)
    runner = Runner(solution, assignment)
    again: dict[str, list[BatchObservation]] = {name: [] for name in drawn}
    seconds: dict[str, list[float]] = {name: [] for name in drawn}
    for name, batches in drawn.items():
        for batch in batches:
            start = time.perf_counter()
            again[name] += runner.observe([batch], shared_object=False)
            seconds[name].append(time.perf_counter() - start)
    return Trial(drawn, expected, again, seconds)


def results_are_finite(assignment: Assignment, trial: Trial) -> Iterator[Finding]:
    for case in assignment.cases:
        for call in assignment.calls:
            bad = [
                n
                for n, values in enumerate(trial.expected[case.name], 1)
                if not np.isfinite(values[call.method]).all()
            ]
            if bad:
                where = f" in batch {bad[0]}" if case.inputs.batches > 1 else ""
                yield Finding(
                    case.place,
                    ERROR,
                    f"the reference gives NaN or infinity for {call.method}{where}; fix it, or choose "
                    "inputs for which the result is a number",
                )


def results_have_one_form(assignment: Assignment, trial: Trial) -> Iterator[Finding]:
    """Only the number of dimensions must be the same; sizes may depend on the inputs."""
    usual: dict[str, tuple[tuple[int, ...], str]] = {}
    for case in assignment.cases:
        for call in assignment.calls:
            for values in trial.expected[case.name]:
                shape = values[call.method].shape
                first, where = usual.setdefault(call.method, (shape, case.name))
                if len(shape) != len(first):
                    yield Finding(
                        case.place,
                        ERROR,
                        f"the reference gives shape {show_shape(shape)} for {call.method} here, and "
                        f"{show_shape(first)} in `{where}`; fix it, or the shapes of the inputs",
                    )
                    break


def reference_passes(assignment: Assignment, trial: Trial) -> Iterator[Finding]:
    """A second run must give what the first gave, and leave the inputs unchanged."""
    for case in assignment.cases:
        again, expected = trial.again[case.name], trial.expected[case.name]
        found = find_problems(case, assignment.calls, trial.drawn[case.name], again, expected)
        lost = [check for check, problems in found.items() if any(problems)]
        if lost and all(np.isfinite(v).all() for values in expected for v in values.values()):
            yield Finding(
                case.place,
                ERROR,
                f"the reference itself fails {' and '.join(lost)} when it is run again, each batch "
                "on a new object; fix it",
            )


def there_is_time(assignment: Assignment, trial: Trial) -> Iterator[Finding]:
    limits = assignment.limits
    for case in assignment.cases:
        longest = max(trial.seconds[case.name])
        if SLOWER * longest > limits.call_seconds:
            yield _slow(
                case.places.get("random", case.place), "a batch", longest, limits.call_seconds
            )
    total = sum(map(sum, trial.seconds.values()))
    if SLOWER * total > limits.total_seconds:
        place = assignment.places.get("limits", Place(assignment.settings_path))
        yield _slow(place, "all cases", total, limits.total_seconds)


def _slow(place: Place, what: str, seconds: float, limit: float) -> Finding:
    return Finding(
        place,
        ERROR if seconds > limit else WARNING,
        f"the reference takes {seconds:.2g} s for {what}, and {limit:g} s is the limit; a "
        f"solution {SLOWER} times slower would exceed it: choose smaller sizes, or raise the limit",
    )


REFERENCE_CHECKS: Final[tuple[Callable[[Assignment, Trial], Iterator[Finding]], ...]] = (
    results_are_finite,
    results_have_one_form,
    reference_passes,
    there_is_time,
)
