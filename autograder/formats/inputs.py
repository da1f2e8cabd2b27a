"""The inputs of a case file: numbers as they are, numbers with a dtype, or a draw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from autograder.errors import Fault
from autograder.formats.draws import DRAWS, DTYPES, LARGEST, Recipe, Sizes, as_dtype
from autograder.formats.structure import (
    IDENTIFIER,
    INVALID,
    Choice,
    Fields,
    Kind,
    Number,
    Numbers,
    Schema,
    Section,
    did_you_mean,
    found,
    listed,
)

if TYPE_CHECKING:
    from autograder.formats.yaml_tree import Node


_RANGE: Final = r"(0*[1-9][0-9]{0,8})\.\.(0*[1-9][0-9]{0,8})"


class Input(Kind):
    """One input: an array; or a recipe together with the places of the named sizes in its shape."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if not isinstance(node.value, dict):
            return Numbers().read(node, faults)
        if "values" in node.value:
            return self._fixed(_FIXED_INPUT.read(node, faults), faults)
        draws = [key for key in node.value if key in DRAWS]
        if len(draws) != 1:
            self._refuse(node, draws, faults)
            return INVALID
        section = _DRAWN_INPUT[draws[0]].read(node, faults)
        return self._drawn(draws[0], section, faults)

    def schema(self) -> Schema:
        # Editors offer a form as a whole under its title.
        forms = {"values and dtype": _FIXED_INPUT, **_DRAWN_INPUT}
        titled = [{"title": title, **form.described()} for title, form in forms.items()]
        return {"anyOf": [Numbers().schema(), *titled]}

    def _fixed(self, section: Section, faults: list[Fault]) -> Any:
        if "values" not in section.values:
            return INVALID
        values, dtype = section.get("values"), section.get("dtype", "float64")
        largest = np.iinfo(dtype).max if dtype.startswith("int") else np.finfo(dtype).max
        if np.abs(values).max() > largest:
            message = f"{np.abs(values).max():g} is beyond {dtype}; choose a wider dtype"
            faults.append(Fault(section.at("values"), message))
            return INVALID
        return as_dtype(values, dtype)

    def _drawn(self, name: str, section: Section, faults: list[Fault]) -> Any:
        options = {
            option: section.get(option, default)
            for option, (default, _, _) in DRAWS[name].options.items()
        }
        readable = all(key in section.values or not section.has(key) for key in ("low", "high"))
        if readable and "low" in options and options["low"] > options["high"]:
            message = f"`low` ({options['low']:g}) is above `high` ({options['high']:g}); swap them"
            faults.append(Fault(section.at("low"), message))
        if name not in section.values:
            return INVALID
        shape = section.get(name)
        recipe = Recipe(
            name,
            tuple(size for size, _ in shape),
            options,
            section.get("shift", 0.0),
            section.get("dtype", DRAWS[name].dtype),
        )
        return recipe, {size: place for size, place in reversed(shape) if isinstance(size, str)}

    def _refuse(self, node: Node, draws: list[str], faults: list[Fault]) -> None:
        place = node.place
        if draws:
            message = f"has {len(draws)} draws ({listed(draws)}); keep one"
        elif not isinstance(node.value, dict) or not node.value:
            message = f"expected numbers or a draw; draws are {listed(DRAWS)}"
        else:
            word, entry = next(iter(node.value.items()))
            place = entry.key_place
            advice = did_you_mean(word, tuple(DRAWS)) or f"; draws are {listed(DRAWS)}"
            message = f"unknown draw `{word}`{advice}"
        faults.append(Fault(place, message))


class SizeRange(Kind):
    """A size, `8`, or a range of sizes, `1..64`."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return Sizes(value, value)
        match = isinstance(value, str) and re.fullmatch(_RANGE, value)
        if match and int(match[1]) <= int(match[2]):
            return Sizes(int(match[1]), int(match[2]))
        message = f"expected a size such as `8`, or a range such as `1..64`, found {found(node)}"
        faults.append(Fault(node.place, message))
        return INVALID

    def schema(self) -> Schema:
        return {
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": f"^{_RANGE}$"},
            ]
        }


class _Shape(Kind):
    """A draw's shape: sizes, each a number or the name of one, with their places."""

    def __init__(self, least_dimensions: int) -> None:
        self._least = least_dimensions

    def read(self, node: Node, faults: list[Fault]) -> Any:
        items = node.value
        if not isinstance(items, list) or len(items) < self._least:
            message = f"expected a shape such as `[N, C]`, found {found(node)}"
            faults.append(Fault(node.place, message))
            return INVALID
        shape = []
        for item in items:
            size = item.value
            if (isinstance(size, str) and size.isidentifier()) or (type(size) is int and size >= 1):
                shape.append((size, item.place))
            else:
                message = f"expected a size, a number or a name, found {found(item)}"
                faults.append(Fault(item.place, message))
        return shape if len(shape) == len(items) else INVALID

    def schema(self) -> Schema:
        size = [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": f"^{IDENTIFIER}$"},
        ]
        return {"type": "array", "minItems": self._least, "items": {"anyOf": size}}


_DTYPE: Final = Choice(*DTYPES)
_FIXED_INPUT: Final = Fields(
    {
        "values": Numbers().means("The numbers: one, or rows in brackets."),
        "dtype": _DTYPE.means("The array's dtype; float64 unless given."),
    },
    required=("values",),
).means("Fixed numbers with a dtype.")
_DRAWN_INPUT: Final = {
    name: Fields(
        {
            name: _Shape(draw.least_dimensions).means(
                f"Draws {draw.meaning}. The shape: named sizes, or numbers, such as `[N, C]`."
            ),
            **{
                option: kind.means(f"{meaning[0].upper()}{meaning[1:]}; {default:g} unless given.")
                for option, (default, kind, meaning) in draw.options.items()
            },
            "shift": Number(-LARGEST, LARGEST).means("Added to every number; 0 unless given."),
            "dtype": _DTYPE.means(f"The array's dtype; {draw.dtype} unless given."),
        },
        required=(name,),
    ).means(f"Draws {draw.meaning}.")
    for name, draw in DRAWS.items()
}
