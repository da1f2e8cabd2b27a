"""The kinds of value that a YAML file of ours may hold, each able to read itself from a node.

A file's structure is described once, as a tree of these kinds: what a key means stands beside what
it may hold, and editors get both as a JSON Schema. Reading never stops at the first fault: what
cannot be read becomes `INVALID`, is noted with its place, and is left out of its mapping.
"""

from __future__ import annotations

import copy
import math
import re
import sys
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from autograder.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from autograder.errors import Place
    from autograder.formats.yaml_tree import Entry, Node

INVALID: Final[Any] = object()
IDENTIFIER: Final = (
    r"[A-Za-z_\u00aa-\uffff][0-9A-Za-z_\u00aa-\uffff]*"  # as \w is not the same everywhere
)

_LARGEST: Final = sys.float_info.max

Schema = dict[str, Any]
_Kind = TypeVar("_Kind", bound="Kind")


class Kind:
    """A kind of value."""

    meaning = ""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        """The value; or `INVALID`, and a fault noted."""
        raise NotImplementedError

    def schema(self) -> Schema:
        """The kind as a JSON Schema, as far as one can tell; it accepts whatever can be read."""
        raise NotImplementedError

    def means(self: _Kind, meaning: str) -> _Kind:
        """The same kind, with what it means where it stands: a sentence for whoever writes the file."""
        meant = copy.copy(self)
        meant.meaning = meaning
        return meant

    def described(self) -> Schema:
        """The schema together with the meaning."""
        return {"description": self.meaning, **self.schema()} if self.meaning else self.schema()


class Text(Kind):
    """A text that a pattern fits from end to end; by itself, one that is not empty."""

    def __init__(
        self, pattern: str = r"[\s\S]*\S[\s\S]*", wanted: str = "a text that is not empty"
    ) -> None:
        self._pattern = pattern
        self._wanted = wanted

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if isinstance(node.value, str) and re.fullmatch(self._pattern, node.value):
            return node.value
        return _refuse(node, self._wanted, faults)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^({self._pattern})$"}


class Label(Kind):
    """A short text that may look like a number: `10.2` is the text that stands in the file."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return node.text
        return Text().read(node, faults)

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "number"}, Text().schema()]}


class Number(Kind):
    """A finite number within bounds."""

    def __init__(
        self,
        minimum: float = -math.inf,
        maximum: float = math.inf,
        *,
        above: float = -math.inf,
        whole: bool = False,
    ) -> None:
        self._minimum, self._maximum, self._above, self._whole = minimum, maximum, above, whole

    def read(self, node: Node, faults: list[Fault]) -> Any:
        value = node.value
        if (
            isinstance(value, bool)
            or not isinstance(value, int if self._whole else (int, float))
            or not self._minimum <= value <= self._maximum
            or not self._above < value < math.inf
        ):
            return _refuse(node, self._wanted(), faults)
        return value

    def schema(self) -> Schema:
        bounds = {
            "minimum": max(self._minimum, -_LARGEST),
            "maximum": min(self._maximum, _LARGEST),  # infinity is no number to us
        }
        if self._above > -math.inf:
            bounds["exclusiveMinimum"] = self._above
        return {"type": "integer" if self._whole else "number", **bounds}

    def _wanted(self) -> str:
        noun = "a whole number" if self._whole else "a number"
        if self._above > -math.inf:
            return f"{noun} above {self._above:g}"
        if self._maximum < math.inf:
            return f"{noun} from {self._minimum:g} to {self._maximum:g}"
        return noun if self._minimum == -math.inf else f"{noun} of at least {self._minimum:g}"


class Flag(Kind):
    """`true` or `false`."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if isinstance(node.value, bool):
            return node.value
        return _refuse(node, "`true` or `false`", faults)

    def schema(self) -> Schema:
        return {"type": "boolean"}


class Choice(Kind):
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if node.value in self._words:
            return node.value
        message = f"expected one of {listed(self._words)}, found {found(node)}"
        faults.append(Fault(node.place, message + did_you_mean(str(node.value), self._words)))
        return INVALID

    def schema(self) -> Schema:
        return {"enum": list(self._words)}


class ListOf(Kind):
    """A list, every item of one kind."""

    def __init__(self, kind: Kind, *, nonempty: bool = True) -> None:
        self._kind = kind
        self._nonempty = nonempty

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if not isinstance(node.value, list) or (self._nonempty and not node.value):
            return _refuse(node, "a list" + " with something in it" * self._nonempty, faults)
        items = [self._kind.read(item, faults) for item in node.value]
        return INVALID if any(item is INVALID for item in items) else items

    def schema(self) -> Schema:
        return {
            "type": "array",
            "minItems": int(self._nonempty),
            "items": self._kind.described(),
        }


