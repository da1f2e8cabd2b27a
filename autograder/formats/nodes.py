"""Nodes of a YAML tree, which remember their places. Not beside their reader: workers need no YAML."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, TypeAlias

from autograder.errors import Place

Scalar: TypeAlias = str | int | float | bool | None

# How one character of a text is written, by the quote around it.
_CHARACTER: Final = {"": ".", "'": "''|.", '"': r"\\(?:x..|u.{4}|U.{8}|.)|."}


class Written(NamedTuple):
    """How a text is written in its file."""

    lines: list[str]  # of the whole file
    style: str  # `|`, `>`, a quote, or nothing
    end: tuple[int, int]  # line and column, from 0, behind its last character


class Node(NamedTuple):
    """A YAML value and its place."""

    place: Place
    value: Scalar | list[Node] | dict[str, Entry]
    text: str = ""  # of a scalar, as it is written in the file
    written: Written | None = None  # of a text

    @property
    def shown(self) -> str:
        """What it holds, for a message."""
        if isinstance(self.value, (list, dict)):
            word = "list" if isinstance(self.value, list) else "mapping"
            return f"a {word}" if self.value else f"an empty {word}"
        if self.value is None:
            return "nothing"
        if isinstance(self.value, bool):
            return f"`{str(self.value).lower()}`"
        text = str(self.value)
        text = text if len(text) <= 40 else text[:37] + "..."
        return f"the text `{text}`" if isinstance(self.value, str) else f"`{text}`"

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


class Entry(NamedTuple):
    """One `key: value` of a mapping."""

    key_place: Place
    node: Node
