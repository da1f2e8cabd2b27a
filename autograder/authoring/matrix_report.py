"""The matrix of test cases and known mistakes: on the terminal, as CSV and as a web page."""

from __future__ import annotations

import csv
import html
import io
import textwrap
from typing import Final

from autograder.authoring.matrix import Matrix
from autograder.judging.mistakes import Mistake
from autograder.model import TestCase
from autograder.text import plural

_STYLE: Final = """
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 2rem; }
table { border-collapse: collapse; }
th, td { border: 1px solid #8886; padding: .2rem .5rem; text-align: left; }
thead th { position: sticky; top: 0; background: Canvas; vertical-align: bottom; }
td.caught { background: #2a82; }
tr.uncaught th { background: #c228; }
td.points { text-align: right; font-variant-numeric: tabular-nums; }
"""


def matrix_text(matrix: Matrix) -> str:
    """The matrix as text, and below it what a TA should look at."""
    width = max((len(mistake.name) for mistake in matrix.mistakes), default=0)
    columns = [case.number for case in matrix.cases]
    lines = [f"{'':{width}}  points  " + "  ".join(columns)]
    for mistake in matrix.mistakes:
        marks = [f"{_mark(matrix, mistake, case):>{len(case.number)}}" for case in matrix.cases]
        points = f"{matrix.points(mistake):6.1f}"
        lines.append(f"{mistake.name:{width}}  {points}  " + "  ".join(marks))
    lines += ["", "x: the case catches the mistake. points: what the mistake still gets.", ""]
    if any(
        not matrix.is_tried(case, mistake) for case in matrix.cases for mistake in matrix.mistakes
    ):
        lines[-1:] = ["-: the case's program does not import what the mistake is in.", ""]
    lines += [textwrap.fill(finding, 100) for finding in matrix_findings(matrix)]
    return "\n".join(lines) + "\n"


def matrix_findings(matrix: Matrix) -> list[str]:
    """What the matrix says about the cases, in sentences."""
    count = plural(len(matrix.mistakes), "known mistake")
    cases = plural(len(matrix.cases), "test case")
    lines = [f"{count}, {cases}."]
    if matrix.uncaught:
        names = ", ".join(mistake.name for mistake in matrix.uncaught)
        lines.append(f"No case catches: {names}. Add one that does.")
    else:
        lines.append("Every mistake is caught by some case.")
    if matrix.redundant:
        listed = ", ".join(f"{case.number} ({case.name})" for case in matrix.redundant)
        lines.append(
            "Each of these cases, on its own, could be removed and every mistake would still be "
            f"caught: {listed}."
        )
    return lines


def matrix_csv(matrix: Matrix) -> str:
    """The matrix as CSV: one row for each mistake, with the checks that it loses in each case."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["mistake", "breaks", "points", *(_title(case) for case in matrix.cases)])
    for mistake in matrix.mistakes:
        writer.writerow(
            [
                mistake.name,
                " ".join(mistake.breaks),
                f"{matrix.points(mistake):g}",
                *(" ".join(matrix.lost_by(mistake, case)) for case in matrix.cases),
            ]
        )
    return buffer.getvalue()


def matrix_html(matrix: Matrix, title: str) -> str:
    """The matrix as one self-contained web page; hovering over a mistake's name shows its hint."""
    head = "".join(f"<th>{html.escape(_title(case))}</th>" for case in matrix.cases)
    rows = "\n".join(_html_row(matrix, mistake) for mistake in matrix.mistakes)
    findings = "".join(f"<p>{html.escape(line)}</p>" for line in matrix_findings(matrix))
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{html.escape(title)}: cases and known mistakes</h1>\n"
        f"{findings}\n<table><thead><tr><th>mistake</th><th>points left</th>{head}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table></html>\n"
    )


def _html_row(matrix: Matrix, mistake: Mistake) -> str:
    cells = []
    for case in matrix.cases:
        lost = matrix.lost_by(mistake, case)
        cells.append(f'<td class="caught">{", ".join(lost)}</td>' if lost else "<td></td>")
    caught = "" if matrix.catchers(mistake) else ' class="uncaught"'
    name = f'<th title="{html.escape(mistake.hint)}">{html.escape(mistake.name)}</th>'
    return (
        f'<tr{caught}>{name}<td class="points">{matrix.points(mistake):g}</td>{"".join(cells)}</tr>'
    )


def _mark(matrix: Matrix, mistake: Mistake, case: TestCase) -> str:
    if matrix.lost_by(mistake, case):
        return "x"
    return "." if matrix.is_tried(case, mistake) else "-"


def _title(case: TestCase) -> str:
    return f"{case.number} {case.name}"
