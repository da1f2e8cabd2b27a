"""What a new case may look like: a program, and inputs for it, as far as they can be guessed."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from textwrap import indent
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.errors import Fault
from autograder.formats.draws import DRAWS, draw
from autograder.formats.keys import ASSIGNMENT
from autograder.formats.program import defined_names
from autograder.formats.structure import INVALID, read
from autograder.formats.yaml_tree import read_yaml
from autograder.model import (
    INPUTS_UNCHANGED,
    Assignment,
    Inputs,
    Randomness,
    Recipe,
    Sizes,
    TestCase,
)
from autograder.typed import NDArray

_BATCHES: Final = 5
_SIZES: Final = Sizes(2, 8)
_FEW: Final = 3  # numbers in a row that are pleasant to write down
_NAMES_OF_SIZES: Final = ("rows", "columns")
_NORMAL: Final = Recipe("normal", _NAMES_OF_SIZES, {}, 0.0, "float64")


class Proposal(NamedTuple):
    """What to begin a case with."""

    program: Mapping[str, str]  # as in a case file, by key; empty if the assignment has one for all
    inputs: Inputs
    checks: Sequence[str]


def propose(assignment: Assignment, *, drawn: bool) -> Proposal:
    """A program and inputs like those of the first cases; they are `drawn`, or numbers."""
    for_all = "program" in assignment.places
    usual = [c for c in assignment.cases if not (for_all and {"setup", "program"} & {*c.places})]
    seeds = {case.inputs.random.seed for case in assignment.cases if case.inputs.random}
    seed = next(seed for seed in range(max(seeds, default=0) + 1, 2**33) if seed not in seeds)
    if not usual:
        names, results = _names_and_results(assignment)
        sizes = dict.fromkeys(_NAMES_OF_SIZES, _SIZES) if names else {}
        model = Inputs(dict.fromkeys(names, _NORMAL), Randomness(seed, _BATCHES, sizes))
        return Proposal({}, model if drawn else _few(model, ()), results)
    key = usual[0].program.key  # cases of one program are alike
    cases = [case for case in usual if case.program.key == key]
    case = next(filter(_varies, cases), cases[0])
    inputs = _small(case, seed)
    given = [name for step in case.program.steps for name in step.given]
    checks = dict.fromkeys(c for one in cases for c in one.points if c != INPUTS_UNCHANGED)
    program = {} if for_all else _program_text(case)
    return Proposal(program, inputs if drawn else _few(inputs, given), tuple(checks))


def _varies(case: TestCase) -> bool:
    values = case.inputs.values.values()
    return any(isinstance(value, Recipe) and value.draw != "constant" for value in values)


def _small(case: TestCase, seed: int) -> Inputs:
    random = case.inputs.random
    if random is None:
        values = {name: _recipe(value) for name, value in case.inputs.values.items()}
        return Inputs(values, Randomness(seed, _BATCHES, {}))
    sizes = {name: _within(size) for name, size in random.sizes.items()}
    return Inputs(case.inputs.values, Randomness(seed, _BATCHES, sizes))


def _within(size: Sizes) -> Sizes:
    """The small part of a range, or its least size. A fixed size stays: the program may need it."""
    low = max(size.low, min(_SIZES.low, size.high))
    return Sizes(low, min(size.high, max(_SIZES.high, low)))


def _recipe(value: NDArray[Any] | Recipe) -> NDArray[Any] | Recipe:
    """A draw that gives arrays like a fixed one; a number stays what it is."""
    if isinstance(value, Recipe) or value.ndim == 0 or not value.size or value.dtype == bool:
        return value
    if value.dtype.kind == "f":
        return _NORMAL._replace(shape=value.shape, dtype=str(value.dtype))
    bounds: dict[str, float | str] = {"low": int(value.min()), "high": int(value.max())}
    return Recipe("integers", value.shape, bounds, 0.0, str(value.dtype))


def _few(inputs: Inputs, given: Sequence[str]) -> Inputs:
    """One batch, small enough for its rows to fit on a line; with sizes that the program is given."""
    random = inputs.random or Randomness(0, 1, {})
    sizes = {
        name: Sizes(size, size)
        for name, (low, high) in random.sizes.items()
        for size in [min(max(low, _FEW), high)]
    }
    (batch,) = draw(Inputs(inputs.values, Randomness(random.seed, 1, sizes)))
    used = {name: np.array(size) for name, size in batch.sizes.items() if name in given}
    return Inputs({**used, **batch.inputs})


def _program_text(case: TestCase) -> dict[str, str]:
    def block(lines: Iterable[str]) -> str:
        return "|\n" + indent("\n".join(lines), "  ")

    program = case.program
    setup = [one.text for one in program.imports] + [step.text for step in program.setup]
    text = {"setup": block(setup)} if setup else {}
    text |= {"run_setup": "once"} if program.setup_once else {}
    return {**text, "program": block(step.text for step in program.body)}


def _names_and_results(assignment: Assignment) -> tuple[list[str], list[str]]:
    """Without any case: names that the assignment's program uses and nothing defines; its results."""
    faults: list[Fault] = []
    root = read_yaml(assignment.settings_path, faults)
    settings = read(ASSIGNMENT, root, faults) if root else INVALID
    if settings is INVALID or not settings.get("program"):
        return [], []
    setup, body = settings.get("setup", ()), settings.get("program")
    lines = (*setup, *body)
    known = {"np", *dir(builtins), *(name for line in lines for name in line.binds)}
    for path in assignment.reference_paths:
        known |= defined_names(path) or frozenset()
    names = dict.fromkeys(n for line in lines for n in line.loads if n not in known)
    return list(names), [name for line in body for name in line.step.results]


# As text in a case file. -------------------------------------------------------------------------


def random_text(random: Randomness) -> str:
    """The setting `random` on one line."""
    sizes = [
        f"{name}: {low if low == high else f'{low}..{high}'}"
        for name, (low, high) in random.sizes.items()
    ]
    return f"{{{', '.join([f'seed: {random.seed}', f'batches: {random.batches}', *sizes])}}}"


def input_text(value: NDArray[Any] | Recipe) -> str:
    """An input on one line."""
    if not isinstance(value, Recipe):
        # As texts first: of a float32 only as many digits as tell it from others.
        plain = value.astype("U32").astype(np.float64) if value.dtype.kind == "f" else value
        numbers = _numbers(plain.tolist()) if value.ndim else repr(value.item()).lower()
        usual = value.dtype in (np.float64, np.bool_) or value.ndim == 0
        return numbers if usual else f"{{values: {numbers}, dtype: {value.dtype}}}"
    draw_of = DRAWS[value.draw]
    settings = {
        "shift": (value.shift, 0.0),
        **{name: (given, draw_of.options[name].default) for name, given in value.options.items()},
    }
    parts = [f"{value.draw}: [{', '.join(map(str, value.shape))}]"]
    parts += [f"{name}: {given}" for name, (given, usual) in settings.items() if given != usual]
    parts += [f"dtype: {value.dtype}"] if value.dtype != draw_of.dtype else []
    return f"{{{', '.join(parts)}}}"


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_numbers, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
