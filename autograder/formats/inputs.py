"""The inputs of a case file: numbers as they are, numbers with a dtype, or a draw."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from autograder.errors import Fault
from autograder.formats.draws import DRAWS, DTYPES, LARGEST, as_dtype
from autograder.formats.sizes import SIZE
from autograder.formats.structure import (
    INVALID,
    Kind,
    Schema,
    Section,
    choice,
    did_you_mean,
    found,
    listed,
    mapping,
    number,
    read,
    refuse,
)
from autograder.formats.yaml_tree import Node
from autograder.model import Recipe, Sizes

_RANGE: Final = r"(0*[1-9][0-9]{0,8})\.\.(0*[1-9][0-9]{0,8})"
# What schemas refer to.
DEFINITIONS: Final[Schema] = {
    "numbers": {
        "anyOf": [
            number().schema,
            {"type": "boolean"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/numbers"}},
        ]
    }
}


# Numbers. ----------------------------------------------------------------------------------------


def _read_numbers(node: Node, faults: list[Fault]) -> Any:
    """An array: float64, or bool if all are `true` or `false`; a whole number alone is int64."""
    before = len(faults)
    shape: list[int] = []
    first = node
    while isinstance(first.value, list) and first.value:
        shape.append(len(first.value))
        first = first.value[0]
    flat: list[Any] = []
    _collect(node, shape, isinstance(first.value, bool), flat, faults)
    if len(faults) > before:
        return INVALID
    if isinstance(first.value, bool):
        return np.array(flat, dtype=np.bool_).reshape(shape)
    if not shape and isinstance(node.value, int) and abs(node.value) < 2**63:
        return np.array(node.value, dtype=np.int64)
    return np.array(flat, dtype=np.float64).reshape(shape)


def _collect(
    node: Node, shape: list[int], flags: bool, flat: list[Any], faults: list[Fault]
) -> None:
    value = node.value
    if shape and not isinstance(value, list):
        wanted = f"a list of length {shape[0]} like the rows before it"
        faults.append(Fault(node.place, f"expected {wanted}, found {found(node)}"))
    elif shape and isinstance(value, list):
        if len(value) == shape[0]:
            for item in value:
                _collect(item, shape[1:], flags, flat, faults)
        else:
            message = f"this row has length {len(value)}, the first has {shape[0]}"
            faults.append(Fault(node.place, f"{message}; make all rows equally long"))
    elif isinstance(value, (int, float)) and isinstance(value, bool) == flags:
        if _is_finite(value):
            flat.append(value)
        else:
            refuse(node, NUMBERS._replace(wanted="a finite number"), faults)
    else:
        refuse(node, NUMBERS, faults)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


# Not the reference by itself, beside which editors would overlook a description.
NUMBERS: Final = Kind({"allOf": [{"$ref": "#/definitions/numbers"}]}, "a number", _read_numbers)


# Sizes and ranges of sizes. ----------------------------------------------------------------------


def _read_range(node: Node, faults: list[Fault]) -> Any:
    low, _, high = str(node.value).partition("..")
    sizes = Sizes(int(low), int(high or low))
    return sizes if sizes.low <= sizes.high else refuse(node, SIZE_RANGE, faults)


SIZE_RANGE: Final = Kind(
    {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": 10**9 - 1},
            {"type": "string", "pattern": f"^{_RANGE}$"},
        ]
    },
    "a size such as `8`, or a range such as `1..64`",
    _read_range,
)


def _shape(least_dimensions: int) -> Kind:
    """A draw's shape: a list of sizes, each with its place."""
    kind = Kind(
        {"type": "array", "minItems": least_dimensions, "maxItems": 16, "items": SIZE.schema},
        "a shape such as `[N, K]`",
    )

    def read_shape(node: Node, faults: list[Fault]) -> Any:
        assert isinstance(node.value, list)
        shape = [(read(SIZE, item, faults), item.place) for item in node.value]
        return INVALID if any(size is INVALID for size, _ in shape) else shape

    return kind._replace(make=read_shape)


# Inputs. -----------------------------------------------------------------------------------------


def _read_input(node: Node, faults: list[Fault]) -> Any:
    """An array; or a recipe with the sizes in it and their places."""
    if not isinstance(node.value, dict):
        return read(NUMBERS, node, faults)
    if "values" in node.value:
        return _fixed(read(_FIXED_INPUT, node, faults), faults)
    draws = [key for key in node.value if key in DRAWS]
    if len(draws) == 1:
        return _drawn(draws[0], read(_DRAWN_INPUT[draws[0]], node, faults), faults)
    place = node.place
    if draws:
        message = f"has {len(draws)} draws ({listed(draws)}); keep one"
    elif not node.value:
        message = f"expected numbers or a draw; draws are {listed(DRAWS)}"
    else:
        word, entry = next(iter(node.value.items()))
        place = entry.key_place
        advice = did_you_mean(word, tuple(DRAWS)) or f"; draws are {listed(DRAWS)}"
        message = f"unknown draw `{word}`{advice}"
    faults.append(Fault(place, message))
    return INVALID


def _fixed(section: Section, faults: list[Fault]) -> Any:
    if "values" not in section.values:
        return INVALID
    values = section.get("values")
    dtype = section.get("dtype", str(values.dtype))
    numbers = values.astype(np.float64)
    largest = 1 if dtype == "bool" else np.finfo(dtype).max if "f" in dtype else np.iinfo(dtype).max
    if np.abs(numbers).max() > largest:
        message = f"{np.abs(numbers).max():g} is beyond {dtype}; choose a wider dtype"
        faults.append(Fault(section.at("values"), message))
        return INVALID
    lost = numbers[numbers != np.rint(numbers)]
    if lost.size and "f" not in dtype:
        message = f"{lost[0]:g} is not a whole number, and {dtype} holds no other; choose a float"
        faults.append(Fault(section.at("values"), message))
        return INVALID
    return as_dtype(values, dtype)


def _drawn(name: str, section: Section, faults: list[Fault]) -> Any:
    options = {
        option: section.get(option, default)
        for option, (default, _, _) in DRAWS[name].options.items()
    }
    readable = all(key in section.values or not section.has(key) for key in ("low", "high"))
    if readable and "low" in options and options["low"] > options["high"]:
        message = f"`low` ({options['low']:g}) is above `high` ({options['high']:g}); swap them"
        faults.append(Fault(section.at("low"), message))
    if name not in section.values or None in options.values():
        return INVALID
    shape = section.get(name)
    dtype = section.get("dtype", DRAWS[name].dtype)
    recipe = Recipe(name, tuple(s for s, _ in shape), options, section.get("shift", 0.0), dtype)
    used = [*shape, *((v, section.at(o)) for o, v in options.items() if isinstance(v, str))]
    return recipe, used


_DTYPE: Final = choice(*DTYPES)
_FIXED_INPUT: Final = mapping(
    {
        "values": NUMBERS.means("The numbers: one, or rows in brackets."),
        "dtype": _DTYPE.means("The array's dtype; float64 unless given."),
    },
    required=("values",),
)
_DRAWN_INPUT: Final = {
    name: mapping(
        {
            name: _shape(draw.least_dimensions).means(
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
_FORMS: Final = {
    "values and dtype": _FIXED_INPUT.means("Fixed numbers with a dtype."),
    **{name: kind.means(f"Draws {DRAWS[name].meaning}.") for name, kind in _DRAWN_INPUT.items()},
}
INPUT: Final = Kind(
    {"anyOf": [NUMBERS.schema, *({"title": t, **f.schema} for t, f in _FORMS.items())]},
    "numbers or a draw",
    _read_input,
)
