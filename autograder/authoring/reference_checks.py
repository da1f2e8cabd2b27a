"""Checks on what the reference does with the test cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from autograder.authoring.findings import ERROR, WARNING, Finding
from autograder.authoring.trial import Trial
from autograder.errors import Place
from autograder.formats.structure import listed
from autograder.judging.evidence import Check, Expected, Kind
from autograder.model import TestCase
from autograder.sandbox.allowance import RESULT_BYTES
from autograder.text import show_shape

SLOWER: Final = 10  # how much a right solution may be, with loops and on a busy machine


def results_are_finite(trial: Trial) -> Iterator[Finding]:
    """The reference gives no NaN and no infinity."""
    for case in trial.suite.assignment.cases:
        for name in trial.results(case):
            expected = trial.suite.expected(case)
            bad = [n for n, v in enumerate(expected, 1) if not np.isfinite(v[name]).all()]
            if bad:
                where = f" in batch {bad[0]}" if case.inputs.batches > 1 else ""
                yield Finding(
                    case.place,
                    ERROR,
                    f"the reference gives NaN or infinity for {name}{where}; fix it, or choose "
                    "inputs for which the result is a number",
                )


def results_have_one_form(trial: Trial) -> Iterator[Finding]:
    """Inputs of as many dimensions give results of as many; sizes may depend on the inputs."""
    usual: dict[object, tuple[tuple[int, ...], str]] = {}
    for case in trial.suite.assignment.cases:
        for name in trial.results(case):
            for batch, values in zip(trial.suite.batches(case), trial.suite.expected(case)):
                form = tuple((given, array.ndim) for given, array in batch.inputs.items())
                shape = values[name].shape
                key = (case.program.key, name, form)
                first, where = usual.setdefault(key, (shape, case.name))
                if len(shape) != len(first):
                    yield Finding(
                        case.place,
                        ERROR,
                        f"the reference gives shape {show_shape(shape)} for {name} here, and "
                        f"{show_shape(first)} in `{where}`; fix it, or the shapes of the inputs",
                    )
                    break


def results_differ(trial: Trial) -> Iterator[Finding]:
    """What is the same in all batches earns points for code that knows nothing but this value."""
    for case in trial.suite.assignment.cases:
        expected = trial.suite.expected(case)
        if len(expected) == 1 or case.purpose:
            continue
        for name in trial.results(case):
            if name in case.points and _is_the_same(name, expected):
                yield Finding(
                    case.place,
                    WARNING,
                    f"the reference's {name} is the same in all {len(expected)} batches, so it can "
                    "be guessed; choose inputs for which it differs, or say in `purpose` why not",
                )


def results_are_raw(trial: Trial) -> Iterator[Finding]:
    """The program runs in the student's process, so what it computes from results can be forged."""
    for case in trial.suite.assignment.cases:
        numbers = trial.numbers[case.name]
        own = {name for one in case.program.imports if one.file for name in one.binds}
        for step in case.program.body:
            earns = [name for name in step.results if name in trial.results(case)]
            computes = step.runs_code and step.uses and not own.intersection(step.imported)
            if earns and computes and numbers.issuperset(step.uses):
                yield Finding(
                    step.place,
                    WARNING,
                    f"the program computes {listed(earns)} from {listed(step.uses)} in the "
                    "student's process, where it can be forged; give points to what the "
                    "student's code returned, and judge that by a property",
                )


def reference_passes(trial: Trial) -> Iterator[Finding]:
    """A second run must give what the first gave, leave the inputs alone, and have all properties."""
    assignment = trial.suite.assignment
    for case in assignment.cases:
        failed = [check for check in trial.again[case.name].checks.values() if not check.passed]
        for check in failed:
            row = check.failures[0]
            if _is_broken(check) and row.problem is not None:
                batch = f", batch {row.number}" if case.inputs.batches > 1 else ""
                yield Finding(
                    assignment.properties[check.name].place,
                    ERROR,
                    f"the reference itself fails {check.name} in `{case.name}`{batch}: "
                    f"{row.problem.says}",
                )
        lost = [check.name for check in failed if not _is_broken(check)]
        if lost and _all_finite(case, trial):
            yield Finding(
                case.place,
                ERROR,
                f"the reference itself fails {' and '.join(lost)} when it is run a second time, in "
                "the same way; fix it",
            )


def numbers_can_be_kept(trial: Trial) -> Iterator[Finding]:
    """Inputs and results are kept until a submission is judged, and the room for each is limited."""
    suite = trial.suite
    kept: dict[str, dict[str, int]] = {"results": {}, "inputs": {}}
    for case in suite.assignment.cases:
        results = [value for one in suite.expected(case) for value in one.values()]
        inputs = [value for batch in suite.batches(case) for value in batch.inputs.values()]
        kept["results"][case.name] = sum(value.nbytes for value in results)
        kept["inputs"][case.name] = sum(value.nbytes for value in inputs)
    for what, sizes in kept.items():
        total = sum(sizes.values())
        if total > RESULT_BYTES:
            largest = max(suite.assignment.cases, key=lambda case: sizes[case.name])
            yield Finding(
                largest.places.get("random", largest.place),
                ERROR,
                f"the {what} of all cases have {total // 8:,} numbers, and {RESULT_BYTES // 8:,} are "
                f"kept of a submission; {sizes[largest.name] // 8:,} are of `{largest.name}`: choose "
                "smaller sizes or fewer batches",
            )


def there_is_time(trial: Trial) -> Iterator[Finding]:
    """A solution several times slower than the reference stays within the limits."""
    assignment = trial.suite.assignment
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


REFERENCE_CHECKS: Final[tuple[Callable[[Trial], Iterator[Finding]], ...]] = (
    results_are_finite,
    results_have_one_form,
    results_differ,
    results_are_raw,
    reference_passes,
    numbers_can_be_kept,
    there_is_time,
)


def _slow(place: Place, what: str, seconds: float, limit: float) -> Finding:
    return Finding(
        place,
        ERROR if seconds > limit else WARNING,
        f"the reference takes {seconds:.2g} s for {what}, and {limit:g} s is the limit; a "
        f"solution {SLOWER} times slower would exceed it: choose smaller sizes, or raise the limit",
    )


def _is_the_same(name: str, expected: list[Expected]) -> bool:
    """Whether a result is the same in all batches, or one and the same number all over."""
    arrays = [values[name] for values in expected]
    if all(np.array_equal(array, arrays[0], equal_nan=True) for array in arrays):
        return True
    return len({end for array in arrays if array.size for end in (array.min(), array.max())}) == 1


def _is_broken(check: Check) -> bool:
    """Whether it is a property that judged the results, and does not hold."""
    problem = check.failures[0].problem
    return problem is not None and problem.kind is Kind.BROKEN


def _all_finite(case: TestCase, trial: Trial) -> bool:
    expected = trial.suite.expected(case)
    return all(np.isfinite(value).all() for values in expected for value in values.values())
