"""A report on the terminal: a table of checks, the texts of what failed, and the total."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import TYPE_CHECKING, Final, TextIO

from autograder.text import one_line, plural

if TYPE_CHECKING:
    from autograder.verdicts import Report, Verdict

_GREEN: Final = "32"
_RED: Final = "31"
_BOLD: Final = "1"


def print_report(report: Report, stream: TextIO | None = None) -> None:
    """Print a report; in colour on a terminal, unless NO_COLOR is set."""
    stream = stream or sys.stdout
    paint = _painter(stream)
    lines = [paint(report.title, _BOLD), *_table(report, paint)]
    if report.notice:
        lines += ["", report.notice]
    else:
        for verdict in report.verdicts:
            if not verdict.passed:
                lines += ["", paint(_heading(verdict), _BOLD)]
                lines += [textwrap.indent(verdict.text, "  ")]
    failed = sum(not verdict.passed for verdict in report.verdicts)
    total = f"{_points(report.points)} of {_points(report.max_points)} points"
    state = "every check passed" if not failed else f"{plural(failed, 'check')} failed"
    lines += ["", paint(f"{total}; {state}.", _RED if failed else _GREEN)]
    lines += [f"Isolation of the submission's code: {report.facts['isolation']}."]
    encoding = stream.encoding or "utf-8"
    text = "\n".join(lines) + "\n"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _table(report: Report, paint: _Painter) -> list[str]:
    numbers = max((len(v.number) for v in report.verdicts), default=0)
    names = max((len(one_line(v.name, 70)) for v in report.verdicts), default=0)
    lines = []
    for verdict in report.verdicts:
        mark = paint("pass", _GREEN) if verdict.passed else paint("FAIL", _RED)
        points = f"{_points(verdict.points):>5} / {_points(verdict.max_points)}"
        hidden = "" if verdict.visibility == "visible" else f"  ({verdict.visibility})"
        name = one_line(verdict.name, 70)
        lines.append(f"  {mark}  {verdict.number:<{numbers}}  {name:<{names}}  {points}{hidden}")
    return lines


def _heading(verdict: Verdict) -> str:
    return f"{verdict.number}  {one_line(verdict.name, 200)}"


def _points(points: float) -> str:
    return f"{points:.2f}".rstrip("0").rstrip(".")


class _Painter:
    """Colours text where the stream shows colours."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def _painter(stream: TextIO) -> _Painter:
    return _Painter(colour=stream.isatty() and not os.environ.get("NO_COLOR"))
