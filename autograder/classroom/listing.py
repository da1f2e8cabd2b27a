"""Reading submission_metadata.yml, of any size: as a stream of events, one submission at a time.

Scalars stay texts: `0012345` is a SID and `Null` a name. Ruby's tags say nothing here; its anchors
are followed, without making anything twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Any, Final, NamedTuple

import yaml

from autograder.classroom.roster import Before, Line, Person
from autograder.errors import UsageError
from autograder.text import one_line

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times faster
_CHUNK: Final = 1 << 20
_MOST_TEXT: Final = 1000  # characters that are kept of a text
_NOTHING: Final = ("", "~", "null")  # if written without quotes
# Results that say nothing of the submission, by a key of their extra data.
_UNUSABLE: Final = {
    "over_limit": "that of an earlier submission",
    "not_graded": "that of a grader that failed",
}

Open = Callable[[], AbstractContextManager[IO[bytes]]]


class Listed(NamedTuple):
    """What the file says of one submission."""

    people: tuple[Person, ...]
    before: Before | None


def read_listing(
    open_file: Open, name: str, watch: Callable[[int], None]
) -> tuple[dict[str, Listed], list[str]]:
    """Everything that the file lists, by the name of the folder, and warnings.

    `watch` gets the number of bytes read so far. Raises UsageError with line and column.
    """
    try:
        with open_file() as file:
            return _Reader(file, watch).entries(name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise UsageError(f"{name}{at}: {one_line(error.problem or str(error))}") from None
    except yaml.reader.ReaderError as error:
        at = _place(open_file, error.position)
        raise UsageError(f"{name}:{at}: {one_line(str(error.reason))}") from None
    except RecursionError:
        raise UsageError(f"{name} is nested too deeply") from None


def _place(open_file: Open, offset: int) -> str:
    """The line and column of a byte."""
    line, column = 1, 1
    with open_file() as file:
        while offset > 0 and (data := file.read(min(offset, _CHUNK))):
            offset -= len(data)
            line += data.count(b"\n")
            after = len(data) - data.rfind(b"\n")
            column = after if b"\n" in data else column + len(data)
    return f"{line}:{column}"


class _Reader:
    """The events of one file, and what anchors in it stand for."""

    def __init__(self, file: IO[bytes], watch: Callable[[int], None]) -> None:
        self._file = file
        self._watch = watch
        self._events = yaml.parse(self, Loader=_LOADER)
        self._anchors: dict[str, Any] = {}
        self._lines: dict[Line, Line] = {}  # most lines of a class are equal to some other

    def read(self, size: int = -1) -> bytes:
        """The bytes that the parser asks for."""
        data = self._file.read(min(size, _CHUNK) if size >= 0 else _CHUNK)
        self._watch(len(data))
        return data

    def entries(self, name: str) -> tuple[dict[str, Listed], list[str]]:
        listed: dict[str, Listed] = {}
        warnings: list[str] = []
        event = next(self._events)
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = next(self._events)
        if not isinstance(event, yaml.MappingStartEvent):
            empty = isinstance(event, yaml.StreamEndEvent) or getattr(event, "value", None) == ""
            what = "is empty" if empty else "lists no submissions: expected a mapping at its top"
            raise UsageError(f"{name} {what}")
        for key, value in self._items():
            if key in listed:
                warnings.append(f"{name} lists {one_line(key, 80)} twice; the last one counts")
            listed[key] = self._listed(value if isinstance(value, dict) else {})
        for _ in self._events:  # a fault after the end is one, too
            pass
        if not listed:
            raise UsageError(f"{name} is empty")
        return listed, warnings

    def _items(self) -> Iterator[tuple[str, Any]]:
        """Keys and values of a mapping, each read when it is asked for."""
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, value = self._value(event), self._value(next(self._events))
            yield (key.removeprefix(":") if isinstance(key, str) else ""), value

    def _value(self, event: yaml.Event) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._anchors.get(event.anchor or "")
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            nothing = event.implicit[0] and event.value in _NOTHING
            value = None if nothing else event.value[:_MOST_TEXT]
        elif isinstance(event, yaml.MappingStartEvent):
            value = dict(self._items())
        else:
            value = []
            while not isinstance(first := next(self._events), yaml.SequenceEndEvent):
                value.append(self._value(first))
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._anchors[anchor] = value
        return value

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
        found = [why for key, why in _UNUSABLE.items() if isinstance(extra, dict) and key in extra]
        lines = tuple(map(self._line, _list(results.get("tests"))))
        return Listed(people, Before(total, lines or None, "".join(found[:1])))

    def _line(self, test: dict[str, Any]) -> Line:
        points, most = number(test.get("score")) or 0.0, number(test.get("max_score"))
        status = test.get("status")
        passed = status == "passed" if status else most is not None and points >= most
        line = Line(_text(test.get("number")), _text(test.get("name")), points, most, passed)
        return self._lines.setdefault(line, line)


def number(text: object) -> float | None:
    """A finite number as text, also as Ruby writes decimals (`18:0.95e2`)."""
    try:
        value = float(re.sub(r"^\d+:", "", _text(text).strip()))
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
