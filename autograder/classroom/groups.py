"""Failures that nobody has named yet: the same numbers from several, and no known mistake gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from autograder.classroom.roster import Line, Outcome

_CLOSE: Final = 1e-6  # of the largest number

Numbers = Sequence[float]


class Group(NamedTuple):
    """Submissions that fail the same checks in the same way."""

    members: tuple[str, ...]
    checks: tuple[Line, ...]


def groups_of(outcomes: Sequence[Outcome]) -> list[Group]:
    """The groups of two and more, the largest first."""
    # By number among the checks, mark, and scale: submissions with nearly the same numbers.
    alike: dict[tuple[int, str, str], list[tuple[Numbers, list[str]]]] = {}
    lines: dict[int, Line] = {}
    for entry, graded, *_ in outcomes:
        for n, mark, numbers in graded.failures if graded is not None else ():
            assert graded is not None
            lines[n] = graded.lines[n]
            keys = [(n, mark, scale) for scale in _scales(numbers)]
            near = [one for key in keys for one in alike.get(key, ())]
            same = [members for others, members in near if _are_close(others, numbers)]
            if same:
                same[0].append(entry.name)
            else:
                alike.setdefault(keys[0], []).append((numbers, [entry.name]))
    by_members: dict[tuple[str, ...], list[Line]] = {}
    for (n, *_), found in alike.items():
        for _, members in found:
            if len(members) > 1:
                by_members.setdefault(tuple(members), []).append(lines[n])
    groups = [Group(members, tuple(checks)) for members, checks in by_members.items()]
    return sorted(groups, key=lambda group: (-len(group.members), -len(group.checks)))


def _scales(numbers: Numbers) -> list[str]:
    """The size of the largest, in few digits, and in those of its neighbours: 0.99999999 is 1, too."""
    scale = max(map(abs, numbers), default=0.0)
    return list(dict.fromkeys(f"{scale * near:.4g}" for near in (1.0, 1 - _CLOSE, 1 + _CLOSE)))


def _are_close(some: Numbers, others: Numbers) -> bool:
    limit = _CLOSE * max(map(abs, some), default=0.0)
    return len(some) == len(others) and all(abs(a - b) <= limit for a, b in zip(some, others))
