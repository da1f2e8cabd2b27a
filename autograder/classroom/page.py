"""report.html: what a class got right and wrong, on one page that loads nothing and works offline."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from autograder.classroom.groups import Group
from autograder.classroom.outcome import Outcome, Row, note_of
from autograder.classroom.page_parts import (
    Facts,
    changes_of,
    figures,
    group_of,
    href_of,
    mistakes_of,
    not_run,
    passing,
    plot_of,
    title_of,
)
from autograder.text import one_line, safe

_TEMPLATES: Final = Path(__file__).with_name("templates")
_MOST_GROUPS: Final = 50
_COLUMNS: Final = (
    *("Name", "Email", "SID", "Submission", "Total", "Before", "Change"),
    *("Failed checks", "Mistakes", "Note"),
)
_NUMBERS: Final = ("Total", "Before", "Change", "Failed checks")
_SEARCHED: Final = ("Name", "Email", "SID", "Submission", "Mistakes")


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
    plot = plot_of(rows)
    graded = [one for one in outcomes if one.graded is not None]
    columns = [f"{number} {name}".strip() for number, name, _ in facts.checks]
    return environment.get_template(
        "report.html.j2"
    ).render(
        **facts._asdict(),
        submissions=len(outcomes),
        students=len(rows),
        figures=figures(facts, outcomes, rows),
        plot=plot,
        plot_svg=Markup(plot.svg) if plot else "",  # noqa: S704 - made from numbers alone
        with_before=any(row.before is not None for row in rows),
        changes=changes_of(rows),
        passing=passing(facts, graded),
        mistakes=mistakes_of(facts, graded),
        groups=[group_of(group, sample) for group in groups[:_MOST_GROUPS]],
        not_run=not_run(outcomes),
        columns=_COLUMNS,
        css=Markup(style),  # noqa: S704 - our own
        script=Markup(script),  # noqa: S704 - our own
        script_hash=Markup(f"sha256-{_digest(script)}"),  # noqa: S704 - base64
        data=Markup(_data(columns, rows)),  # noqa: S704 - escaped there
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _data(checks: list[str], rows: Sequence[Row]) -> str:
    """The table's rows for the script, such that nothing in them can end the element."""
    index = {check: n for n, check in enumerate(checks)}
    found = []
    for person, outcome, before, changes in rows:
        graded = outcome.graded
        lines = graded.lines if graded is not None else ()
        failed = [index.get(title_of(line), -1) for line in lines if not line.passed]
        names = "; ".join(name for name, _ in graded.mistakes) if graded is not None else ""
        texts = [one_line(text, 200) for text in (*person, outcome.entry.name)]
        numbers = [
            graded.total if graded is not None else None,
            before,
            changes.change if changes is not None else None,
            len(failed) if graded is not None else None,
        ]
        cells = [*texts, *numbers, names, one_line(note_of(outcome, changes))]
        href = href_of(outcome.entry.name) if graded is not None else ""
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
