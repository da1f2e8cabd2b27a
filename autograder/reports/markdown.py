"""A report in Markdown: what to fix, a table of checks, and each mistake explained once.

Text that students have a hand in stands in code blocks, so that nothing in it is taken for Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.explain.summary import others_of, short, summary_of, things_to_fix
from autograder.judging.verdicts import Report
from autograder.text import one_line


def render(report: Report) -> str:
    """The text of a Markdown file for a report."""
    return "\n".join(_lines(report)) + "\n"


def render_not_graded(reason: str) -> str:
    """The text of a Markdown file if the grader, not the submission, is at fault."""
    return f"# Not graded\n\nThe grader failed, not the submission.\n\n{_block(reason)}\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_inline(report.title)}"
    total = f"{short(report.points)} of {short(report.max_points)} points"
    yield from ("", f"**{total}**")
    if report.notice:
        yield from ("", _block(report.notice))
    summary = summary_of(report.verdicts)
    if summary:
        head, *things = summary.splitlines()
        yield from ("", head, "", *map(_inline_item, things))
    yield from ("", "| | number | check | points | visibility |", "|---|---|---|---|---|")
    for verdict in report.verdicts:
        cells = (
            "pass" if verdict.passed else "**FAIL**",
            _inline(verdict.number),
            _inline(verdict.name),
            f"{short(verdict.points)} / {short(verdict.max_points)}",
            verdict.visibility,
        )
        yield f"| {' | '.join(cells)} |"
    for number, thing in enumerate(things_to_fix(report.verdicts), 1):
        best = thing.best
        if best.text != report.notice:
            heading = _inline(f"{number}. {best.number} {best.name}")
            yield from ("", f"## {heading}", "", _block(best.text))
            if len(thing.verdicts) > 1:
                yield from ("", f"This also costs {_inline(others_of(thing))}.")
    facts = ", ".join(f"{name} {value}" for name, value in report.facts.items())
    if facts:
        yield from ("", _inline(facts))


def _inline_item(line: str) -> str:
    """A line of the summary, as an item of a list if it is numbered."""
    number, dot, rest = line.partition(". ")
    return f"{number}. {_inline(rest)}" if dot and number.isdigit() else f"\n{_inline(line)}"


def _inline(text: str) -> str:
    """Text on one line, in which nothing is taken for Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$&!])", r"\\\1", one_line(text, 1000))


def _block(text: str) -> str:
    """Text as it is, fenced by more backticks than it has in a row."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
