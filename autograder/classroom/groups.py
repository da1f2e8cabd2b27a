"""Failures that nobody has named yet: the same numbers from several, and no known mistake gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from autograder.classroom.outcome import Failure, Outcome
from autograder.classroom.roster import Line

_CLOSE: Final = 1e-6  # of the largest number


class Group(NamedTuple):
    """Submissions that fail the same checks in the same way."""

    members: tuple[str, ...]
    checks: tuple[Line, ...]


def groups_of(outcomes: Sequence[Outcome]) -> list[Group]:
    """The groups of two and more, the largest first."""
    alike: dict[tuple[str, str, str], list[tuple[tuple[float, ...], list[str]]]] = {}
    lines: dict[tuple[str, str], Line] = {}
    for outcome in outcomes:
        graded = outcome.graded
        for failure in graded.failures if graded is not None else ():
            line = graded.lines[failure.line] if graded is not None else None
            assert line is not None
            lines[line.number, line.name] = line
            found = alike.setdefault((line.number, line.name, failure.exact), [])
            _join(found, failure, outcome.entry.name)
    by_members: dict[tuple[str, ...], list[Line]] = {}
    for (number, name, _), found in alike.items():
        for _, members in found:
            if len(members) > 1:
                by_members.setdefault(tuple(members), []).append(lines[number, name])
    groups = [Group(members, tuple(checks)) for members, checks in by_members.items()]
    return sorted(groups, key=lambda group: (-len(group.members), -len(group.checks)))


def _join(
    found: list[tuple[tuple[float, ...], list[str]]], failure: Failure, submission: str
) -> None:
    """Put a submission with those that have the same numbers."""
    for numbers, members in found:
        if _are_close(numbers, failure.numbers):
            members.append(submission)
            return
    found.append((failure.numbers, [submission]))


def _are_close(some: Sequence[float], others: Sequence[float]) -> bool:
    if len(some) != len(others):
        return False
    scale = max((abs(number) for number in some), default=0.0)
    return all(abs(a - b) <= _CLOSE * scale for a, b in zip(some, others))
