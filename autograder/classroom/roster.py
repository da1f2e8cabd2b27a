"""What flows through a class run: people, their submissions, and the scores from before."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from autograder.classroom.sources import Work


class Person(NamedTuple):
    """A student, as far as the export says who it is."""

    name: str = ""
    email: str = ""
    sid: str = ""


class Line(NamedTuple):
    """One line of a result: a check, or something that is not a check, such as a late penalty."""

    number: str
    name: str
    points: float
    max_points: float | None  # None if only the points are known
    passed: bool


class Before(NamedTuple):
    """The result of a submission, or of a student, before this run."""

    total: float | None
    lines: tuple[Line, ...] | None = None  # None if only the total is known
    repeated: bool = False  # the result of an earlier submission, shown again


class Entry(NamedTuple):
    """A submission of the class."""

    name: str  # the results are in `results/<name>.json`
    people: tuple[Person, ...]  # all members of a group; never empty
    read: Callable[[str], Work] | None  # given the name of the file to hand in; None without files
    note: str = ""  # what is strange about it
    before: Before | None = None
    aliases: tuple[str, ...] = ()  # other names by which `--only` knows it


class Roster(NamedTuple):
    """A class as it was read."""

    entries: list[Entry]
    warnings: list[str]
    passed_over: int  # files that are not submissions


def same_person(people: list[tuple[str, Person]]) -> dict[str, list[str]]:
    """The submissions of everybody who stands in more than one, by how they are called."""
    found: dict[tuple[str, str], list[str]] = {}
    for submission, person in people:
        key = identity(person)
        if key is not None:
            found.setdefault(key, []).append(submission)
    return {key[1]: names for key, names in found.items() if len(names) > 1}


def identity(person: Person) -> tuple[str, str] | None:
    """What a person is known by: the email, else the SID, else the name."""
    for kind, text in (("email", person.email), ("sid", person.sid), ("name", person.name)):
        if text.strip():
            return kind, text.strip().casefold() if kind == "email" else text.strip()
    return None
