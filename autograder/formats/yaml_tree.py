"""YAML text as a tree of nodes (nodes.py).

Built from PyYAML's events rather than with its loaders, for three reasons: every node keeps its line
and column; plain words have the meaning that editors give them (YAML 1.2: `1e-5` is a number, `no` is
a word); and tags, anchors and deep nesting are refused before anything is made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from autograder.errors import AssignmentError, Fault, Place
from autograder.formats.nodes import Entry, Node, Scalar, Written

MAX_DEPTH: Final = 32
MAX_BYTES: Final = 16 * 2**20

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

# What to do about an error of syntax, by what PyYAML says of it.
_ADVICE: Final = (
    (r"\btab\b|\\t", "a tab? YAML is indented with spaces only"),
    ("cannot start any token", "put a text that begins with `{}` in quotes"),
    ("mapping values are not", "put a text that has `: ` in it in quotes, or align this line"),
    ("end of stream .*quoted", "close the quote that opens here"),
    ("unexpected ':'", "write a space after `:`"),
    ("expected (key|':'|<block end>|'-' indicator)", "align this line with those above it"),
)


def read_yaml(path: Path, faults: list[Fault]) -> Node | None:
    """Read one YAML document; faults are appended, and None is returned if nothing could be read."""
    text = ""
    try:
        text = _text_of(path)
        return _Builder(path, text, faults).document()
    except AssignmentError as error:  # after which reading cannot go on
        faults += error.faults
    except yaml.MarkedYAMLError as error:
        faults.append(_syntax_fault(path, text, error))
    except yaml.YAMLError:  # a control character; these carry no mark
        found: Any = yaml.reader.Reader.NON_PRINTABLE.search(text)
        before, code = text[: found.start()], ord(found[0])
        place = Place(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
        faults.append(
            Fault(place, f"holds the character U+{code:04X}, which YAML forbids; remove it")
        )
    return None


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _stop(Place(path), f"is larger than {MAX_BYTES // 2**20} MB; split it")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise _stop(Place(path), f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        place = Place(path, line, error.start - data.rfind(b"\n", 0, error.start))
        raise _stop(place, "is not UTF-8 text here; save the file as UTF-8") from None


def _stop(place: Place, message: str) -> AssignmentError:
    return AssignmentError([Fault(place, message)])


def _place(path: Path, mark: Any) -> Place:
    return Place(path, mark.line + 1, mark.column + 1)


class _Builder:
    def __init__(self, path: Path, text: str, faults: list[Fault]) -> None:
        self._path = path
        self._faults = faults
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)  # as YAML counts them

    def document(self) -> Node:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return Node(Place(self._path), None)
        root = self._node(next(self._events), 0)
        next(self._events)  # the end of the document
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._note(event, "a second document starts here; put it in a file of its own")
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        place = _place(self._path, event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _stop(place, "anchors and aliases (&, *) are not supported; write it out")
        if depth > MAX_DEPTH:
            raise _stop(place, _TOO_DEEP)
        if tag := getattr(event, "tag", None):
            self._note(event, f"the tag `{tag}` is not supported; leave it out")
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
            place = self._node(event, depth + 1).place
            node = self._node(next(self._events), depth + 1)
            if not isinstance(event, yaml.ScalarEvent):
                self._note(event, "a key must be a word, not a list or a mapping")
            elif (key := event.value) in entries:
                first = entries[key].key_place.line
                self._note(event, f"the key `{key}` is here a second time (first in line {first})")
            else:
                entries[key] = Entry(place, node)
        return entries

    def _note(self, event: yaml.Event, message: str) -> None:
        self._faults.append(Fault(_place(self._path, event.start_mark), message))


def _scalar(text: str, *, plain: bool) -> Scalar:
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789" and _NUMBER.fullmatch(text):
        # An integer of more digits than any float has would only serve to slow us down.
        return int(text) if text.lstrip("+-").isdigit() and len(text) < 400 else float(text)
    return text


def _syntax_fault(path: Path, text: str, error: yaml.MarkedYAMLError) -> Fault:
    problem, context = error.problem or "this is not YAML", error.context or ""
    mark: Any = error.problem_mark or error.context_mark
    if "end of stream" in problem and "quoted" in context:
        mark = error.context_mark
    place = _place(path, mark) if mark else Place(path)
    if "nesting depth" in problem:  # libyaml reads ahead, and has a limit of its own
        return Fault(place, _TOO_DEEP)
    told = f"YAML syntax: {problem}{' ' * bool(context)}{context}"
    line = [*text.split("\n"), ""][place.line - 1]
    first = line[place.column - 1 : place.column]
    words = f"a tab: {told}" if first == "\t" else told
    advice = next((advice for pattern, advice in _ADVICE if re.search(pattern, words)), "")
    return Fault(place, f"{told}; {advice.format(first)}" if advice else told)
