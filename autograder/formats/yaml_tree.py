"""YAML text as a tree of nodes that remember their places.

Built from PyYAML's events rather than with its loaders, for three reasons: every node keeps its line
and column; plain words have the meaning that editors give them (YAML 1.2: `1e-5` is a number, `no` is
a word); and tags, anchors and deep nesting are refused before anything is made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import yaml

from autograder.errors import Fault, Place

MAX_DEPTH: Final = 32
MAX_BYTES: Final = 16 * 2**20

Scalar: TypeAlias = str | int | float | bool | None

# How one character of a text is written, by the quote around it.
_CHARACTER: Final = {"": ".", "'": "''|.", '"': r"\\(?:x..|u.{4}|U.{8}|.)|."}
_TOO_DEEP: Final = f"is nested more than {MAX_DEPTH} levels deep; flatten it"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times faster
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


class Written(NamedTuple):
    """How a text is written in its file."""

    lines: list[str]  # of the whole file
    style: str  # `|`, `>`, a quote, or nothing
    end: tuple[int, int]  # line and column, from 0, behind its last character


class Node:
    """A YAML value and its place; `value` is a scalar, a list of nodes, or a dict of entries."""

    __slots__ = ("place", "text", "value", "written")

    def __init__(
        self,
        place: Place,
        value: Scalar | list[Node] | dict[str, Entry],
        text: str = "",
        written: Written | None = None,
    ) -> None:
        self.place = place
        self.value = value
        self.text = text  # of a scalar, as it is written in the file
        self.written = written  # of a text

    @property
    def is_folded(self) -> bool:
        """Whether it is a text of several lines, of which YAML makes one."""
        if self.written is None or self.written.style == "|":
            return False
        return self.written.style == ">" or self.written.end[0] >= self.place.line

    def place_of(self, line: int, column: int) -> Place:
        """The place of a character of a text that is not folded; line and column count from 1."""
        assert self.written is not None
        path, first_line, first_column = self.place
        text_lines = self.text.split("\n")
        line = max(1, min(line, len(text_lines)))
        text = text_lines[line - 1]
        column = max(1, min(column, len(text) + 1))
        if self.written.style == "|":
            in_file = self.written.lines[min(first_line + line, len(self.written.lines)) - 1]
            return Place(path, first_line + line, max(1, len(in_file) - len(text) + column))
        before = sum(len(text) + 1 for text in text_lines[: line - 1]) + column - 1
        raw = self.written.lines[first_line - 1][first_column - 1 : self.written.end[1]]
        quoted = bool(self.written.style)
        characters = re.findall(_CHARACTER[self.written.style], raw[quoted:])
        width = sum(map(len, characters[:before]))
        return Place(path, first_line, first_column + quoted + width)


class Entry:
    """One `key: value` of a mapping."""

    __slots__ = ("key_place", "node")

    def __init__(self, key_place: Place, node: Node) -> None:
        self.key_place = key_place
        self.node = node


def read_yaml(path: Path, faults: list[Fault]) -> Node | None:
    """Read one YAML document; faults are appended, and None is returned if nothing could be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        faults.append(Fault(Place(path), f"cannot be read ({error.strerror})"))
        return None
    if len(data) > MAX_BYTES:
        faults.append(Fault(Place(path), f"is larger than {MAX_BYTES // 2**20} MB; split it"))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        message = "is not UTF-8 text here; save the file as UTF-8"
        faults.append(Fault(Place(path, line, column), message))
        return None
    return _Builder(path, faults).build(text)


class _Stop(Exception):
    """Reading cannot go on; the fault has been noted."""


class _Builder:
    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self._path = path
        self._faults = faults
        self._events: Iterator[yaml.Event] = iter(())
        self._lines: list[str] = []

    def build(self, text: str) -> Node | None:
        self._lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)  # as YAML counts them
        try:
            self._events = yaml.parse(text, Loader=_LOADER)
            return self._document()
        except _Stop:
            return None
        except yaml.MarkedYAMLError as error:
            self._note(error.problem_mark or error.context_mark, _syntax_message(error))
        except yaml.YAMLError as error:  # a control character; these carry no mark
            self._faults.append(Fault(Place(self._path), f"is not YAML: {error}"))
        return None

    def _document(self) -> Node | None:
        next(self._events)  # the start of the stream
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return Node(Place(self._path), None)
        root = self._node(next(self._events), 0)
        next(self._events)  # the end of the document
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._note(
                event.start_mark, "a second document starts here; put it in a file of its own"
            )
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        place = self._place(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._note(
                event.start_mark, "anchors and aliases (&, *) are not supported; write it out"
            )
            raise _Stop
        if depth > MAX_DEPTH:
            self._note(event.start_mark, _TOO_DEEP)
            raise _Stop
        tag = getattr(event, "tag", None)
        if tag:
            self._note(event.start_mark, f"the tag `{tag}` is not supported; leave it out")
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(event, depth + 1))
            return Node(place, items)
        if isinstance(event, yaml.MappingStartEvent):
            return Node(place, self._entries(depth))
        scalar: Any = event
        value = _scalar(scalar.value, plain=scalar.implicit[0])
        if not isinstance(value, str):
            return Node(place, value, scalar.value)
        end = (scalar.end_mark.line, scalar.end_mark.column)
        return Node(place, value, value, Written(self._lines, scalar.style or "", end))

    def _entries(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = event.value if isinstance(event, yaml.ScalarEvent) else None
            mark = event.start_mark
            self._node(event, depth + 1)
            node = self._node(next(self._events), depth + 1)
            if key is None:
                self._note(mark, "a key must be a word, not a list or a mapping")
            elif key in entries:
                first = entries[key].key_place.line
                self._note(mark, f"the key `{key}` is here a second time (first in line {first})")
            else:
                entries[key] = Entry(self._place(mark), node)
        return entries

    def _place(self, mark: Any) -> Place:
        return Place(self._path, mark.line + 1, mark.column + 1)

    def _note(self, mark: Any, message: str) -> None:
        place = self._place(mark) if mark else Place(self._path)
        self._faults.append(Fault(place, message))


def _scalar(text: str, *, plain: bool) -> Scalar:
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789" and _NUMBER.fullmatch(text):
        # An integer of more digits than any float has would only serve to slow us down.
        return int(text) if text.lstrip("+-").isdigit() and len(text) < 400 else float(text)
    return text


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "this is not YAML"
    if "nesting depth" in problem:  # libyaml reads ahead, and has a limit of its own
        return _TOO_DEEP
    if "\\t" in problem or "character that cannot start any token" in problem:
        problem += " (a tab? YAML is indented with spaces only)"
    context = f" {error.context}" if error.context else ""
    return f"YAML syntax: {problem}{context}"