class Numbers(Kind):
    """A number, or lists of numbers to any depth, all of one length on each level: an array."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        before = len(faults)
        shape: list[int] = []
        first = node
        while isinstance(first.value, list) and first.value:
            shape.append(len(first.value))
            first = first.value[0]
        flat: list[float] = []
        self._collect(node, shape, flat, faults)
        return np.array(flat, dtype=np.float64).reshape(shape) if len(faults) == before else INVALID

    def _collect(
        self, node: Node, shape: list[int], flat: list[float], faults: list[Fault]
    ) -> None:
        value = node.value
        if shape:
            if not isinstance(value, list):
                _refuse(node, f"a list of length {shape[0]}, as the rows before it are", faults)
            elif len(value) != shape[0]:
                message = f"this row has length {len(value)}, the first has {shape[0]}"
                faults.append(Fault(node.place, f"{message}; make all rows equally long"))
            else:
                for item in value:
                    self._collect(item, shape[1:], flat, faults)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            number = _as_float(value)
            if math.isfinite(number):
                flat.append(number)
            else:
                _refuse(node, "a finite number", faults)
        else:
            _refuse(node, "a number", faults)

    def schema(self) -> Schema:
        # Not the reference by itself, beside which editors would overlook a description.
        return {"allOf": [{"$ref": "#/definitions/numbers"}]}


# What schemas refer to.
DEFINITIONS: Final[Schema] = {
    "numbers": {
        "anyOf": [
            Number().schema(),
            {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/numbers"}},
        ]
    }
}


class Section:
    """What was read from a mapping: its readable values, and the place of each."""

    def __init__(
        self,
        place: Place,
        values: dict[str, Any],
        places: dict[str, Place],
        *,
        faultless: bool = True,
    ) -> None:
        self.place = place
        self.faultless = faultless  # it, and all below it
        self.values = values
        self.places = places

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def has(self, key: str) -> bool:
        """Whether the key stands in the file, readable or not."""
        return key in self.places

    def at(self, key: str) -> Place:
        """The place of the key's value, or of the whole mapping where the key is not there."""
        return self.places.get(key, self.place)


class Fields(Kind):
    """A mapping with known keys; `others` is the kind of all further ones, where they are allowed."""

    def __init__(
        self,
        fields: Mapping[str, Kind],
        *,
        required: Collection[str] = (),
        others: Kind | None = None,
        noun: str = "key",
        nonempty: bool = False,
    ) -> None:
        self._fields = fields
        self._required = required
        self._others = others
        self._noun = noun
        self._nonempty = nonempty

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if not isinstance(node.value, dict) or (self._nonempty and not node.value):
            return _refuse(node, f"a mapping of {self._noun}s to values", faults)
        before = len(faults)
        values: dict[str, Any] = {}
        places: dict[str, Place] = {}
        for key, entry in node.value.items():
            kind = self._kind_of(key, entry, faults)
            if kind is not None:
                places[key] = entry.node.place
                value = kind.read(entry.node, faults)
                if value is not INVALID:
                    values[key] = value
        for key in self._required:
            if key not in node.value:
                faults.append(Fault(node.place, f"the key `{key}` is missing here; add it"))
        return Section(node.place, values, places, faultless=len(faults) == before)

    def schema(self) -> Schema:
        schema: Schema = {
            "type": "object",
            "properties": {key: kind.described() for key, kind in self._fields.items()},
            "required": list(self._required),
            "additionalProperties": False,
        }
        if self._others is not None:
            schema["additionalProperties"] = self._others.described()
            schema["propertyNames"] = {"pattern": f"^{IDENTIFIER}$"}
        if self._nonempty:
            schema["minProperties"] = 1
        return schema

    def _kind_of(self, key: str, entry: Entry, faults: list[Fault]) -> Kind | None:
        if key in self._fields:
            return self._fields[key]
        if self._others is not None and key.isidentifier():
            return self._others
        known = tuple(self._fields)
        advice = did_you_mean(key, known)
        if self._others is not None:
            advice = "; use letters, digits and underscores"
        elif not advice:
            advice = f"; known here: {listed(known)}"
        faults.append(Fault(entry.key_place, f"unknown {self._noun} `{key}`{advice}"))
        return None


def did_you_mean(word: str, known: Collection[str]) -> str:
    """`; did you mean `points`?` where a known word is close, otherwise nothing."""
    import difflib  # only needed once something is wrong

    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def listed(words: Collection[str]) -> str:
    """Words for a sentence: `a`, `b`, `c`."""
    return ", ".join(f"`{word}`" for word in words)


def found(node: Node) -> str:
    """What stands at the node, for a message."""
    value = node.value
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = str(value)
    shown = text if len(text) <= 40 else text[:37] + "..."
    return f"the text `{shown}`" if isinstance(value, str) else f"`{shown}`"


def _refuse(node: Node, wanted: str, faults: list[Fault]) -> Any:
    faults.append(Fault(node.place, f"expected {wanted}, found {found(node)}"))
    return INVALID


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
