"""A report on the terminal: what to fix, a table of checks, each mistake once, and what is next."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from typing import Final, TextIO

from autograder.errors import UsageError
from autograder.explain.summary import others_of, short, summary_of, things_to_fix
from autograder.judging.verdicts import Report
from autograder.text import one_line, plural

Paint = Callable[[str, str], str]

_GREEN: Final = "32"
_RED: Final = "31"
_BOLD: Final = "1"
_WINDOWS_TERMINALS: Final = ("WT_SESSION", "TERM", "TERM_PROGRAM", "ANSICON")
_NARROWEST: Final = 40


def print_report(report: Report, closing: Iterable[str], stream: TextIO | None = None) -> None:
    """Print a report, and below it the closing lines; in colour if the stream shows colours."""
    stream = stream or sys.stdout
    paint = _painter(stream)
    things = things_to_fix(report.verdicts)
    width = _width(stream)
    lines = [paint(report.title, _BOLD)]
    if things:
        lines += ["", *wrap(summary_of(report.verdicts), width), ""]
    lines += _table(report, paint)
    if report.notice:
        lines += ["", *wrap(report.notice, width)]
    for number, thing in enumerate(things, 1):
        best = thing.best
        if best.text not in (report.notice, f"{thing.sentence}."):  # of which all has been said
            heading = f"{number}.  {best.number}  {one_line(best.name, 200)}"
            lines += ["", paint(heading, _BOLD), *wrap(best.text, width, "  ")]
            if len(thing.verdicts) > 1:
                lines += wrap(f"This also costs {others_of(thing)}.", width, "  ")
    failed = sum(not verdict.passed for verdict in report.verdicts)
    total = f"{short(report.points)} of {short(report.max_points)} points"
    state = "every check passed" if not failed else f"{plural(failed, 'check')} failed"
    lines += ["", paint(f"{total}; {state}.", _RED if failed else _GREEN)]
    lines += wrap("\n".join(closing), width)
    show("\n".join(lines), stream)


def show(text: str, stream: TextIO) -> None:
    """Write text and a line end; what the stream's encoding lacks is written as escapes."""
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except BrokenPipeError:
        raise  # the reader has seen enough
    except OSError as error:
        raise UsageError(f"the output cannot be written: {error.strerror}") from error


def _table(report: Report, paint: Paint) -> list[str]:
    numbers = max((len(v.number) for v in report.verdicts), default=0)
    names = max((len(one_line(v.name, 70)) for v in report.verdicts), default=0)
    lines = []
    for verdict in report.verdicts:
        mark = paint("pass", _GREEN) if verdict.passed else paint("FAIL", _RED)
        points = f"{short(verdict.points):>5} / {short(verdict.max_points)}"
        hidden = "" if verdict.visibility == "visible" else f"  ({verdict.visibility})"
        name = one_line(verdict.name, 70)
        lines.append(f"  {mark}  {verdict.number:<{numbers}}  {name:<{names}}  {points}{hidden}")
    return lines


def wrap(text: str, width: int | None, indent: str = "") -> list[str]:
    """The lines of a text, indented. Prose is wrapped; lines to paste, which are indented, are not."""
    lines: list[str] = []
    for line in text.split("\n"):
        if width is None or line.startswith(" ") or len(indent + line) <= width:
            lines.append(f"{indent}{line}".rstrip())
        else:
            numbered = re.match(r"\d+\. ", line)
            hanging = indent + " " * len(numbered[0] if numbered else "")
            lines += textwrap.wrap(
                line,
                width,
                initial_indent=indent,
                subsequent_indent=hanging,
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines


def _width(stream: TextIO) -> int | None:
    """The width for prose; None if nobody knows it, as in a file, where lines stay whole."""
    if not stream.isatty() and not os.environ.get("COLUMNS"):
        return None
    import shutil  # which brings all that zips are packed with

    return max(_NARROWEST, shutil.get_terminal_size().columns)


def _painter(stream: TextIO) -> Paint:
    colour = _shows_colour(stream)
    return lambda text, code: f"\x1b[{code}m{text}\x1b[0m" if colour else text


def _shows_colour(stream: TextIO) -> bool:
    """Whether this is a terminal that knows the codes, and NO_COLOR is not set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return False
    # The old console of Windows prints the codes as they are; the others say who they are.
    return os.name != "nt" or any(name in os.environ for name in _WINDOWS_TERMINALS)
