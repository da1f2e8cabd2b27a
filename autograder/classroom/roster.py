"""What flows through a class run: people, their submissions, and the scores from before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO, Any, Final, NamedTuple

from autograder.classroom.sources import Work
from autograder.text import one_line

LISTING: Final = "submission_metadata.yml"

NOT_RUN: Final = "could not be run"  # the note on a submission that cannot be used

Read = Callable[[tuple[str, ...]], Work]  # given the names of the wanted files


class Person(NamedTuple):
    """A student, as far as the export says who it is."""

    name: str = ""
    email: str = ""
    sid: str = ""

    @property
    def keys(self) -> list[tuple[str, str]]:
        """By what a person is known, the surest first; spreadsheets drop the zeros before a SID."""
        name, email, sid = (" ".join(text.split()).casefold() for text in self)
        keys = (("email", email), ("sid", sid.lstrip("0")), ("name", name))
        return [key for key in keys if key[1]]

    @property
    def shown(self) -> str:
        """The name, or what else there is."""
        return one_line(self.name or self.email or self.sid, 80)


class Line(NamedTuple):
    """One line of a result: a check, or something that is not a check, such as a late penalty."""

    number: str
    name: str
    points: float
    max_points: float | None  # None if only the points are known
    passed: bool

    @property
    def title(self) -> str:
        """Number and name, as the column of a table is called."""
        return f"{self.number} {self.name}".strip()


class Before(NamedTuple):
    """The result of a submission, or of a student, before this run."""

    total: float | None
    lines: tuple[Line, ...] | None = None  # None if only the total is known
    unusable: str = ""  # whose result it is instead: of an earlier submission, of a failed grader


class Entry(NamedTuple):
    """A submission of the class."""

    name: str  # the results are in `results/<name>.json`
    people: tuple[Person, ...]  # all members of a group; never empty
    read: Read | None  # None without files
    note: str = ""  # what is strange about it
    before: Before | None = None
    alias: str = ""  # another name by which `--only` knows it


class Tree(NamedTuple):
    """An export: its listing, and the folders of submissions by name."""

    listing: Callable[[], AbstractContextManager[IO[bytes]]]
    listing_name: str
    listing_bytes: int
    folders: dict[str, Read]
    passed_over: int


def is_ignored(name: str) -> bool:
    """Whether a file or folder beside submissions means nothing: hidden, or made by a packer."""
    return name.startswith(".") or name in ("__MACOSX", "__pycache__")


class Roster(NamedTuple):
    """A class as it was read."""

    entries: list[Entry]
    warnings: list[str]
    passed_over: int  # files that are not submissions


class Graded(NamedTuple):
    """The result of a submission, as far as table and page need it."""

    total: float
    max_points: float
    lines: tuple[Line, ...]
    level: str
    seconds: float
    mistakes: tuple[tuple[str, tuple[int, ...]], ...]  # by name, the lines in which they show
    notes: tuple[str, ...]
    reason: str  # in the words of the first text, if there are notes
    failures: tuple[tuple[Any, ...], ...]  # that match no known mistake: see grader.py


class Outcome(NamedTuple):
    """A submission and what came of it."""

    entry: Entry
    graded: Graded | None = None
    reason: str = ""  # why it is not graded
    untouched: bool = False  # it is the starter, as it was handed out
