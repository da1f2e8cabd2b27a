"""A test case as text: its inputs, the lines of its program, and what is expected of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.explain.arrays import show_input, too_large
from autograder.judging.evidence import Expected
from autograder.judging.judge import run_of
from autograder.judging.solutions import Runner, load_world
from autograder.judging.suite import Suite
from autograder.model import Batch, TestCase
from autograder.sandbox.bench import random_state
from autograder.text import plural
from autograder.typed import NDArray

Arrays = Mapping[str, NDArray[Any]]

_MOST_NUMBERS: Final = 48  # of an array that is shown whole: authors look closer than students


class Shown(NamedTuple):
    """What there is to show of a batch."""

    number: int  # from 1
    batch: Batch
    expected: Expected
    steps: Mapping[str, Arrays]  # by result, as the reference names them; often there are none
    seed: int | None  # of the legacy generators, if the reference used them


def shown_batches(suite: Suite, case: TestCase, numbers: Sequence[int]) -> Iterator[Shown]:
    """Some batches of a case, counted from 1. Raises AssignmentError if the reference fails."""
    batches, expected = suite.batches(case), suite.expected(case)
    seeds = _seeds(suite, case, max(numbers))
    for number in numbers:
        # If the setup is run once, steps may depend on the batches before.
        start = 0 if case.program.setup_once else number - 1
        steps = suite.answers.steps(case, batches[start:number])
        yield Shown(number, batches[number - 1], expected[number - 1], steps, seeds[number - 1])


def _seeds(suite: Suite, case: TestCase, most: int) -> list[int | None]:
    """The seed of each of the first batches in which the reference uses the legacy generators."""
    seeds: list[int | None] = []

    def watched() -> Iterator[Batch]:
        for batch in suite.batches(case)[:most]:
            yield batch
            after = random_state()
            np.random.seed(batch.seed)
            random.seed(batch.seed)
            seeds.append(None if random_state() == after else batch.seed)

    Runner(load_world(suite.assignment)[0]).observe(run_of(case), watched())
    return seeds


# JSON. -------------------------------------------------------------------------------------------


def as_json(case: TestCase, shown: Sequence[Shown]) -> str:
    """Batches of a case with all digits, for programs."""

    def arrays(values: Arrays) -> dict[str, Any]:
        return {name: _plain(value.tolist()) for name, value in values.items()}

    program = case.program
    document = {
        "number": case.number,
        "name": case.name,
        "imports": [one.text for one in program.imports],
        "setup": [step.text for step in program.setup],
        "program": [step.text for step in program.body],
        "run_setup": "once" if program.setup_once else "each_batch",
        "batches": [
            {
                "batch": one.number,
                "sizes": one.batch.sizes,
                "inputs": arrays(one.batch.inputs),
                "dtypes": {name: str(array.dtype) for name, array in one.batch.inputs.items()},
                "random_seed": one.seed,
                "expected": arrays(one.expected),
                "steps": {result: arrays(values) for result, values in one.steps.items()},
            }
            for one in shown
        ],
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """Nested lists, with NaN and infinity, which JSON lacks, as strings that float() reads."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if np.isfinite(value) else str(value)


# Python. -----------------------------------------------------------------------------------------


def as_python(case: TestCase, shown: Sequence[Shown]) -> str:
    """Batches of a case as lines to paste: results with six digits, what is large by its shape."""
    program, total = case.program, case.inputs.batches
    lines = ["import numpy as np", *(one.text for one in program.imports)]
    for one in shown:
        lines += ["", *_given(case, one), ""]
        if not program.setup_once or one is shown[0]:
            lines += [step.text for step in program.setup]
        if program.setup_once and one is shown[0] and one.number > 1:
            lines.append("# The setup is run once, and all batches before this one come first.")
        lines += [step.text for step in program.body]
        lines += ["", *_expected(case, one)]
    if len(shown) < total:
        more = plural(total - len(shown), "more batch")
        lines += ["", f"# {more}: --batch N shows another, --batch all shows all {total}"]
    return "\n".join(lines)


def _given(case: TestCase, one: Shown) -> Iterator[str]:
    """The sizes, and the inputs as they are: to the last digit, so that they give these results."""
    used = {name for step in case.program.steps for name in step.given}
    others = [f"{name} = {size}" for name, size in one.batch.sizes.items() if name not in used]
    sizes = f" ({', '.join(others)})" if others else ""
    yield f"# {case.number} {case.name}, batch {one.number} of {case.inputs.batches}{sizes}"
    if one.seed is not None:
        yield f"import random; random.seed({one.seed}); np.random.seed({one.seed})"
    for name, size in one.batch.sizes.items():
        if name in used:
            yield f"{name} = {size}"
    for name, array in one.batch.inputs.items():
        yield _input(name, array)
    if any(map(_is_large, one.batch.inputs.values())):
        yield "# (--format json gives every number)"


def _is_large(array: NDArray[Any]) -> bool:
    return too_large(array, _MOST_NUMBERS)


def _input(name: str, array: NDArray[Any]) -> str:
    return ("# " if _is_large(array) else "") + show_input(name, array, _MOST_NUMBERS)


def _expected(case: TestCase, one: Shown) -> Iterator[str]:
    for name, value in one.expected.items():
        printed = "  # as printed in the case file" if name in case.expect else ""
        if _is_large(value):
            yield _input(f"expected_{name}", value)
        else:
            yield f"expected_{name} = {_literal(value)}{printed}"
    for result, values in one.steps.items():
        yield f"steps_to_{result} = {{"
        for name, value in values.items():
            shown = _literal(value).replace("\n", "\n    ")
            large = _is_large(value)
            yield f"    # {name}: shape {value.shape}" if large else f"    {name!r}: {shown},"
        yield "}"


def _literal(array: NDArray[Any]) -> str:
    """An array as Python, with six digits and a line for each row."""
    if array.ndim < 2:
        numbers = _numbers(array.tolist())
        return f"np.array({numbers})" if array.ndim else numbers
    rows = "".join(f"    {_numbers(row)},\n" for row in array.tolist())
    return f"np.array([\n{rows}])"


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_numbers, value))}]"
    return f"{value:.6g}".replace("inf", "np.inf").replace("nan", "np.nan")
