"""What a result has gained and lost against the one before, check by check."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from autograder.classroom.roster import Before, Line
from autograder.text import one_line, plural

_SAME: Final = 1e-6  # points


class Changes(NamedTuple):
    """The difference between two results of one submission."""

    change: float | None  # in points, of what can be compared; None if nothing can
    lost: tuple[Line, ...] = ()  # passed before and fails now, as it is now
    won: tuple[Line, ...] = ()
    points: tuple[
        tuple[Line, Line], ...
    ] = ()  # of the same outcome, with other points: before, now
    new: tuple[Line, ...] = ()
    gone: tuple[Line, ...] = ()
    apart: tuple[tuple[str, float], ...] = ()  # what is not a check: its name and points
    repeated: bool = False

    @property
    def any(self) -> bool:
        differs = self.change is not None and abs(self.change) > _SAME
        return differs or any((self.lost, self.won, self.points, self.new, self.gone))


def compare(before: Before, total: float, lines: tuple[Line, ...]) -> Changes:
    """The changes from the result before to one with this total and these checks."""
    if before.repeated:
        return Changes(None, repeated=True)
    if before.lines is None:
        change = None if before.total is None else total - before.total
        return Changes(_rounded(change))
    pairs, gone, others = _matched(before.lines, lines)
    matched = {id(now) for _, now in pairs}
    new = tuple(line for line in lines if id(line) not in matched)
    change = (
        sum(now.points - old.points for old, now in pairs)
        + sum(line.points for line in new)
        - sum(line.points for line in gone)
    )
    apart = [(line.name or line.number or "a line without a name", line.points) for line in others]
    if before.total is not None:
        by_hand = before.total - sum(line.points for line in before.lines)
        if abs(by_hand) > 0.01:
            apart.append(("points beside the checks", by_hand))
    return Changes(
        _rounded(change),
        lost=tuple(now for old, now in pairs if old.passed and not now.passed),
        won=tuple(now for old, now in pairs if now.passed and not old.passed),
        points=tuple(
            (old, now)
            for old, now in pairs
            if old.passed == now.passed and abs(now.points - old.points) > _SAME
        ),
        new=new,
        gone=gone,
        apart=tuple((name, round(points, 6)) for name, points in apart),
    )


def _matched(
    before: tuple[Line, ...], now: tuple[Line, ...]
) -> tuple[list[tuple[Line, Line]], tuple[Line, ...], list[Line]]:
    """Checks by number and name, or by the name alone if only the number has changed; the checks that
    are gone; and the lines that are not checks.
    """
    by_key = {(line.number, line.name): line for line in now}
    pairs = []
    left = []
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
        elif _is_check(old):
            gone.append(old)
        else:
            others.append(old)
    return pairs, tuple(gone), others


def _is_check(line: Line) -> bool:
    """Whether a line was a check of an earlier suite: these have a number, and `case: check`."""
    return bool(line.number) and ": " in line.name


def _rounded(change: float | None) -> float | None:
    return None if change is None else round(change, 6) + 0.0


def described(changes: Changes) -> str:
    """The changes on one line: `+10: won 20.1 Random batches: error`."""
    parts = [
        f"{what} {_named(line)}"
        for what, lines in (("lost", changes.lost), ("won", changes.won))
        for line in lines
    ]
    parts += [
        f"{old.points:g} became {now.points:g} in {_named(now)}" for old, now in changes.points
    ]
    parts += [
        f"{what} {_named(line)} ({line.points:g})"
        for what, lines in (("new", changes.new), ("gone", changes.gone))
        for line in lines
    ]
    parts += [f"apart: {one_line(name, 80)} {points:+g}" for name, points in changes.apart]
    head = "not compared" if changes.change is None else f"{changes.change:+g}"
    return f"{head}: {'; '.join(parts)}" if parts else head


def _named(line: Line) -> str:
    return one_line(f"{line.number} {line.name}".strip(), 120)


def counted(all_changes: list[Changes]) -> str:
    """How many gain, lose and stay."""
    known = [one.change for one in all_changes if one.change is not None]
    gain = sum(change > _SAME for change in known)
    lose = sum(change < -_SAME for change in known)
    text = f"{gain} gain, {lose} lose, {len(known) - gain - lose} stay"
    missing = len(all_changes) - len(known)
    return f"{text}; {plural(missing, 'row')} not compared" if missing else text
