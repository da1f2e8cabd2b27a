"""The kinds of value in an assignment's YAML files. A kind is its JSON Schema, for editors and for us.

A file's structure is declared once, as a tree of kinds: what a key means is written beside what it may
hold. Reading goes on after a fault: what is unreadable becomes `INVALID`, and is noted with its place.
"""

from __future__ import annotations

import keyword
import math
import re
import sys
import unicodedata
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from autograder.errors import Fault, Place
from autograder.formats.nodes import Entry, Node
from autograder.text import closest, did_you_mean, listed

INVALID: Final[Any] = object()
# Letters, digits, the underscore and all from \u00aa on. Not `\w`, which differs between the regular
# expressions of Python and of editors; told by what it is not, which takes a hundredth of the time.
IDENTIFIER: Final = r"[^\x00-@\[-\^`{-\u00a9][^\x00-/:-@\[-\^`{-\u00a9]*"

# Words that a program, or a shape, cannot use as a name.
RESERVED: Final = (*keyword.kwlist, "true", "false", "null")

Schema = dict[str, Any]

_TYPES: Final[dict[str, Any]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


class Kind(NamedTuple):
    """A kind of value: a JSON Schema, what it asks for in words, and what is made of a value."""

    schema: Schema
    wanted: str
    make: Callable[[Node, list[Fault]], Any] | None = None
    item: Kind | None = None  # of a list
    fields: Mapping[str, Kind] = MappingProxyType({})  # of a mapping
    others: Kind | None = None  # of further keys, if they are allowed
    noun: str = "key"
    record: Callable[..., Any] | None = None  # that a mapping without faults becomes

    def means(self, meaning: str, default: Any = None) -> Kind:
        """The same kind with what it means at its place, for whoever writes the file."""
        described: Schema = {"description": meaning}
        if default is not None:
            is_number = type(default) in (int, float)
            shown = f"{default:g}" if is_number else f"`{str(default).lower()}`"
            meaning = f"{meaning.rstrip('.')}; {shown} unless given."
            described = {"description": meaning, "default": default}
        return self._replace(schema={**described, **self.schema})

    @property
    def defaults(self) -> dict[str, Any]:
        """Of a mapping: the values of keys that need not be given."""
        return {k: f.schema["default"] for k, f in self.fields.items() if "default" in f.schema}


# Kinds. ------------------------------------------------------------------------------------------


def text(pattern: str = r"[\s\S]*\S[\s\S]*", wanted: str = "a text that is not empty") -> Kind:
    """A text that a pattern fits from end to end."""
    return Kind({"type": "string", "pattern": f"^({pattern})$"}, wanted)


def label() -> Kind:
    """A short text that may look like a number: `10.2` is read as the text in the file."""
    schema = {"anyOf": [{"type": "number"}, text().schema]}
    return Kind(schema, text().wanted, make=lambda node, _: node.text)


def number(minimum: float = -math.inf, maximum: float = math.inf, *, whole: bool = False) -> Kind:
    """A finite number within bounds."""
    wanted = "a whole number" if whole else "a number"
    if maximum < math.inf:
        wanted += f" from {minimum:.10g} to {maximum:.10g}"
    elif minimum > -math.inf:
        wanted += f" of at least {minimum:.10g}"
    largest = sys.float_info.max
    bounds = {"minimum": max(minimum, -largest), "maximum": min(maximum, largest)}
    return Kind({"type": "integer" if whole else "number", **bounds}, wanted)


def flag() -> Kind:
    """`true` or `false`."""
    return Kind({"type": "boolean"}, "`true` or `false`")


def choice(*words: str) -> Kind:
    """One of a few words."""
    return Kind({"enum": list(words)}, f"one of {listed(words)}")


def list_of(kind: Kind, wanted: str = "a list with something in it", **bounds: int) -> Kind:
    """A list of items of one kind; it is not empty, unless its `bounds` in JSON Schema are given."""
    bounds = bounds or {"minItems": 1}
    return Kind({"type": "array", **bounds, "items": kind.schema}, wanted, item=kind)


def mapping(
    fields: Mapping[str, Kind],
    *,
    required: Collection[str] = (),
    others: Kind | None = None,
    noun: str = "key",
    nonempty: bool = False,
    record: Callable[..., Any] | None = None,
) -> Kind:
    """A mapping with known keys; `others` is the kind of all further ones, if they are allowed."""
    schema: Schema = {
        "type": "object",
        "properties": {key: kind.schema for key, kind in fields.items()},
        "required": list(required),
        "additionalProperties": others.schema if others else False,
    }
    if others:
        schema["propertyNames"] = {"pattern": f"^(?!({'|'.join(RESERVED)})$){IDENTIFIER}$"}
    if nonempty:
        schema["minProperties"] = 1
    wanted = f"a mapping of {noun}s to values"
    return Kind(schema, wanted, fields=fields, others=others, noun=noun, record=record)


# Reading. ----------------------------------------------------------------------------------------


class Section(NamedTuple):
    """What was read from a mapping: its readable values, and the places of all."""

    place: Place
    values: dict[str, Any]
    places: dict[str, Place]
    keys: dict[str, Place]
    faultless: bool  # it, and all below it
    strays: bool = False  # a key is not a word, but perhaps a line of a text, indented too little

    def get(self, key: str, default: Any = None) -> Any:
        """The readable value of a key, else the default."""
        return self.values.get(key, default)

    def below(self, key: str) -> Section:
        """What was read from the mapping at a key; nothing, at this place, if there is none."""
        return self.values.get(key) or Section(self.place, {}, {}, {}, faultless=True)

    def has(self, key: str) -> bool:
        """Whether the file has the key, readable or not."""
        return key in self.places

    def at(self, key: str) -> Place:
        """The place of the key's value, or of the whole mapping if the key is missing."""
        return self.places.get(key, self.place)


def read(kind: Kind, node: Node, faults: list[Fault]) -> Any:
    """The value of a node; or `INVALID`, and a fault noted."""
    if not _fits(node.value, kind.schema):
        return refuse(node, kind, faults)
    if kind.make is not None:
        return kind.make(node, faults)
    if isinstance(node.value, dict):
        return _read_mapping(kind, node, faults)
    if isinstance(node.value, list) and kind.item is not None:
        items = [read(kind.item, item, faults) for item in node.value]
        return INVALID if any(item is INVALID for item in items) else tuple(items)
    return _whole(node.value) if kind.schema.get("type") == "integer" else node.value


def refuse(node: Node, kind: Kind, faults: list[Fault]) -> Any:
    """Note that the node holds something else than it should."""
    advice = did_you_mean(str(node.value), kind.schema.get("enum", ()))
    faults.append(Fault(node.place, f"expected {kind.wanted}, found {node.shown}{advice}"))
    return INVALID


def _fits(value: Any, schema: Schema) -> bool:
    """Whether a value fits a schema, without what is below it."""
    if "anyOf" in schema:
        return any(_fits(value, form) for form in schema["anyOf"])
    if "enum" in schema:
        return isinstance(value, str) and value in schema["enum"]
    wanted = schema.get("type")
    if wanted is None:
        return True
    if wanted == "integer":  # 2.0 is one too, as JSON has it
        value = _whole(value)
    if not isinstance(value, _TYPES[wanted]) or isinstance(value, bool) != (wanted == "boolean"):
        return False
    if isinstance(value, str):
        return "pattern" not in schema or re.fullmatch(schema["pattern"], value) is not None
    if isinstance(value, (list, dict)):
        least = schema.get("minItems") or schema.get("minProperties") or 0
        return bool(least <= len(value) <= schema.get("maxItems", math.inf))
    return bool(schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf))


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _read_mapping(kind: Kind, node: Node, faults: list[Fault]) -> Any:
    assert isinstance(node.value, dict)
    before = len(faults)
    known: dict[str, Entry] = {}
    values: dict[str, Any] = {}
    for key, entry in node.value.items():
        name = unicodedata.normalize("NFKC", key) if kind.others else key  # as Python does
        free = kind.others if name.isidentifier() and name not in RESERVED else None
        if field := kind.fields.get(key) or free:
            known[name] = entry
            if (value := read(field, entry.node, faults)) is not INVALID:
                values[name] = value
        elif name in RESERVED:
            message = f"`{name}` means something else in Python or YAML; choose another name"
            faults.append(Fault(entry.key_place, message))
        else:
            meant = closest(key, [field for field in kind.fields if field not in node.value])
            if meant:  # what it holds is not known, but it is not missing either
                known.setdefault(meant, entry)
            advice = did_you_mean(key, kind.fields) or f"; known here: {listed(kind.fields)}"
            if not name.isidentifier():
                advice = "; if it belongs to the lines above, indent it like them"
            advice = "; use letters, digits and underscores" if kind.others else advice
            faults.append(Fault(entry.key_place, f"unknown {kind.noun} `{key}`{advice}"))
    missing = [key for key in kind.schema["required"] if key not in {**node.value, **known}]
    faults += [Fault(node.place, f"the key `{key}` is missing here; add it") for key in missing]
    places = {key: entry.node.place for key, entry in known.items()}
    keys = {key: entry.key_place for key, entry in known.items()}
    faultless = len(faults) == before
    strays = not all(map(str.isidentifier, node.value))
    if kind.record is None:
        return Section(node.place, values, places, keys, faultless, strays)
    return kind.record(**values) if faultless else INVALID
