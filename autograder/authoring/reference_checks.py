"""Checks on what the reference does with the test cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from autograder.authoring.findings import ERROR, WARNING, Finding
from autograder.errors import Place
from autograder.judging.evidence import Evidence, Expected, Kind
from autograder.judging.judge import run_of
from autograder.judging.solutions import Runner, load_world, not_handed_in
from autograder.judging.suite import Suite
from autograder.model import Assignment, Batch, TestCase
from autograder.sandbox.allowance import RESULT_BYTES
from autograder.sandbox.values import as_array
from autograder.text import listed, show_shape
from autograder.typed import NDArray

SLOWER: Final = 10  # how much a right solution may be, with loops and on a busy machine


class Trial(NamedTuple):
    """What the reference does with a case, and what it did when it was run a second time."""

    case: TestCase
    batches: Sequence[Batch]
    expected: Sequence[Expected]
    earning: Sequence[str]  # the results that earn points, by themselves or by a property
    again: Evidence
    seconds: Sequence[float]  # of each batch
    numbers: frozenset[str]  # names that held numbers in the end, not objects


def try_reference(suite: Suite) -> list[Trial]:
    """Run the reference on every case, twice. Raises AssignmentError if it fails."""
    seconds = 2 * suite.assignment.limits.call_seconds
    runner = Runner(load_world(suite.assignment)[0], seconds=seconds)
    return [_trial(suite, case, runner) for case in suite.assignment.cases]


def _trial(suite: Suite, case: TestCase, runner: Runner) -> Trial:
    batches, expected = suite.batches(case), suite.expected(case)
    suite.steps(case)  # raises if the reference cannot give them
    seconds: list[float] = []
    again = suite.gather(case, runner.observe(run_of(case), _timed(batches, seconds)))
    numbers = frozenset(n for n, held in runner.objects.items() if as_array(held) is not None)
    judged = [one for name, one in suite.assignment.properties.items() if name in case.points]
    names = {*case.points, *(name for one in judged for name in one.parameters)}
    earning = [name for name in case.observed if name in names]
    return Trial(case, batches, expected, earning, again, seconds, numbers)


def _timed(batches: Iterable[Batch], seconds: list[float]) -> Iterator[Batch]:
    """The batches one after another; notes how long each was used."""
    for batch in batches:
        start = time.perf_counter()
        yield batch
        seconds.append(time.perf_counter() - start)


def all_files_are_handed_in(assignment: Assignment, _: Sequence[Trial]) -> Iterator[Finding]:
    """What the reference imports is in the submission too: students' files are graded alone."""
    for path in not_handed_in(assignment):
        if path.name != "__init__.py":  # without which a folder is a package all the same
            name = path.relative_to(assignment.folder / "reference").as_posix()
            yield Finding(
                assignment.places["submission"],
                f"the reference imports {name}, which nobody hands in; add it here, and hand it out if "
                "it is the course's",
            )


def results_are_finite(_assignment: Assignment, trials: Sequence[Trial]) -> Iterator[Finding]:
    """The reference gives no NaN and no infinity."""
    for one in trials:
        for name in one.earning:
            bad = [n for n, v in enumerate(one.expected, 1) if not np.isfinite(v[name]).all()]
            if bad:
                where = f" in batch {bad[0]}" if one.case.inputs.batches > 1 else ""
                yield Finding(
                    one.case.place,
                    f"the reference gives NaN or infinity for {name}{where}; fix it, or choose "
                    "inputs for which the result is a number",
                )


def results_have_one_form(_assignment: Assignment, trials: Sequence[Trial]) -> Iterator[Finding]:
    """Inputs of as many dimensions give results of as many; sizes may depend on the inputs."""
    usual: dict[object, tuple[tuple[int, ...], str]] = {}
    for case, batches, expected, earning, *_ in trials:
        for name in earning:
            for batch, values in zip(batches, expected):
                form = tuple((given, array.ndim) for given, array in batch.inputs.items())
                shape = values[name].shape
                first, where = usual.setdefault((case.program.key, name, form), (shape, case.name))
                if len(shape) != len(first):
                    yield Finding(
                        case.place,
                        f"the reference gives shape {show_shape(shape)} for {name} here, and "
                        f"{show_shape(first)} in `{where}`; fix it, or the shapes of the inputs",
                    )
                    break


def single_numbers_are_numbers(
    _assignment: Assignment, trials: Sequence[Trial]
) -> Iterator[Finding]:
    """Where a number is expected, an array of size one passes too, but not the other way round."""
    for one in trials:
        for name in one.earning if len(one.expected) > 1 and not one.case.purpose else ():
            shapes = {values[name].shape for values in one.expected}
            if shapes <= {(1,), (1, 1)}:
                yield Finding(
                    one.case.place,
                    f"the reference's {name} is one number in an array of shape {min(shapes)}, and a "
                    "plain number of a student's fails; return a number, with which both pass, or "
                    "say in `purpose` why not",
                    severity=WARNING,
                )


