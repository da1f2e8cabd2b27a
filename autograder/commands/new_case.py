"""`autograder new-case`: a case file to start from, which runs as it is."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from autograder.commands.arguments import add_assignment, describe
from autograder.errors import AssignmentError, UsageError
from autograder.formats.assignment import find_assignment, read_assignment
from autograder.formats.draws import DRAWS, Inputs, Randomness, Recipe, Sizes
from autograder.formats.schemas import schema_line
from autograder.model import INPUTS_UNCHANGED, VISIBILITIES, Assignment
from autograder.text import one_line

Value = NDArray[Any] | Recipe

_FEW: Final = 3  # numbers in a row that are pleasant to write down
_BATCHES: Final = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Write a new case file with comments, for you to change. Nothing is overwritten.",
        'autograder new-case "Large logits" --random',
    )
    parser.add_argument("name", help="what students will read: say what is tested")
    add_assignment(parser)
    parser.add_argument(
        "--random", action="store_true", help="draw the inputs (default: write down numbers)"
    )


def run(options: argparse.Namespace) -> int:
    """Write a case file beside the others, and say what comes next; returns the exit status.

    Raises UsageError if the name is taken, or the file exists.
    """
    folder: Path = options.assignment or find_assignment(Path.cwd())
    assignment, faults = read_assignment(folder)
    if assignment is None:  # faults in other case files do not matter here
        raise AssignmentError(faults)
    name = one_line(options.name, 200)
    if not name:
        raise UsageError("the case needs a name; say what it tests")
    if name in {case.name for case in assignment.cases}:
        raise UsageError(f"there is a case `{name}` already; choose another name")
    number, path = _free_path(folder / "testcases", name)
    lines = _lines(assignment, name, path, random=options.random)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError:
        raise UsageError(f"{path} exists already; nothing is overwritten") from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    option = f" --assignment {shlex.quote(str(folder))}" if options.assignment else ""
    print(f"{path} written. Change it to what you want, then run")
    print(f"    autograder lint{option}")
    print(f"    autograder show {number}.1{option}")
    return 0


def _free_path(folder: Path, name: str) -> tuple[int, Path]:
    """The next free multiple of ten, and the path that goes with it."""
    taken = [int(found[0]) for path in folder.iterdir() if (found := re.match(r"\d+", path.name))]
    number = max(taken, default=0) // 10 * 10 + 10
    words = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:40].rstrip("_")
    return number, folder / f"{number}_{words or 'case'}.yaml"


def _lines(assignment: Assignment, name: str, path: Path, *, random: bool) -> Iterator[str]:
    values, randomness = _model(assignment)
    methods = [call.method for call in assignment.calls]
    yield schema_line(path.parent, assignment.folder)
    yield "# Say here what the cases of this file are for, and delete the comments that you do not need."
    yield f"visibility: {VISIBILITIES[0]}    # {' | '.join(VISIBILITIES)}"
    yield "cases:"
    yield f"  - name: {json.dumps(name, ensure_ascii=False)}    # for students: what is tested"
    yield "    # purpose: why it is here, if the other cases catch every known mistake that it catches"
    if random:
        yield "    # A seed gives the same numbers everywhere. Sizes are drawn again for each batch."
        yield f"    random: {_random(randomness)}"
    yield f"    inputs:    # for {', '.join(map(str, assignment.calls))}"
    for argument, value in (values if random else _small_batch(values, randomness)).items():
        yield f"      {argument}: {_input(value)}"
    if random:
        yield "    # The draws, with their settings; `shift` and `dtype` apply to any of them:"
        for draw_name, draw in DRAWS.items():
            options = f" ({', '.join(draw.options)})" if draw.options else ""
            yield f"    #   {draw_name}: {draw.meaning}{options}"
        yield "    # object: shared    # one object for all batches, not a new one for each"
        yield "    # scoring: proportional    # points by the batches that pass, not all or nothing"
    else:
        yield "    # Printed numbers to compare with, and half a unit of their last digit:"
        yield f"    # expect: {{{methods[0]}: 1.234}}"
        yield "    # tolerance: {rtol: 0, atol: 5.0e-4}"
    points = ", ".join(f"{method}: 1" for method in methods)
    yield f"    points: {{{points}}}    # {INPUTS_UNCHANGED} is a check too"


# Inputs for the program, as far as they can be guessed. --------------------------------------


def _model(assignment: Assignment) -> tuple[Mapping[str, Value], Randomness]:
    """The recipes of the first random case, with a seed that no case has."""
    randoms = [case.inputs.random for case in assignment.cases if case.inputs.random]
    seeds = {random.seed for random in randoms}
    seed = next(seed for seed in range(max(seeds, default=0) + 1, 2**33) if seed not in seeds)
    for case in assignment.cases:
        if case.inputs.random:
            return case.inputs.values, Randomness(seed, _BATCHES, case.inputs.random.sizes)
    normal = Recipe("normal", ("N", "C"), {}, 0.0, "float64")
    if not assignment.cases:
        arguments = dict.fromkeys(name for call in assignment.calls for name in call.arguments)
        return dict.fromkeys(arguments, normal), Randomness(
            seed, _BATCHES, {"N": Sizes(1, 8), "C": Sizes(2, 5)}
        )
    (batch,) = assignment.cases[0].inputs.draw()
    recipes = {name: normal._replace(shape=array.shape) for name, array in batch.items()}
    return recipes, Randomness(seed, _BATCHES, {})


def _small_batch(values: Mapping[str, Value], random: Randomness) -> Mapping[str, Value]:
    """One batch, small enough for its rows to fit on a line."""
    small = {
        name: Sizes(size, size)
        for name, (low, high) in random.sizes.items()
        for size in [min(max(low, _FEW), high)]
    }
    return Inputs(dict(values), Randomness(random.seed, 1, small)).draw()[0]


def _random(random: Randomness) -> str:
    sizes = [
        f"{name}: {low if low == high else f'{low}..{high}'}"
        for name, (low, high) in random.sizes.items()
    ]
    return f"{{{', '.join([f'seed: {random.seed}', f'batches: {random.batches}', *sizes])}}}"


def _input(value: Value) -> str:
    if not isinstance(value, Recipe):
        numbers = _numbers(value.tolist())
        dtype = value.dtype
        return numbers if dtype == np.float64 else f"{{values: {numbers}, dtype: {dtype}}}"
    draw = DRAWS[value.draw]
    settings = {
        "shift": (value.shift, 0.0),
        **{name: (given, draw.options[name].default) for name, given in value.options.items()},
    }
    parts = [f"{value.draw}: [{', '.join(map(str, value.shape))}]"]
    parts += [f"{name}: {given!r}" for name, (given, usual) in settings.items() if given != usual]
    parts += [f"dtype: {value.dtype}"] if value.dtype != draw.dtype else []
    return f"{{{', '.join(parts)}}}"


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_numbers, value))}]"
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
