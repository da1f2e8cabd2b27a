"""report.html: what a class got right and wrong, on one page that loads nothing and works offline."""

from __future__ import annotations

import base64
import hashlib
import json
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from autograder.classroom.changes import counted
from autograder.classroom.groups import Group
from autograder.classroom.outcome import Outcome, Row, note_of
from autograder.classroom.plots import Plot, distribution
from autograder.classroom.roster import Line
from autograder.classroom.store import result_name
from autograder.text import cut, one_line, plural, safe

_TEMPLATES: Final = Path(__file__).with_name("templates")
_MOST_MEMBERS: Final = 30  # whose names are written out
_MOST_GROUPS: Final = 50
_MOST_CODE: Final = 20_000
_COLUMNS: Final = (
    *("Name", "Email", "SID", "Submission", "Total", "Before", "Change"),
    *("Failed checks", "Mistakes", "Note"),
)
_NUMBERS: Final = ("Total", "Before", "Change", "Failed checks")
_SEARCHED: Final = ("Name", "Email", "SID", "Submission", "Mistakes")


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


def render(
    facts: Facts,
    outcomes: Sequence[Outcome],
    rows: Sequence[Row],
    groups: Sequence[Group],
    sample: Callable[[Group], tuple[str, str]],
) -> str:
    """The whole page; `sample` gives a group's text and one member's code. Raises ImportError."""
    import jinja2
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        return safe(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:g}"
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    plot = _plot(rows)
    graded = [one for one in outcomes if one.graded is not None]
    columns = [f"{number} {name}".strip() for number, name, _ in facts.checks]
    return environment.get_template(
        "report.html.j2"
    ).render(
        **facts._asdict(),
        submissions=len(outcomes),
        students=len(rows),
        figures=_figures(facts, outcomes, rows),
        plot=plot,
        plot_svg=Markup(plot.svg) if plot else "",  # noqa: S704 - made from numbers alone
        with_before=any(row.before is not None for row in rows),
        changes=_changes(rows),
        passing=_passing(facts, graded),
        mistakes=_mistakes(facts, graded),
        groups=[_group(group, sample) for group in groups[:_MOST_GROUPS]],
        not_run=_not_run(outcomes),
        columns=_COLUMNS,
        css=Markup(style),  # noqa: S704 - our own
        script=Markup(script),  # noqa: S704 - our own
        script_hash=Markup(f"sha256-{_digest(script)}"),  # noqa: S704 - base64
        data=Markup(_data(columns, rows)),  # noqa: S704 - escaped there
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


# The parts. --------------------------------------------------------------------------------------


def _figures(
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


def _plot(rows: Sequence[Row]) -> Plot | None:
    results = [row.outcome.graded for row in rows if row.outcome.graded is not None]
    if not results:
        return None
    before = [row.before for row in rows if row.before is not None]
    return distribution([r.total for r in results], before, max(r.max_points for r in results))


def _changes(rows: Sequence[Row]) -> dict[str, Any]:
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
                by_check.setdefault(_title(line), [0] * len(kinds))[n] += 1
    return {
        "counts": counted(known),
        "checks": sorted(by_check.items(), key=lambda one: -sum(one[1])),
    }


def _passing(facts: Facts, graded: Sequence[Outcome]) -> list[dict[str, Any]]:
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


def _mistakes(facts: Facts, graded: Sequence[Outcome]) -> list[dict[str, Any]]:
    members: dict[str, list[str]] = {}
    checks: dict[str, dict[str, None]] = {}
    for one in graded:
        assert one.graded is not None
        for name, lines in one.graded.mistakes:
            members.setdefault(name, []).append(one.entry.name)
            checks.setdefault(name, {}).update((_title(one.graded.lines[n]), None) for n in lines)
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


def _group(group: Group, sample: Callable[[Group], tuple[str, str]]) -> dict[str, Any]:
    text, code = sample(group)
    names = "; ".join(map(_title, group.checks[:5]))
    more = f" and {len(group.checks) - 5} more" if len(group.checks) > 5 else ""
    return {
        "count": len(group.members),
        "checks": names + more,
        "text": text,
        "code": cut(code, _MOST_CODE, "code"),
        **_members(group.members),
    }


def _not_run(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
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
    shown = [Member(one_line(n, 80), _href(n)) for n in names[:_MOST_MEMBERS]]
    more = f"and {len(names) - _MOST_MEMBERS} more" if len(names) > _MOST_MEMBERS else ""
    return {"members": shown, "more": more}


def _href(submission: str) -> str:
    return "submissions/" + quote(page_name(submission))


def _title(line: Line) -> str:
    return f"{line.number} {line.name}".strip()


def _data(checks: list[str], rows: Sequence[Row]) -> str:
    """The table's rows for the script, such that nothing in them can end the element."""
    index = {check: n for n, check in enumerate(checks)}
    found = []
    for person, outcome, before, changes in rows:
        graded = outcome.graded
        lines = graded.lines if graded is not None else ()
        failed = [index.get(_title(line), -1) for line in lines if not line.passed]
        names = "; ".join(name for name, _ in graded.mistakes) if graded is not None else ""
        texts = [one_line(text, 200) for text in (*person, outcome.entry.name)]
        numbers = [
            graded.total if graded is not None else None,
            before,
            changes.change if changes is not None else None,
            len(failed) if graded is not None else None,
        ]
        cells = [*texts, *numbers, names, one_line(note_of(outcome, changes))]
        href = _href(outcome.entry.name) if graded is not None else ""
        found.append({"cells": cells, "failed": failed, "href": href})
    data = {
        "rows": found,
        "checks": [one_line(check, 200) for check in checks],
        "numbers": [name in _NUMBERS for name in _COLUMNS],
        "searched": [_COLUMNS.index(name) for name in _SEARCHED],
        "linked": _COLUMNS.index("Submission"),
    }
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