def results_differ(_assignment: Assignment, trials: Sequence[Trial]) -> Iterator[Finding]:
    """What is the same in all batches earns points for code that knows nothing but this value."""
    for one in trials:
        count = len(one.expected)
        names = [name for name in one.earning if name in one.case.points]
        for name in names if count > 1 and not one.case.purpose else ():
            if _is_the_same([values[name] for values in one.expected]):
                yield Finding(
                    one.case.place,
                    f"the reference's {name} is the same in all {count} batches, so it can be "
                    "guessed; choose inputs for which it differs, or say in `purpose` why not",
                    severity=WARNING,
                )


def results_are_raw(_assignment: Assignment, trials: Sequence[Trial]) -> Iterator[Finding]:
    """The program runs in the student's process, so what it computes from results can be forged."""
    for one in trials:
        program = one.case.program
        own = {name for line in program.imports if line.file for name in line.binds}
        for step in program.body:
            earns = [name for name in step.results if name in one.earning]
            computes = step.runs_code and step.uses and not own.intersection(step.imported)
            if earns and computes and one.numbers.issuperset(step.uses):
                yield Finding(
                    step.place,
                    f"the program computes {listed(earns)} from {listed(step.uses)} in the "
                    "student's process, where it can be forged; give points to what the "
                    "student's code returned, and judge that by a property",
                    severity=WARNING,
                )


def reference_passes(assignment: Assignment, trials: Sequence[Trial]) -> Iterator[Finding]:
    """A second run must give what the first gave, leave the inputs alone, and have all properties."""
    for one in trials:
        case = one.case
        lost = []
        for check in one.again.checks.values():
            row = next(iter(check.failures), None)
            if row is None or row.problem is None or not case.observed:
                continue
            if row.problem.kind is not Kind.BROKEN:
                lost.append(check.name)
                continue
            batch = f", batch {row.number}" if case.inputs.batches > 1 else ""
            yield Finding(
                assignment.properties[check.name].place,
                f"the reference itself fails {check.name} in `{case.name}`{batch}: "
                f"{row.problem.says}",
            )
        values = [value for result in one.expected for value in result.values()]
        if lost and all(np.isfinite(value).all() for value in values):
            yield Finding(
                case.place,
                f"the reference itself fails {' and '.join(lost)} when it is run a second time, in "
                "the same way; fix it",
            )


def numbers_can_be_kept(_assignment: Assignment, trials: Sequence[Trial]) -> Iterator[Finding]:
    """Inputs and results are kept until a submission is judged, and the room for each is limited."""
    kept = {
        "results": [sum(v.nbytes for r in one.expected for v in r.values()) for one in trials],
        "inputs": [sum(v.nbytes for b in one.batches for v in b.inputs.values()) for one in trials],
    }
    for what, sizes in kept.items():
        if sum(sizes) > RESULT_BYTES:
            size, largest = max(zip(sizes, (one.case for one in trials)), key=lambda pair: pair[0])
            yield Finding(
                largest.places.get("random", largest.place),
                f"the {what} of all cases have {sum(sizes) // 8:,} numbers, and "
                f"{RESULT_BYTES // 8:,} are kept of a submission; {size // 8:,} are of "
                f"`{largest.name}`: choose smaller sizes or fewer batches",
            )


def there_is_time(assignment: Assignment, trials: Sequence[Trial]) -> Iterator[Finding]:
    """A solution several times slower than the reference stays within the limits."""
    limits = assignment.limits
    for case, *_, seconds, _ in trials:
        place = case.places.get("random", case.place)
        yield from _slow(place, "a batch", max(seconds), limits.call_seconds)
    place = assignment.places.get("limits", Place(assignment.settings_path))
    yield from _slow(place, "all cases", sum(sum(t.seconds) for t in trials), limits.total_seconds)


REFERENCE_CHECKS: Final[tuple[Callable[[Assignment, Sequence[Trial]], Iterator[Finding]], ...]] = (
    all_files_are_handed_in,
    *(results_are_finite, results_have_one_form, single_numbers_are_numbers, results_differ),
    *(results_are_raw, reference_passes, numbers_can_be_kept, there_is_time),
)


def _slow(place: Place, what: str, seconds: float, limit: float) -> Iterator[Finding]:
    if SLOWER * seconds > limit:
        yield Finding(
            place,
            f"the reference takes {seconds:.2g} s for {what}, and {limit:g} s is the limit; a "
            f"solution {SLOWER} times slower would exceed it: choose smaller sizes, or raise the "
            "limit",
            severity=ERROR if seconds > limit else WARNING,
        )


def _is_the_same(arrays: Sequence[NDArray[np.float64]]) -> bool:
    """Whether a result is the same in all batches, or one and the same number all over."""
    if all(np.array_equal(array, arrays[0], equal_nan=True) for array in arrays):
        return True
    return len({end for array in arrays if array.size for end in (array.min(), array.max())}) == 1
