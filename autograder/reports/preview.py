"""results.json as a page, much as Gradescope shows it: to students, at each stage, and to instructors.

The page is one file that loads and runs nothing. What a viewer may see is chosen by its buttons, in
CSS alone; what students may not see yet is therefore in it, and the page is for instructors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from autograder.text import plural, safe


class View(NamedTuple):
    """Somebody who looks at the results, and the visibilities of tests that are shown then."""

    key: str
    label: str
    shown: tuple[str, ...]


VIEWS: Final = (
    View("before", "Student, before the due date", ("visible",)),
    View("after", "after the due date", ("visible", "after_due_date")),
    View("published", "grades published", ("visible", "after_due_date", "after_published")),
    View("staff", "Instructor", ("visible", "after_due_date", "after_published", "hidden")),
)
_WHEN: Final = {
    "hidden": "never shown to students",
    "after_due_date": "hidden until the due date",
    "after_published": "hidden until grades are published",
}
_CSS: Final = Path(__file__).with_suffix(".css")


class _Test(NamedTuple):
    title: str  # with its number
    score: float | None
    max_score: float | None
    passed: bool
    output: str  # HTML
    tags: tuple[str, ...]
    visibility: str

    @property
    def heading(self) -> str:
        points = ""
        if self.score is not None and self.max_score is not None:
            points = f"({_number(self.score)}/{_number(self.max_score)})"
        return f"{escape(self.title)} <span class=points>{points}</span>"


def page(results: dict[str, Any], title: str) -> str:
    """The whole page."""
    tests = [_test(test, results) for test in _list_in(results.get("tests"))]
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(safe(title))}</title>\n"
        f"<style>\n{_CSS.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n"
    )
    body = [
        *_buttons(),
        "<div class=columns><main>",
        *_general(results),
        *map(_card, tests),
        "</main><aside>",
        *(_summary(results, tests, view) for view in VIEWS),
        *_leaderboard(results),
        _staff(results),
        "</aside></div>",
    ]
    return head + "\n".join(body) + "\n</body>\n</html>\n"


def _buttons() -> list[str]:
    buttons = []
    for number, view in enumerate(VIEWS):
        checked = "" if number else " checked"
        buttons.append(f'<input type=radio name=view id="{view.key}"{checked}>')
    labels = "".join(f'<label for="{view.key}">{view.label}</label>' for view in VIEWS)
    return [*buttons, f"<nav><strong>Seen by</strong>{labels}</nav>"]


def _general(results: dict[str, Any]) -> list[str]:
    parts = []
    if not isinstance(results.get("tests"), list) and _finite_in(results.get("score")) is None:
        parts.append(
            "<section class='card failed'><h2>The autograder failed to execute correctly.</h2>"
            "<p>Without a score and without tests, the run counts as a failure of the autograder on "
            "Gradescope.</p></section>"
        )
    output = results.get("output")
    if isinstance(output, str) and output.strip():
        shown = _output(output, _text_in(results.get("output_format")) or "simple_format")
        # What concerns the results as a whole is as visible as they are.
        visibility = _visibility(results.get("visibility"))
        heading = "<h2>Autograder output</h2>"
        parts.append(f'<section class="card general is-{visibility}">{heading}{shown}</section>')
    return parts


def _card(test: _Test) -> str:
    state = "passed" if test.passed else "failed"
    when = _WHEN.get(test.visibility)
    badge = f"<span class=badge>{when}</span>" if when else ""
    tags = "".join(f"<span class=tag>{escape(tag)}</span>" for tag in test.tags)
    return (
        f'<details open class="card {state} is-{test.visibility}"><summary>'
        f"<h2>{test.heading}</h2>{badge}{tags}</summary>{test.output}</details>"
    )


def _summary(results: dict[str, Any], tests: list[_Test], view: View) -> str:
    shown = [test for test in tests if test.visibility in view.shown]
    hidden = len(tests) - len(shown)
    score = _finite_in(results.get("score"))
    if score is None and tests:
        score = sum(test.score or 0.0 for test in tests)
    most = sum(test.max_score or 0.0 for test in tests)
    told, note = "&ndash;", ""
    if hidden:
        note = f"<p class=note>No total is shown while {plural(hidden, 'test')} cannot be seen.</p>"
    elif score is not None:
        of = f" <small>/ {_number(most, 1)}</small>" if most else ""
        told = f"{_number(score, 1)}{of}"
    parts = [f'<section class="card summary view-{view.key}"><h2>Autograder score</h2>']
    parts.append(f"<p class=total>{told}</p>{note}")
    for state, heading in (("failed", "Failed tests"), ("passed", "Passed tests")):
        chosen = [test for test in shown if test.passed == (state == "passed")]
        if chosen:
            items = "".join(f"<li>{test.heading}</li>" for test in chosen)
            parts.append(f"<h3 class={state}>{heading}</h3><ul>{items}</ul>")
    return "".join([*parts, "</section>"])


def _leaderboard(results: dict[str, Any]) -> list[str]:
    columns = [one for one in _list_in(results.get("leaderboard")) if isinstance(one, dict)]
    rows = [(_text_in(one.get("name")), one.get("value")) for one in columns]
    return [f"<section class=card><h2>Leaderboard</h2>{_table(rows)}</section>"] if rows else []


def _staff(results: dict[str, Any]) -> str:
    extra = results.get("extra_data")
    facts = {"execution time": f"{_value_text(results.get('execution_time'))} s"}
    facts.update(extra if isinstance(extra, dict) else {})
    rows = _table(facts.items())
    return f"<section class='card view-staff'><h2>For staff</h2>{rows}</section>"


def _table(rows: Iterable[tuple[object, object]]) -> str:
    lines = "".join(
        f"<tr><th>{escape(safe(str(name)))}</th><td>{escape(_value_text(value))}</td></tr>"
        for name, value in rows
    )
    return f"<div class=wide><table>{lines}</table></div>"


def _output(text: str, *formats: str) -> str:
    """A text as it stands in the file: sentences wrap, what is indented (numbers, code) scrolls.

    `formats` are those that Gradescope would show it in; what is not plain text is said to be so.
    """
    parts = []
    lines = safe(text).split("\n")
    for indented, some in groupby(lines, key=lambda line: line[:1] in (" ", "\t")):
        block = escape("\n".join(some))
        block += "\n" if block.endswith("\n") or not block else ""  # an empty last line counts
        parts.append(f"<span class=wide>{block}</span>" if indented else f"<span>{block}</span>")
    others = sorted({escape(safe(name)) for name in formats} - {"", "text"})
    text = f"<pre>{''.join(parts)}</pre>" if text.strip() else ""
    if others:
        text += f"<p class=note>Plain text here; Gradescope shows it as {' and '.join(others)}.</p>"
    return text


# Reading whatever stands in the file. -----------------------------------------------------------


def _test(test: object, results: dict[str, Any]) -> _Test:
    test = test if isinstance(test, dict) else {}
    score, most = _finite_in(test.get("score")), _finite_in(test.get("max_score"))
    status = test.get("status")
    # A test without a status has passed if it has all its points.
    passed = status == "passed" if status in ("passed", "failed") else score == most
    output_format = test.get("output_format") or results.get("test_output_format")
    name_format = test.get("name_format") or results.get("test_name_format")
    output = test.get("output")
    output = output if isinstance(output, str) else _text_in(output)
    number, name = _text_in(test.get("number")), _text_in(test.get("name")) or "Untitled test"
    return _Test(
        title=f"{number}) {name}" if number else name,
        score=score,
        max_score=most,
        passed=passed,
        output=_output(output, _text_in(output_format), _text_in(name_format)),
        tags=tuple(safe(str(tag)) for tag in _list_in(test.get("tags"))),
        visibility=_visibility(test.get("visibility") or results.get("visibility")),
    )


def _visibility(value: object) -> str:
    return value if isinstance(value, str) and value in _WHEN else "visible"


def _list_in(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text_in(value: object) -> str:
    """A text or a number as text that is safe to show; empty for anything else."""
    return safe(str(value)) if isinstance(value, (str, int, float)) else ""


def _value_text(value: object) -> str:
    return safe(value) if isinstance(value, str) else json.dumps(value)


def _finite_in(value: object) -> float | None:
    """A number that a page can show; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < 1e15 else None  # neither NaN, nor what no page can show


def _number(value: float, digits: int = 0) -> str:
    """`8`, `2.5`; with at least so many digits after the point: `85.0`."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.{digits}f}" if digits and "." not in text else text
