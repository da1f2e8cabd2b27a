"""Sizes of a shape: numbers, named sizes, and sums and products of them such as `L - K + 1`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.errors import Fault
from autograder.formats.structure import IDENTIFIER, Kind, refuse
from autograder.formats.yaml_tree import Node
from autograder.model import Sizes

_OPERAND: Final = rf"\(*\s*({IDENTIFIER}|[0-9]{{1,9}})\s*\)*"
_EXPRESSION: Final = rf"\s*{_OPERAND}(\s*(\+|-|\*|//)\s*{_OPERAND})*\s*"
_TOKEN: Final = re.compile(rf"{IDENTIFIER}|[0-9]+|//|[-+*()]")
_LONGEST: Final = 200
_MOST_COMBINATIONS: Final = 200_000  # of sizes that are tried; of wider ranges only some


def value_of(size: int | str, sizes: Mapping[str, Any]) -> Any:
    """The value of a size, with numbers for the named sizes, or with arrays that hold many."""
    if isinstance(size, int):
        return size
    return sizes[size] if size in sizes else _sum(_TOKEN.findall(size)[::-1], sizes)


def names_in(size: int | str) -> tuple[str, ...]:
    """The named sizes that a size uses, each once."""
    tokens = _TOKEN.findall(size) if isinstance(size, str) else ()
    return tuple(dict.fromkeys(token for token in tokens if token.isidentifier()))


def _read_size(node: Node, faults: list[Fault]) -> Any:
    text = node.value
    if not isinstance(text, str):
        return text
    closed = np.cumsum([(c == "(") - (c == ")") for c in text])
    if len(text) > _LONGEST or closed.min() < 0 or closed[-1] != 0:
        return refuse(node, SIZE, faults)
    return text.strip()


SIZE: Final = Kind(
    {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": f"^{_EXPRESSION}$"},
        ]
    },
    "a size, a number or a name or a sum or product such as `L - K + 1`",
    make=_read_size,
)


class Combination(NamedTuple):
    """A value that depends on named sizes, and sizes that give it."""

    value: float  # not a number if it divides by zero
    sizes: dict[str, int]

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        value = "divides by 0" if np.isnan(self.value) else f"is {self.value:g}"
        return f"{value} with {sizes}" if sizes else value


def least(size: int | str, ranges: Mapping[str, Sizes]) -> Combination:
    """The least value of a size over the ranges of the named sizes."""
    grid = _grid(names_in(size), ranges)
    values = np.asarray(value_of(size, grid), dtype=np.float64)
    worst = np.argmin(np.where(np.isnan(values), -np.inf, values))
    index = np.unravel_index(worst, values.shape)
    sizes = {name: int(axis.flat[i]) for (name, axis), i in zip(grid.items(), index)}
    return Combination(float(values[index]), sizes)


def most_numbers(shape: Sequence[int | str], ranges: Mapping[str, Sizes]) -> float:
    """How many numbers an array of this shape can have."""
    names = dict.fromkeys(name for size in shape for name in names_in(size))
    grid = _grid(tuple(names), ranges)
    total: Any = 1.0
    for size in shape:
        total = total * value_of(size, grid)
    return float(np.max(total))


def _grid(names: Sequence[str], ranges: Mapping[str, Sizes]) -> dict[str, Any]:
    """For each name its values, along an axis of its own."""
    axes = [np.arange(1.0)] * len(names)
    combinations = np.prod([float(ranges[n].high - ranges[n].low + 1) for n in names])
    most = max(2, int(_MOST_COMBINATIONS ** (1 / max(1, len(names)))))
    for axis, name in enumerate(names):
        low, high = ranges[name]
        count = high - low + 1 if combinations <= _MOST_COMBINATIONS else min(most, high - low + 1)
        axes[axis] = np.rint(np.linspace(low, high, count))
    return dict(zip(names, np.ix_(*axes)))


# A sum is made of products, a product of operands; tokens are taken from the end of a list. ---------


def _sum(tokens: list[str], sizes: Mapping[str, Any]) -> Any:
    value = _product(tokens, sizes)
    while tokens and tokens[-1] in ("+", "-"):
        plus = tokens.pop() == "+"
        term = _product(tokens, sizes)
        value = value + term if plus else value - term
    return value


def _product(tokens: list[str], sizes: Mapping[str, Any]) -> Any:
    value = _operand(tokens, sizes)
    while tokens and tokens[-1] in ("*", "//"):
        times = tokens.pop() == "*"
        factor = _operand(tokens, sizes)
        value = value * factor if times else _quotient(value, factor)
    return value


def _operand(tokens: list[str], sizes: Mapping[str, Any]) -> Any:
    operand = tokens.pop()
    if operand != "(":
        return int(operand) if operand.isdigit() else sizes[operand]
    value = _sum(tokens, sizes)
    tokens.pop()
    return value


def _quotient(value: Any, by: Any) -> Any:
    if isinstance(value, int) and isinstance(by, int) and by != 0:
        return value // by
    return np.where(np.equal(by, 0), np.nan, value // np.where(np.equal(by, 0), 1, by))
