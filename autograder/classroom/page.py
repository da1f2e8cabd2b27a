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

from autograder.classroom.changes import KINDS, counted
from autograder.classroom.grade_all import Basis
from autograder.classroom.grades_csv import Row
from autograder.classroom.groups import Group
from autograder.classroom.plots import distribution
from autograder.classroom.roster import Entry, Graded, Line, Outcome
from autograder.classroom.store import result_name
from autograder.text import cut, one_line, plural, safe

_TEMPLATES: Final = Path(__file__).with_name("templates")
_MOST_GROUPS: Final = 50
_MOST_CODE: Final = 20_000
_MOST_MEMBERS: Final = 30  # whose names are written out
_MOST_CHECKS: Final = 5  # of a group, that are written out
_NUMBERS: Final = ("Total", "Before", "Change", "Failed checks")
_COLUMNS: Final = ("Name", "Email", "SID", "Submission", *_NUMBERS, "Mistakes", "Note")
_SEARCHED: Final = ("Name", "Email", "SID", "Submission", "Mistakes")

Sample = Callable[[Group], tuple[str, str]]  # what a group's first member reads, and its code


class Facts(NamedTuple):
    """What the page says of the run as a whole."""

    when: str
    engine: str
    reused: int
    attention: list[str]


def page_name(submission: str) -> str:
    """The name of a submission's own page in `submissions/`."""
    return result_name(submission).removesuffix(".json") + ".html"


def render(
    facts: Facts,
    basis: Basis,
    outcomes: Sequence[Outcome],
    rows: Sequence[Row],
    groups: Sequence[Group],
    sample: Sample,
) -> str:
    """The whole page. Raises ImportError."""
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
    environment.filters["number"] = "{:g}".format
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    script_hash = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    before = [row.before for row in rows if row.before is not None]
    results = [row.outcome.graded for row in rows if row.outcome.graded is not None]
    plot = None
    if results:
        most = max(one.max_points for one in results)
        plot = distribution([one.total for one in results], before, most)
    graded = [(one.entry.name, one.graded) for one in outcomes if one.graded is not None]
    return environment.get_template(
        "report.html.j2"
    ).render(
        facts=facts,
        basis=basis,
        submissions=len(outcomes),
        students=len(rows),
        figures=_figures(facts, outcomes, rows, results),
        plot=plot,
        plot_svg=Markup(plot.svg) if plot else "",  # noqa: S704 - made from numbers alone
        with_before=bool(before),
        changes=_changes(rows),
        kinds=KINDS,
        passing=_passing(basis, graded),
        mistakes=_mistakes(basis, graded),
        groups=[_group(group, sample) for group in groups[:_MOST_GROUPS]],
        not_run=_not_run(outcomes),
        columns=_COLUMNS,
        labels={one.entry.name: _label(one.entry) for one in outcomes},
        css=Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704 - our own
        script=Markup(script),  # noqa: S704 - our own
        script_hash=Markup(f"sha256-{script_hash}"),  # noqa: S704 - base64
        data=Markup(_data(basis.titles, rows)),  # noqa: S704 - escaped there
    )


# The parts of the page, as plain data. -----------------------------------------------------------


def _figures(
    facts: Facts, outcomes: Sequence[Outcome], rows: Sequence[Row], results: Sequence[Graded]
) -> dict[str, object]:
    totals = [one.total for one in results]
    return {
        "mean": f"{statistics.fmean(totals):.1f}" if totals else "none",
        "median": f"{statistics.median(totals):.1f}" if totals else "none",
        "full marks": sum(one.total > one.max_points - 1e-6 for one in results),
        "zero": sum(total == 0 for total in totals),
        "untouched starters": sum(row.outcome.untouched for row in rows),
        "not graded": sum(one.graded is None for one in outcomes),
        "reused": facts.reused,
    }


def _changes(rows: Sequence[Row]) -> dict[str, Any]:
    all_changes = [row.changes for row in rows]
    by_check: dict[str, Counter[str]] = {}
    for changes in filter(None, all_changes):
        for kind, line, _ in changes.checks:
            by_check.setdefault(line.title, Counter())[kind] += 1
    checks = sorted(by_check.items(), key=lambda one: -one[1].total())
    return {"counts": counted(all_changes), "checks": checks}


