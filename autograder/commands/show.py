"""`autograder show`: what a test case draws and expects, to paste into a notebook."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograder.commands.arguments import add_assignment, describe
from autograder.errors import UsageError
from autograder.explain.arrays import as_python
from autograder.formats.assignment import find_assignment, load_assignment
from autograder.formats.structure import listed
from autograder.judging.answers import Reference
from autograder.model import Assignment, TestCase
from autograder.text import plural

Arrays = Mapping[str, NDArray[Any]]


class Shown(NamedTuple):
    """What there is to show of a batch."""

    number: int  # from 1
    inputs: Arrays
    expected: Arrays  # by method
    steps: Mapping[str, Arrays]  # by method, as the reference names them; often there are none


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Print what a test case draws and expects, to paste into a notebook. It needs the reference,\n"
        "so students cannot run it.",
        'autograder show "Soft targets" --batch 2',
    )
    parser.add_argument(
        "case", help="its number, its name, or a part of the name that no other case has"
    )
    add_assignment(parser)
    parser.add_argument("--batch", type=int, metavar="N", help="only this batch, counted from 1")
    parser.add_argument(
        "--format", choices=("python", "json"), default="python", help="(default: python)"
    )


def run(options: argparse.Namespace) -> int:
    """Print a case, or one batch of it, as Python or as JSON; returns the exit status."""
    batch: int | None = options.batch
    folder = options.assignment or find_assignment(Path.cwd())
    assignment = load_assignment(folder)
    if not assignment.reference_path.is_file():
        raise UsageError("`show` needs the reference, which is not among these files")
    case = find_case(assignment, options.case)
    batches = case.inputs.draw()
    if batch is not None and not 1 <= batch <= len(batches):
        raise UsageError(f"`{case.name}` has {plural(len(batches), 'batch')}, but no batch {batch}")
    numbers = range(1, len(batches) + 1) if batch is None else [batch]
    shown = list(_shown(assignment, case, batches, numbers))
    print(
        _as_json(case, shown) if options.format == "json" else _as_python(assignment, case, shown)
    )
    return 0


def find_case(assignment: Assignment, wanted: str) -> TestCase:
    """Find a case by number, name, the name of a check in a report, or part of a name.

    Raises UsageError if there is none, or more than one.
    """
    word = wanted.strip().casefold()
    cases = assignment.cases
    by_check = [c for c in cases if word.startswith(f"{c.name.casefold()}: ")]
    for found in (
        [case for case in cases if case.number == wanted.strip()],
        [case for case in cases if case.name.casefold() == word],
        by_check,
        [case for case in cases if word in case.name.casefold()],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            names = listed([f"{case.number} {case.name}" for case in found])
            raise UsageError(f"`{wanted}` may be any of {names}; say more of the name")
    known = listed([f"{case.number} {case.name}" for case in cases])
    raise UsageError(f"there is no case `{wanted}`; there are {known}")


def _shown(
    assignment: Assignment,
    case: TestCase,
    batches: list[dict[str, NDArray[Any]]],
    numbers: range | list[int],
) -> Iterator[Shown]:
    reference = Reference(assignment)
    expected = reference.expected(case, batches)
    for number in numbers:
        # On a shared object, steps may depend on the batches before.
        start = 0 if case.shared_object else number - 1
        steps = reference.steps(case, batches[start:number])
        yield Shown(number, batches[number - 1], expected[number - 1], steps)


# JSON. -------------------------------------------------------------------------------------------


def _as_json(case: TestCase, shown: list[Shown]) -> str:
    def arrays(values: Arrays) -> dict[str, Any]:
        return {name: _plain(value.tolist()) for name, value in values.items()}

    document = {
        "number": case.number,
        "name": case.name,
        "object": "shared" if case.shared_object else "fresh",
        "batches": [
            {
                "batch": number,
                "inputs": arrays(inputs),
                "dtypes": {name: str(array.dtype) for name, array in inputs.items()},
                "expected": arrays(expected),
                "steps": {method: arrays(values) for method, values in steps.items()},
            }
            for number, inputs, expected, steps in shown
        ],
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """Nested lists, with NaN and infinity, which JSON lacks, as strings that float() reads."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if np.isfinite(value) else str(value)


# Python. -----------------------------------------------------------------------------------------


def _as_python(assignment: Assignment, case: TestCase, shown: list[Shown]) -> str:
    lines = ["import numpy as np", ""]
    total = case.inputs.batches
    for number, inputs, expected, steps in shown:
        lines.append(f"# {case.number} {case.name}, batch {number} of {total}")
        lines += [f"{name} = {_literal(array)}" for name, array in inputs.items()]
        for method, value in expected.items():
            printed = "  # as printed in the case file" if method in case.expect else ""
            lines.append(f"expected_{method} = {_literal(value)}{printed}")
        if steps:
            lines += ["steps = {", *_literal_steps(steps), "}"]
        lines += ["", *_calls(assignment, case, number), ""]
    return "\n".join(lines).rstrip()


def _calls(assignment: Assignment, case: TestCase, number: int) -> Iterator[str]:
    """How a student's class is called with these inputs, as comments."""
    yield "# What the grader does with a submission:"
    if number == 1 or not case.shared_object:
        constructor = ", ".join(map(_argument, assignment.constructor.values()))
        yield f"#   one = {assignment.class_name}({constructor})"
    else:
        yield "#   (the object is the one used for the batches before)"
    for call in assignment.calls:
        yield f"#   one.{call}"


def _argument(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"np.array({as_python(value)})"
    return repr(value)


def _literal_steps(steps: Mapping[str, Arrays]) -> Iterator[str]:
    for method, values in steps.items():
        yield f"    {method!r}: {{"
        for name, value in values.items():
            literal = _literal(value).replace("\n", "\n        ")
            yield f"        {name!r}: {literal},"
        yield "    },"


def _literal(array: NDArray[Any]) -> str:
    """An array as Python that gives exactly the same array, with a line for each row."""
    if array.ndim == 0 and array.dtype == np.float64:
        return as_python(array[()])
    dtype = "" if array.dtype == np.float64 else f", dtype=np.{array.dtype}"
    if array.ndim < 2:
        return f"np.array({as_python(array)}{dtype})"
    rows = "".join(f"    {as_python(row)},\n" for row in array)
    return f"np.array([\n{rows}]{dtype})"
