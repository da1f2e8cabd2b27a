"""A report on the terminal: a table of checks, the texts of what failed, the total, what is next."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import TYPE_CHECKING, Final, TextIO

from autograder.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograder.judging.verdicts import Report, Verdict

_GREEN: Final = "32"
_RED: Final = "31"
_BOLD: Final = "1"
_WINDOWS_TERMINALS: Final = ("WT_SESSION", "TERM", "TERM_PROGRAM", "ANSICON")


def print_report(report: Report, closing: Iterable[str], stream: TextIO | None = None) -> None:
    """Print a report, and below it the closing lines; in colour where the stream shows colours."""
    stream = stream or sys.stdout
    paint = _painter(stream)
    lines = [paint(report.title, _BOLD), *_table(report, paint)]
    if report.notice:
        lines += ["", report.notice]
    else:
        headings: dict[str, list[str]] = {}  # a text that says the same of many checks is read once
        for verdict in report.verdicts:
            if not verdict.passed:
                headings.setdefault(verdict.text, []).append(paint(_heading(verdict), _BOLD))
        for text, above in headings.items():
            lines += ["", *above, textwrap.indent(text, "  ")]
    failed = sum(not verdict.passed for verdict in report.verdicts)
    total = f"{_points(report.points)} of {_points(report.max_points)} points"
    state = "every check passed" if not failed else f"{plural(failed, 'check')} failed"
    lines += ["", paint(f"{total}; {state}.", _RED if failed else _GREEN)]
    lines += closing
    show("\n".join(lines), stream)


def show(text: str, stream: TextIO) -> None:
    """Write text and a line end; what the stream's encoding lacks is written as escapes."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


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
    return _Painter(colour=_shows_colour(stream))


def _shows_colour(stream: TextIO) -> bool:
    """Whether this is a terminal, whoever sits there has not set NO_COLOR, and it knows the codes."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return False
    # The old console of Windows prints the codes as they are; the others say who they are.
    return os.name != "nt" or any(name in os.environ for name in _WINDOWS_TERMINALS)
