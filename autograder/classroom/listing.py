"""Reading submission_metadata.yml, of any size: as a stream of events, of which little is kept.

Scalars stay texts: `0012345` is a SID and `Null` a name. Ruby's tags say nothing here; its anchors
are followed, without making anything twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, Protocol

import yaml

from autograder.classroom.roster import Before, Line, Person, Read
from autograder.errors import UsageError
from autograder.text import one_line

LISTING: Final = "submission_metadata.yml"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times faster
_CHUNK: Final = 1 << 20
_MOST_ANCHORED: Final = 1000  # characters of a text that may be referred to
_NOTHING: Final = ("", "~", "null")  # if written without quotes

# Below, in the shape of what is read; None stands for a text.
_PEOPLE: Final = [{"name": None, "sid": None, "email": None}]
_TEST: Final = dict.fromkeys(("name", "number", "score", "max_score", "status"))
_ENTRY: Final[dict[str, Any]] = {
    "submitters": _PEOPLE,
    "score": None,
    "results": {"tests": [_TEST], "extra_data": {"over_limit": {}}},
    "history": [{"submitters": _PEOPLE}],  # only because later entries may refer to people in it
}


class Stream(Protocol):
    """A file that is read from its start to its end."""

    def read(self, size: int = -1, /) -> bytes: ...
    def __enter__(self) -> Stream: ...
    def __exit__(self, *error: Any) -> None: ...


class Tree(NamedTuple):
    """An export: its listing, and the folders of submissions by name."""

    listing: Callable[[], Stream]
    listing_name: str
    listing_bytes: int
    folders: dict[str, Read]
    passed_over: int


class Listed(NamedTuple):
    """What the file says of one submission."""

    people: tuple[Person, ...]
    before: Before | None


def is_ignored(name: str) -> bool:
    """Whether a file or folder beside submissions means nothing: hidden, or made by a packer."""
    return name.startswith(".") or name in ("__MACOSX", "__pycache__")


def read_listing(
    open_file: Callable[[], Stream], name: str, watch: Callable[[int], None]
) -> tuple[dict[str, Listed], list[str]]:
    """Everything that the file lists, by the name of the folder, and warnings.

    `watch` is told how many bytes have been read. Raises UsageError with line and column.
    """
    try:
        with open_file() as file:
            events = yaml.parse(_Watched(file, watch), Loader=_LOADER)
            return _Reader(events, name).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise UsageError(f"{name}{at}: {one_line(error.problem or str(error))}") from None
    except yaml.reader.ReaderError as error:
        at = _place(open_file, error.position)
        raise UsageError(f"{name}:{at}: {one_line(str(error.reason))}") from None


class _Watched:
    """A file that tells how far it has been read."""

    def __init__(self, file: Stream, watch: Callable[[int], None]) -> None:
        self._file = file
        self._watch = watch

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, _CHUNK) if size >= 0 else _CHUNK)
        self._watch(len(data))
        return data


def _place(open_file: Callable[[], Stream], offset: int) -> str:
    line, column = 1, 1
    with open_file() as file:
        while offset > 0 and (data := file.read(min(offset, _CHUNK))):
            offset -= len(data)
            line += data.count(b"\n")
            after = len(data) - data.rfind(b"\n") - 1
            column = after + 1 if b"\n" in data else column + len(data)
    return f"{line}:{column}"


class _Reader:
    """The events of one file, and what anchors in it stand for."""

    def __init__(self, events: Iterator[yaml.Event], name: str) -> None:
        self._events = events
        self._name = name
        self._anchors: dict[str, Any] = {}
        self._lines: dict[Line, Line] = {}  # most lines of a class are equal to some other

    def read(self) -> tuple[dict[str, Listed], list[str]]:
        listed: dict[str, Listed] = {}
        warnings: list[str] = []
        event = next(self._events)
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = next(self._events)
        if not isinstance(event, yaml.MappingStartEvent):
            empty = isinstance(event, yaml.StreamEndEvent) or getattr(event, "value", None) == ""
            what = "is empty" if empty else "lists no submissions: expected a mapping at its top"
            raise UsageError(f"{self._name} {what}")
        for key, event in self._items():
            value = self._value(event, _ENTRY)
            if key in listed:
                warnings.append(
                    f"{self._name} lists {one_line(key, 80)} twice; the last one counts"
                )
            listed[key] = self._listed(value if isinstance(value, dict) else {})
        for _ in self._events:  # a fault after the end is one, too
            pass
        if not listed:
            raise UsageError(f"{self._name} is empty")
        return listed, warnings

    def _items(self) -> Iterator[tuple[str, yaml.Event]]:
        """Keys of a mapping, each with the first event of its value; to be consumed in step."""
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, None)
            value = next(self._events)
            if isinstance(key, str) or isinstance(event, yaml.ScalarEvent):
                yield (key or "").removeprefix(":"), value
            else:  # a mapping or a list as the key
                self._value(value, None)

    def _value(self, event: yaml.Event, wanted: Any) -> Any:
        """A value of which only what is wanted is kept; None if it is something else."""
        if isinstance(event, yaml.AliasEvent):
            return self._anchors.get(event.anchor or "")
        value: Any = None
        if isinstance(event, yaml.ScalarEvent):
            value = event.value
            if event.implicit[0] and value in _NOTHING:
                value = None
        elif isinstance(event, yaml.MappingStartEvent) and isinstance(wanted, dict):
            value = {}
            for key, first in self._items():
                if key in wanted:
                    value[key] = self._value(first, wanted[key])
                else:
                    self._value(first, None)
        elif isinstance(event, yaml.SequenceStartEvent) and isinstance(wanted, list):
            value = []
            while not isinstance(first := next(self._events), yaml.SequenceEndEvent):
                value.append(self._value(first, wanted[0]))
        else:
            self._skip()
        anchor = getattr(event, "anchor", None)
        if anchor and not (isinstance(value, str) and len(value) > _MOST_ANCHORED):
            self._anchors[anchor] = value
        return value

    def _skip(self) -> None:
        """Go past the end of the mapping or list that has just begun."""
        depth = 1
        while depth:
            event = next(self._events)
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.ScalarEvent) and event.anchor:
                self._anchors[event.anchor] = event.value[:_MOST_ANCHORED]

    def _listed(self, entry: dict[str, Any]) -> Listed:
        people = tuple(
            Person(*(_text(one.get(key)) for key in ("name", "email", "sid")))
            for one in _list(entry.get("submitters"))
        )
        results = entry.get("results")
        total = number(entry.get("score"))
        if not isinstance(results, dict):
            return Listed(people, None if total is None else Before(total))
        extra = results.get("extra_data")
        repeated = isinstance(extra, dict) and "over_limit" in extra
        lines = tuple(map(self._line, _list(results.get("tests"))))
        return Listed(people, Before(total, lines or None, repeated))

    def _line(self, test: dict[str, Any]) -> Line:
        points, most = number(test.get("score")) or 0.0, number(test.get("max_score"))
        status = test.get("status")
        passed = status == "passed" if status else most is not None and points >= most
        line = Line(_text(test.get("number")), _text(test.get("name")), points, most, passed)
        return self._lines.setdefault(line, line)


def number(text: object) -> float | None:
    """A finite number as text, also as Ruby writes decimals (`18:0.95e2`)."""
    if not isinstance(text, str):
        return None
    try:
        value = float(re.sub(r"^\d+:", "", text.strip()))
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
