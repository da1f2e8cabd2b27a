"""The parts of a class's page, as plain data: what is on it, before anybody formats it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from autograder.classroom.changes import counted
from autograder.classroom.groups import Group
from autograder.classroom.outcome import Outcome, Row
from autograder.classroom.plots import Plot, distribution
from autograder.classroom.roster import Line
from autograder.classroom.store import result_name
from autograder.text import cut, one_line, plural

_MOST_MEMBERS: Final = 30  # whose names are written out
_MOST_CODE: Final = 20_000


class Facts(NamedTuple):
    """What the page says of the run as a whole."""

    title: str
    when: str
    suite: str  # digests, shortened on the page
    engine: str
    level: str
    reused: int
    checks: list[tuple[str, str, float]]  # number, name, most points
    hints: dict[str, str]
    attention: list[str]


class Member(NamedTuple):
    """A submission by its name, with its own page."""

    name: str
    href: str


def page_name(submission: str) -> str:
    """The name of a submission's own page in `submissions/`."""
    return result_name(submission).removesuffix(".json") + ".html"


def figures(
    facts: Facts, outcomes: Sequence[Outcome], rows: Sequence[Row]
) -> list[tuple[str, str]]:
    results = [row.outcome.graded for row in rows if row.outcome.graded is not None]
    totals = [one.total for one in results]
    found = []
    if totals:
        found = [
            ("mean", f"{statistics.fmean(totals):.1f}"),
            ("median", f"{statistics.median(totals):.1f}"),
            ("full marks", str(sum(one.total >= one.max_points for one in results))),
            ("zero", str(sum(total == 0 for total in totals))),
        ]
    untouched = sum(row.outcome.untouched for row in rows)
    missing = sum(one.graded is None for one in outcomes)
    return [
        *found,
        ("untouched starters", str(untouched)),
        ("not graded", str(missing)),
        ("reused", str(facts.reused)),
    ]


def plot_of(rows: Sequence[Row]) -> Plot | None:
    results = [row.outcome.graded for row in rows if row.outcome.graded is not None]
    if not results:
        return None
    before = [row.before for row in rows if row.before is not None]
    return distribution([r.total for r in results], before, max(r.max_points for r in results))


def changes_of(rows: Sequence[Row]) -> dict[str, Any]:
    known = [row.changes for row in rows if row.changes is not None]
    by_check: dict[str, list[int]] = {}
    for changes in known:
        kinds = (
            changes.lost,
            changes.won,
            tuple(now for _, now in changes.points),
            changes.new,
            changes.gone,
        )
        for n, lines in enumerate(kinds):
            for line in lines:
                by_check.setdefault(title_of(line), [0] * len(kinds))[n] += 1
    return {
        "counts": counted(known),
        "checks": sorted(by_check.items(), key=lambda one: -sum(one[1])),
    }


def passing(facts: Facts, graded: Sequence[Outcome]) -> list[dict[str, Any]]:
    passed: Counter[tuple[str, str]] = Counter()
    for one in graded:
        assert one.graded is not None
        passed.update((line.number, line.name) for line in one.graded.lines if line.passed)
    found = [
        {
            "index": n,
            "name": f"{number} {name}".strip(),
            "passed": passed[number, name],
            "of": len(graded),
            "percent": round(100 * passed[number, name] / max(len(graded), 1)),
        }
        for n, (number, name, _) in enumerate(facts.checks)
    ]
    return sorted(found, key=lambda check: check["passed"])


def mistakes_of(facts: Facts, graded: Sequence[Outcome]) -> list[dict[str, Any]]:
    members: dict[str, list[str]] = {}
    checks: dict[str, dict[str, None]] = {}
    for one in graded:
        assert one.graded is not None
        for name, lines in one.graded.mistakes:
            members.setdefault(name, []).append(one.entry.name)
            checks.setdefault(name, {}).update((title_of(one.graded.lines[n]), None) for n in lines)
    return [
        {
            "name": name,
            "hint": facts.hints.get(name, ""),
            "count": plural(len(who), "submission"),
            "checks": "; ".join(checks[name]),
            **_members(who),
        }
        for name, who in sorted(members.items(), key=lambda one: -len(one[1]))
    ]


def group_of(group: Group, sample: Callable[[Group], tuple[str, str]]) -> dict[str, Any]:
    text, code = sample(group)
    names = "; ".join(map(title_of, group.checks[:5]))
    more = f" and {len(group.checks) - 5} more" if len(group.checks) > 5 else ""
    return {
        "count": len(group.members),
        "checks": names + more,
        "text": text,
        "code": cut(code, _MOST_CODE, "code"),
        **_members(group.members),
    }


def not_run(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, list[str]]] = {}
    for one in outcomes:
        notes: tuple[str, ...] = (one.reason,)
        reason = ""
        if one.graded is not None:
            notes, reason = one.graded.notes, one.graded.reason
        for note in filter(None, notes):
            found.setdefault(note, {}).setdefault(reason or note, []).append(one.entry.name)
    return [
        {
            "name": note,
            "count": plural(sum(map(len, texts.values())), "submission"),
            "texts": [(text, *_members(who).values()) for text, who in texts.items()],
        }
        for note, texts in sorted(found.items())
    ]


def _members(names: Sequence[str]) -> dict[str, Any]:
    shown = [Member(one_line(n, 80), href_of(n)) for n in names[:_MOST_MEMBERS]]
    more = f"and {len(names) - _MOST_MEMBERS} more" if len(names) > _MOST_MEMBERS else ""
    return {"members": shown, "more": more}


def href_of(submission: str) -> str:
    return "submissions/" + quote(page_name(submission))


def title_of(line: Line) -> str:
    return f"{line.number} {line.name}".strip()
