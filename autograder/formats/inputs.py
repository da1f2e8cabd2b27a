"""The inputs of a case: numbers as they are, numbers with a dtype, or draws of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from autograder.errors import Fault, Place
from autograder.formats.draws import DRAWS, DTYPES, LARGEST, NUMBER_OF, overflow
from autograder.formats.nodes import Node
from autograder.formats.sizes import SIZE, flaw, most_numbers, names_in
from autograder.formats.structure import (
    INVALID,
    Kind,
    Schema,
    Section,
    choice,
    flag,
    list_of,
    mapping,
    number,
    read,
    refuse,
)
from autograder.model import Inputs, Randomness, Recipe, Sizes
from autograder.text import did_you_mean, listed

_LARGEST_INPUT: Final = 1_000_000  # numbers; a slip such as N: 1..1e9 is found at once
# What schemas refer to: numbers that a dtype holds, one or rows of them.
DEFINITIONS: Final[Schema] = {
    dtype: {
        "anyOf": [
            kind.schema,
            {"type": "boolean"},
            {"type": "array", "minItems": 1, "items": {"$ref": f"#/definitions/{dtype}"}},
        ]
    }
    for dtype, kind in NUMBER_OF.items()
}

# The inputs of a case. ---------------------------------------------------------------------------


def read_inputs(section: Section, faults: list[Fault]) -> Inputs:
    """The readable inputs of a case."""
    given, drawn = section.below("inputs"), section.below("random")
    random = None
    if section.get("random") is not None:
        sizes = {name: size for name, size in drawn.values.items() if isinstance(size, Sizes)}
        random = Randomness(drawn.get("seed", 0), drawn.get("batches", 1), sizes)
    values: dict[str, Any] = {}
    lacking = ""  # told once
    for name, value in given.values.items():
        values[name] = value
        if isinstance(value, tuple):
            values[name], used = value
            problem = ""
            if random:
                problem = _problem(values[name], used, drawn, random.sizes, faults)
            elif not section.has("random") and not lacking:
                problem = lacking = "a draw needs `random: {seed: ...}` in its case; add it"
            faults += [Fault(given.at(name), problem)] if problem else []
        if name == "np" or (random and name in random.sizes):
            what = "numpy" if name == "np" else "a size"
            faults.append(Fault(given.keys[name], f"`{name}` is the name of {what} too; rename it"))
    return Inputs(values, random)


def varying(inputs: Inputs) -> frozenset[str]:
    """The inputs and named sizes that differ from batch to batch."""
    sizes = inputs.random.sizes if inputs.random else {}
    drawn = {name for name, value in inputs.values.items() if isinstance(value, Recipe)}
    return frozenset(drawn | {name for name, (low, high) in sizes.items() if low < high})


def _problem(
    recipe: Recipe,
    used: list[tuple[int | str, Place]],
    given: Section,
    ranges: Mapping[str, Sizes],
    faults: list[Fault],
) -> str:
    """What is wrong with a draw as a whole; what is with one of its sizes is noted."""
    sound = True
    known = f"; known here: {listed(ranges)}" if ranges else ""
    for size, place in used:
        unknown = [name for name in names_in(size) if name not in ranges]
        what = "" if unknown else flaw(size, ranges)
        if what:
            message = f"`{size}` {what}; a size is at least 1, so change the ranges in `random`"
            faults.append(Fault(place, message))
        for name in [name for name in unknown if not given.has(name)]:
            message = f"the size `{name}` is defined nowhere{known}; define it in `random`"
            faults.append(Fault(place, message))
        sound = sound and not unknown and not what
    total = most_numbers(recipe.shape, ranges) if sound else 0
    if total <= _LARGEST_INPUT:
        return ""
    return f"may have {total:,.0f} numbers; {_LARGEST_INPUT:,} is the most, choose smaller sizes"


# Numbers. ----------------------------------------------------------------------------------------


def _read_numbers(node: Node, faults: list[Fault], dtype: str = "") -> Any:
    """An array of a dtype, if one is given.

    Else of float64, or bool if all are `true` or `false`; and a whole number alone is int64.
    """
    before = len(faults)
    shape: list[int] = []
    first = node
    while isinstance(first.value, list) and first.value:
        shape.append(len(first.value))
        first = first.value[0]
    is_flags = isinstance(first.value, bool)
    flat: list[Any] = []
    _collect(node, shape, flag() if is_flags else NUMBER_OF[dtype or "float64"], flat, faults)
    if len(faults) > before:
        return INVALID
    whole = isinstance(node.value, int) and abs(node.value) < 2**63
    usual = "bool" if is_flags else "int64" if whole else "float64"
    return np.array(flat, dtype=dtype or usual).reshape(shape)


def _collect(
    node: Node, shape: list[int], kind: Kind, flat: list[Any], faults: list[Fault]
) -> None:
    value: Any = node.value
    if shape and not isinstance(value, list):
        wanted = f"a list of length {shape[0]} like the rows before it"
        faults.append(Fault(node.place, f"expected {wanted}, found {node.shown}"))
    elif shape and len(value) != shape[0]:
        message = f"this row has length {len(value)}, the first has {shape[0]}"
        faults.append(Fault(node.place, f"{message}; make all rows equally long"))
    elif shape:
        for item in value:
            _collect(item, shape[1:], kind, flat, faults)
    elif isinstance(value, float) and not abs(value) <= sys.float_info.max:
        refuse(node, kind._replace(wanted="a finite number"), faults)
    else:
        flat.append(read(kind, node, faults))


# Not the reference by itself, beside which editors would overlook a description.
NUMBERS: Final = Kind({"allOf": [{"$ref": "#/definitions/float64"}]}, "a number", _read_numbers)


# An input. ---------------------------------------------------------------------------------------


def _read_input(node: Node, faults: list[Fault]) -> Any:
    """An array; or a recipe, and the sizes in it with their places."""
    if not isinstance(node.value, dict):
        return read(NUMBERS, node, faults)
    if "values" in node.value:
        return _fixed(node, faults)
    draws = [key for key in node.value if key in DRAWS]
    if len(draws) == 1:
        return _drawn(draws[0], read(_DRAWN_INPUT[draws[0]], node, faults), faults)
    if draws:
        fault = Fault(node.place, f"has {len(draws)} draws ({listed(draws)}); keep one")
    elif not node.value:
        fault = Fault(node.place, f"expected numbers or a draw; draws are {listed(DRAWS)}")
    else:
        word, entry = next(iter(node.value.items()))
        advice = did_you_mean(word, tuple(DRAWS)) or f"; draws are {listed(DRAWS)}"
        fault = Fault(entry.key_place, f"unknown draw `{word}`{advice}")
    faults.append(fault)
    return INVALID


def _fixed(node: Node, faults: list[Fault]) -> Any:
    section = read(_FIXED_INPUT, node, faults)
    if not section.faultless:
        return INVALID
    entries: Any = node.value
    return _read_numbers(entries["values"].node, faults, section.get("dtype", ""))


def _drawn(name: str, section: Section, faults: list[Fault]) -> Any:
    draw = DRAWS[name]
    options = {key: section.get(key, option.default) for key, option in draw.options.items()}
    readable = all(key in section.values or not section.has(key) for key in ("low", "high"))
    if readable and "low" in options and options["low"] > options["high"]:
        message = f"`low` ({options['low']:g}) is above `high` ({options['high']:g}); swap them"
        faults.append(Fault(section.at("low"), message))
    if name not in section.values or None in options.values():
        return INVALID
    shape = section.get(name)
    used = [*shape, *(value for value in options.values() if isinstance(value, tuple))]
    recipe = Recipe(
        name,
        tuple(size for size, _ in shape),
        {key: value[0] if isinstance(value, tuple) else value for key, value in options.items()},
        section.get("shift", 0.0),
        section.get("dtype", draw.dtype),
    )
    if problem := overflow(recipe):
        faults.append(Fault(section.at("dtype"), problem))
    return recipe, used


_DTYPE: Final = choice(*DTYPES)
_FIXED_INPUT: Final = mapping(
    {
        "values": NUMBERS.means("The numbers: one, or rows in brackets."),
        "dtype": _DTYPE.means("The array's dtype; float64 unless given."),
    },
    required=("values",),
)
# Which numbers there may be depends on the dtype.
_FIXED_INPUT.schema["allOf"] = [
    {
        "if": {"properties": {"dtype": {"const": dtype}}, "required": ["dtype"]},
        "then": {"properties": {"values": {"$ref": f"#/definitions/{dtype}"}}},
    }
    for dtype in DTYPES
]
_DRAWN_INPUT: Final = {
    name: mapping(
        {
            name: list_of(
                SIZE, "a shape such as `[N, K]`", minItems=draw.least_dimensions, maxItems=16
            ).means(
                f"Draws {draw.meaning}. The shape: sizes such as `[N, K]` or `[N, L - K + 1]`."
            ),
            **{
                option: kind.means(f"{meaning[0].upper()}{meaning[1:]}.", default)
                for option, (default, kind, meaning) in draw.options.items()
            },
            "shift": number(-LARGEST, LARGEST).means("Added to every number.", 0),
            "dtype": _DTYPE.means("The array's dtype.", draw.dtype),
        },
        required=(name, *(o for o, option in draw.options.items() if option.default is None)),
    )
    for name, draw in DRAWS.items()
}
# Editors offer a form as a whole under its title.
_FORMS: Final = {"values and dtype": _FIXED_INPUT.means("Fixed numbers with a dtype.")} | {
    name: kind.means(f"Draws {DRAWS[name].meaning}.") for name, kind in _DRAWN_INPUT.items()
}
INPUT: Final = Kind(
    {"anyOf": [NUMBERS.schema, *({"title": t, **f.schema} for t, f in _FORMS.items())]},
    "numbers or a draw",
    _read_input,
)
