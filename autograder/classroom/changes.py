"""What a result has gained and lost against the one before, check by check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from autograder.classroom.roster import Before, Line
from autograder.text import one_line, plural

KINDS: Final = ("lost", "won", "other points", "new", "gone")
_SAME: Final = 1e-6  # points


class Change(NamedTuple):
    """What became of one check."""

    kind: str  # out of KINDS; "lost" passed before and fails now
    line: Line  # as it is now, or was, if it is gone
    before: float = 0.0  # its points then


class Changes(NamedTuple):
    """The difference between two results of one submission."""

    change: float | None  # in points, of what can be compared; None if nothing can
    checks: tuple[Change, ...] = ()
    apart: tuple[tuple[str, float], ...] = ()  # what is not a check: its name and points
    unusable: str = ""  # why the result before is not compared

    @property
    def any(self) -> bool:
        """Whether a check or the total changed."""
        return bool(self.checks) or (self.change is not None and abs(self.change) > _SAME)


def compare(before: Before, total: float, lines: tuple[Line, ...]) -> Changes:
    """The changes from the result before to one with this total and these checks."""
    if before.unusable:
        return Changes(None, unusable=before.unusable)
    if before.lines is None:
        return Changes(None if before.total is None else _rounded(total - before.total))
    pairs, gone, others = _matched(before.lines, lines)
    matched = {id(now) for _, now in pairs}
    new = [line for line in lines if id(line) not in matched]
    changes = [
        *(Change(kind, now, old.points) for old, now in pairs if (kind := _kind(old, now))),
        *(Change("new", line) for line in new),
        *(Change("gone", line, line.points) for line in gone),
    ]
    apart = [(line.name or line.number or "a line without a name", line.points) for line in others]
    if before.total is not None:
        by_hand = before.total - sum(line.points for line in before.lines)
        if abs(by_hand) > 0.01:
            apart.append(("points beside the checks", _rounded(by_hand)))
    points = sum(0.0 if one.kind == "gone" else one.line.points for one in changes)
    change = _rounded(points - sum(one.before for one in changes))
    changes.sort(key=lambda one: KINDS.index(one.kind))
    return Changes(change, tuple(changes), tuple(apart))


def _kind(old: Line, now: Line) -> str:
    if old.passed != now.passed:
        return "won" if now.passed else "lost"
    return "other points" if abs(now.points - old.points) > _SAME else ""


def _matched(
    before: tuple[Line, ...], now: tuple[Line, ...]
) -> tuple[list[tuple[Line, Line]], list[Line], list[Line]]:
    """Checks by number and name, or by the name alone if only the number has changed; the checks that
    are gone; and the lines that are not checks.
    """
    by_key = {(line.number, line.name): line for line in now}
    pairs, left = [], []
    for old in before:
        match = by_key.pop((old.number, old.name), None)
        if match is None:
            left.append(old)
        else:
            pairs.append((old, match))
    by_name = {line.name: line for line in by_key.values()}
    counts = Counter(old.name for old in left)
    gone, others = [], []
    for old in left:
        match = by_name.get(old.name) if counts[old.name] == 1 else None
        if match is not None:
            pairs.append((old, match))
        elif old.number and ": " in old.name:  # as a check of an earlier suite has them
            gone.append(old)
        else:
            others.append(old)
    return pairs, gone, others


def _rounded(change: float) -> float:
    return round(change, 6) + 0.0


def described(changes: Changes) -> str:
    """The changes on one line: `+10: won 20.1 Random batches: error`."""
    parts = []
    for kind, line, before in changes.checks:
        named = one_line(line.title, 120)
        if kind == "other points":
            parts.append(f"{before:g} became {line.points:g} in {named}")
        else:
            points = f" ({line.points:g})" if kind in ("new", "gone") else ""
            parts.append(f"{kind} {named}{points}")
    parts += [f"apart: {one_line(name, 80)} {points:+g}" for name, points in changes.apart]
    head = "not compared" if changes.change is None else f"{changes.change:+g}"
    return f"{head}: {'; '.join(parts)}" if parts else head


def counted(all_changes: Sequence[Changes | None]) -> str:
    """How many gain, lose and stay; None stands for a student without a score before, or now."""
    known = [one.change for one in all_changes if one and one.change is not None]
    gain = sum(change > _SAME for change in known)
    lose = sum(change < -_SAME for change in known)
    text = f"{gain} gain, {lose} lose, {len(known) - gain - lose} stay"
    missing = len(all_changes) - len(known)
    return f"{text}; {plural(missing, 'row')} not compared" if missing else text
