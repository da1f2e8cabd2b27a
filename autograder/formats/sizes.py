"""Sizes of a shape: numbers, named sizes, and sums and products of them such as `L - K + 1`."""

from __future__ import annotations

import ast
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from autograder.errors import Fault
from autograder.formats.nodes import Node
from autograder.formats.structure import IDENTIFIER, Kind, refuse
from autograder.model import Sizes

_OPERAND: Final = rf"\(*\s*({IDENTIFIER}|[1-9][0-9]{{0,8}})\s*\)*"
_EXPRESSION: Final = rf"(?=.{{1,200}}$)\s*{_OPERAND}(\s*(\+|-|\*|//)\s*{_OPERAND}){{0,7}}\s*"
_RANGE: Final = r"(0*[1-9][0-9]{0,8})\.\.(0*[1-9][0-9]{0,8})"
_MOST_COMBINATIONS: Final = 200_000  # of sizes that are tried; of wider ranges only some


def _kind(of_numbers: dict[str, int], pattern: str, wanted: str, make: Callable[..., Any]) -> Kind:
    forms = [{"type": "integer", **of_numbers}, {"type": "string", "pattern": f"^{pattern}$"}]
    return Kind({"anyOf": forms}, wanted, make)


def _read_size(node: Node, faults: list[Fault]) -> Any:
    """The size and its place."""
    if not isinstance(node.value, str):
        whole: Any = node.value
        return int(whole), node.place
    size = unicodedata.normalize("NFKC", node.value.strip())  # names as Python has them
    try:
        _tree(size)
    except SyntaxError:  # parentheses that do not match, or a word that Python has taken
        return refuse(node, SIZE, faults)
    return size, node.place


def _read_range(node: Node, faults: list[Fault]) -> Any:
    value: Any = node.value
    low, _, high = (value if isinstance(value, str) else str(int(value))).partition("..")
    sizes = Sizes(int(low), int(high or low))
    return sizes if sizes.low <= sizes.high else refuse(node, SIZE_RANGE, faults)


SIZE: Final = _kind(
    {"minimum": 1}, _EXPRESSION, "a size such as `8`, `N` or `L - K + 1`", _read_size
)
SIZE_RANGE: Final = _kind(
    {"minimum": 1, "maximum": 10**9 - 1},
    _RANGE,
    "a size such as `8`, or a range such as `1..64`",
    _read_range,
)


def value_of(size: float | str, sizes: Mapping[str, Any]) -> Any:
    """The value of a size, with numbers for the named sizes, or with arrays that hold many."""
    if not isinstance(size, str):
        return size
    return sizes[size] if size in sizes else _value(_tree(size), sizes)


def names_in(size: int | str) -> tuple[str, ...]:
    """The named sizes that a size uses, each once."""
    names = re.findall(IDENTIFIER, size) if isinstance(size, str) else ()
    return tuple(dict.fromkeys(names))


def flaw(size: int | str, ranges: Mapping[str, Sizes]) -> str:
    """How a size can be less than 1, with the sizes that make it so; nothing if it cannot."""
    if isinstance(size, int) or size in ranges:
        return ""
    grid = _grid(names_in(size), ranges)
    values = np.asarray(value_of(size, grid), dtype=np.float64)
    worst = np.unravel_index(np.argmin(np.nan_to_num(values, nan=-np.inf)), values.shape)
    if values[worst] >= 1:
        return ""
    what = "divides by 0" if np.isnan(values[worst]) else f"is {values[worst]:g}"
    sizes = [f"{name} = {int(axis.flat[i])}" for (name, axis), i in zip(grid.items(), worst)]
    return f"{what} with {', '.join(sizes)}" if sizes else what


def most_numbers(shape: Sequence[int | str], ranges: Mapping[str, Sizes]) -> float:
    """The product of the greatest values of the sizes of a shape."""
    return math.prod(
        float(ranges[str(size)].high)
        if size in ranges
        else float(np.max(value_of(size, _grid(names_in(size), ranges))))
        for size in shape
    )


def _grid(names: Sequence[str], ranges: Mapping[str, Sizes]) -> dict[str, Any]:
    """For each name its values, along an axis of its own."""
    counts = [ranges[name].high - ranges[name].low + 1 for name in names]
    if math.prod(counts) > _MOST_COMBINATIONS:
        most = max(2, int(_MOST_COMBINATIONS ** (1 / len(names))))
        counts = [min(most, count) for count in counts]
    axes = [np.rint(np.linspace(*ranges[n], count)) for n, count in zip(names, counts)]
    return dict(zip(names, np.ix_(*axes)))


@lru_cache(maxsize=256)  # nearly all of them are `N` or `C`
def _tree(size: str) -> ast.expr:
    return ast.parse(size.strip(), mode="eval").body


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
