"""What goes wrong outside the student's code, reported as `path:line:column: what and what to do`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from autograder.text import one_line, safe

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Place(NamedTuple):
    """A position in a file of the assignment; line and column count from 1."""

    path: Path
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Fault(NamedTuple):
    """One mistake in the assignment's files, and what to do about it."""

    place: Place
    message: str
    lines: tuple[str, ...] = ()  # to be pasted into the file

    def __str__(self) -> str:
        return "\n    ".join([f"{self.place}: {self.message}", *self.lines])


class AssignmentError(Exception):
    """The assignment's own files are at fault; carries every fault found, sorted by place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        told = {
            Fault(place, one_line(message, 1000), tuple(map(safe, lines)))
            for place, message, lines in faults
        }
        self.faults = tuple(sorted(told))
        super().__init__("\n".join(map(str, self.faults)))


class UsageError(Exception):
    """The command cannot do what it was asked to; the message is one line for the person who ran it."""
