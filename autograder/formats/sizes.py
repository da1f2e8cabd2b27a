"""Sizes of a shape: numbers, named sizes, and sums and products of them such as `L - K + 1`."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.errors import Fault
from autograder.formats.structure import IDENTIFIER, Kind, refuse
from autograder.formats.yaml_tree import Node
from autograder.model import Sizes

_OPERAND: Final = rf"\(*\s*({IDENTIFIER}|[1-9][0-9]{{0,8}})\s*\)*"
_EXPRESSION: Final = rf"(?=.{{1,200}}$)\s*{_OPERAND}(\s*(\+|-|\*|//)\s*{_OPERAND}){{0,7}}\s*"
_MOST_COMBINATIONS: Final = 200_000  # of sizes that are tried; of wider ranges only some


def value_of(size: int | str, sizes: Mapping[str, Any]) -> Any:
    """The value of a size, with numbers for the named sizes, or with arrays that hold many."""
    if isinstance(size, int):
        return size
    return sizes[size] if size in sizes else _value(_tree(size), sizes)


def names_in(size: int | str) -> tuple[str, ...]:
    """The named sizes that a size uses, each once."""
    names = re.findall(IDENTIFIER, size) if isinstance(size, str) else ()
    return tuple(dict.fromkeys(names))


def _read_size(node: Node, faults: list[Fault]) -> Any:
    if not isinstance(node.value, str):
        return node.value
    try:
        _tree(node.value)
    except SyntaxError:  # parentheses that do not match, or a word that Python has taken
        return refuse(node, SIZE, faults)
    return node.value.strip()


def _tree(size: str) -> ast.expr:
    return ast.parse(size.strip(), mode="eval").body


SIZE: Final = Kind(
    {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": f"^{_EXPRESSION}$"},
        ]
    },
    "a size such as `8`, `N` or `L - K + 1`",
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
    if size in ranges:
        return Combination(ranges[str(size)].low, {})
    grid = _grid(names_in(size), ranges)
    values = np.asarray(value_of(size, grid), dtype=np.float64)
    worst = np.argmin(np.where(np.isnan(values), -np.inf, values))
    index = np.unravel_index(worst, values.shape)
    sizes = {name: int(axis.flat[i]) for (name, axis), i in zip(grid.items(), index)}
    return Combination(float(values[index]), sizes)


def most_numbers(shape: Sequence[int | str], ranges: Mapping[str, Sizes]) -> float:
    """The product of the greatest values of the sizes of a shape."""
    most = 1.0
    for size in shape:
        if size in ranges:
            most *= ranges[str(size)].high
        else:
            most *= float(np.max(value_of(size, _grid(names_in(size), ranges))))
    return most


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


def _value(node: Any, sizes: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return sizes[node.id]
    if isinstance(node, ast.Constant):
        return node.value
    return _OPERATIONS[type(node.op)](_value(node.left, sizes), _value(node.right, sizes))


def _quotient(value: Any, by: Any) -> Any:
    if isinstance(value, int) and isinstance(by, int) and by != 0:
        return value // by
    return np.where(np.equal(by, 0), np.nan, value // np.where(np.equal(by, 0), 1, by))


_OPERATIONS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: _quotient,
}