def _passing(basis: Basis, graded: Sequence[tuple[str, Graded]]) -> list[dict[str, Any]]:
    """The checks, worst first."""
    passed = Counter(n for _, one in graded for n, line in enumerate(one.lines) if line.passed)
    of = len(graded)
    found = [
        {"index": n, "name": title, "passed": passed[n], "of": of,
         "percent": 100 * passed[n] // max(of, 1)}
        for n, title in enumerate(basis.titles)
    ]  # fmt: skip
    return sorted(found, key=lambda check: check["passed"])


def _mistakes(basis: Basis, graded: Sequence[tuple[str, Graded]]) -> list[dict[str, Any]]:
    """The known mistakes, the most frequent first; two at once have both hints."""
    members: dict[str, list[str]] = {}
    checks: dict[str, dict[str, None]] = {}
    for submission, one in graded:
        for name, where in one.mistakes:
            members.setdefault(name, []).append(submission)
            checks.setdefault(name, {}).update((one.lines[n].title, None) for n in where)
    return [
        {
            "name": name,
            "hint": " ".join(basis.hints.get(part, "") for part in name.split(" and ")),
            "checks": "; ".join(checks[name]),
            **_members(who),
        }
        for name, who in sorted(members.items(), key=lambda one: -len(one[1]))
    ]


def _group(group: Group, sample: Sample) -> dict[str, Any]:
    text, code = sample(group)
    names = [line.title for line in group.checks[:_MOST_CHECKS]]
    if len(group.checks) > _MOST_CHECKS:
        names.append(f"and {len(group.checks) - _MOST_CHECKS} more")
    code = cut(code, _MOST_CODE, "code")
    return {"checks": "; ".join(names), "text": text, "code": code, **_members(group.members)}


def _not_run(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, list[str]]] = {}
    for entry, graded, reason, _ in outcomes:
        notes = (reason,) if graded is None else graded.notes
        for note in filter(None, notes):
            text = graded.reason if graded is not None else note
            found.setdefault(note, {}).setdefault(text, []).append(entry.name)
    return [
        {
            "name": note,
            "count": plural(sum(map(len, texts.values())), "submission"),
            "texts": [{"text": text, **_members(who)} for text, who in texts.items()],
        }
        for note, texts in sorted(found.items())
    ]


def _members(names: Sequence[str]) -> dict[str, Any]:
    more = f"and {len(names) - _MOST_MEMBERS} more" if len(names) > _MOST_MEMBERS else ""
    shown = [(name, _href(name)) for name in names[:_MOST_MEMBERS]]
    return {"count": plural(len(names), "submission"), "members": shown, "more": more}


def _label(entry: Entry) -> str:
    """Who handed it in, and what it is called."""
    people, name = ", ".join(who.shown for who in entry.people), one_line(entry.name, 80)
    return name if people == name else f"{one_line(people, 80)} ({name})"


def _href(submission: str) -> str:
    return "submissions/" + quote(page_name(submission))


def _data(titles: Sequence[str], rows: Sequence[Row]) -> str:
    """The table's rows for the script, such that nothing in them can end the element."""
    found = []
    for row in rows:
        person, outcome, before, changes = row
        graded = outcome.graded
        lines: Sequence[Line] = graded.lines if graded is not None else ()
        failed = [n for n, line in enumerate(lines) if not line.passed]
        texts = [one_line(text, 200) for text in (*person, outcome.entry.name)]
        numbers = [
            graded.total if graded is not None else None,
            before,
            changes.change if changes is not None else None,
            len(failed) if graded is not None else None,
        ]
        cells = [*texts, *numbers, row.mistakes, one_line(row.note)]
        href = _href(outcome.entry.name) if graded is not None else ""
        found.append({"cells": cells, "failed": failed, "href": href})
    data = {
        "rows": found,
        "checks": [one_line(title, 200) for title in titles],
        "numbers": [name in _NUMBERS for name in _COLUMNS],
        "searched": [_COLUMNS.index(name) for name in _SEARCHED],
        "linked": _COLUMNS.index("Submission"),
    }
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
