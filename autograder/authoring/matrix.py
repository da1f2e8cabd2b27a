"""The matrix of which test case catches which known mistake: on the terminal, as CSV, as a page."""

from __future__ import annotations

import csv
import html
import io
import textwrap
from collections import Counter
from collections.abc import Mapping
from typing import Final

from autograder.judging.evidence import Check
from autograder.judging.mistakes import Mistake, load_mistakes, observed_mistakes
from autograder.judging.suite import Suite
from autograder.judging.verdicts import points_earned, total
from autograder.model import TestCase, Tolerance
from autograder.sandbox.observation import Outcome
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


class Matrix:
    """All test cases of an assignment tried on all of its known mistakes.

    A mistake is run only on cases whose program imports what it replaces. Raises AssignmentError if
    the reference, a property or the mistakes cannot be run.
    """

    def __init__(self, suite: Suite, narrower: Mapping[str, Tolerance] | None = None) -> None:
        """`narrower` has tolerances, by case, with which the cases are judged a second time."""
        self.cases = suite.assignment.cases
        self.narrower = narrower or {}
        self.mistakes = load_mistakes(suite.assignment)
        # By mistake and case, for those that were tried: the checks that are lost, the points of all.
        self.lost: dict[tuple[str, str], tuple[str, ...]] = {}
        self.earned: dict[tuple[str, str], dict[str, float]] = {}
        self.let_through: dict[str, list[str]] = {}  # by case, mistakes that a narrower one stops
        self._suite = suite
        # In other cases a mistake passes, as the reference does.
        for mistake, case, observed in observed_mistakes(suite.assignment, suite.batches):
            key = mistake.name, case.name
            checks = suite.gather(case, observed).checks
            self.earned[key] = {
                n: points_earned(case, n, check.share) for n, check in checks.items()
            }
            self.lost[key] = _lost(checks)
            if case.name in self.narrower:
                narrow = case._replace(tolerance=self.narrower[case.name])
                if set(_lost(suite.gather(narrow, observed).checks)) - set(self.lost[key]):
                    self.let_through.setdefault(case.name, []).append(mistake.name)
        self._times = {
            mistake.name: Counter(c for case in self.cases for c in self.lost_by(mistake, case))
            for mistake in self.mistakes
        }

    def lost_by(self, mistake: Mistake, case: TestCase) -> tuple[str, ...]:
        """The checks of a case that a mistake loses."""
        return self.lost.get((mistake.name, case.name), ())

    def is_tried(self, case: TestCase) -> bool:
        """Whether some mistake is in what a case's program imports."""
        return any((mistake.name, case.name) in self.lost for mistake in self.mistakes)

    def points(self, mistake: Mistake) -> float:
        """The points that a mistake still gets in total."""
        return total(
            points
            for case in self.cases
            for points in self.earned.get((mistake.name, case.name), case.points).values()
        )

    @property
    def uncaught(self) -> list[Mistake]:
        """The mistakes that no case catches."""
        return [mistake for mistake in self.mistakes if not self._times[mistake.name]]

    @property
    def redundant(self) -> list[TestCase]:
        """The cases without which every mistake would still lose the same checks somewhere."""
        return [
            case
            for case in self.cases
            if all(self._times[m.name][c] > 1 for m in self.mistakes for c in self.lost_by(m, case))
        ]


def _lost(checks: Mapping[str, Check]) -> tuple[str, ...]:
    """The checks that are lost by what they look at themselves."""
    return tuple(
        name
        for name, check in checks.items()
        if any(row.problem and row.problem.kind != Outcome.NOT_REACHED for row in check.rows)
    )


def matrix_text(matrix: Matrix) -> str:
    """The matrix as text, and below it what a TA should look at."""
    width = max((len(mistake.name) for mistake in matrix.mistakes), default=0)
    lines = [f"{'':{width}}  points  " + "  ".join(case.number for case in matrix.cases)]
    for mistake in matrix.mistakes:
        marks = []
        for case in matrix.cases:
            passes = "." if (mistake.name, case.name) in matrix.lost else "-"
            mark = "x" if matrix.lost_by(mistake, case) else passes
            marks.append(f"{mark:>{len(case.number)}}")
        points = f"{matrix.points(mistake):6.1f}"
        lines.append(f"{mistake.name:{width}}  {points}  " + "  ".join(marks))
    lines += ["", "x: the case catches the mistake. points: what the mistake still gets.", ""]
    if len(matrix.lost) < len(matrix.cases) * len(matrix.mistakes):
        lines[-1:] = ["-: the case's program does not import what the mistake is in.", ""]
    lines += [textwrap.fill(finding, 100) for finding in matrix_findings(matrix)]
    return "\n".join(lines) + "\n"


def matrix_findings(matrix: Matrix) -> list[str]:
    """What the matrix says about the cases, in sentences."""
    mistakes, cases = len(matrix.mistakes), len(matrix.cases)
    lines = [f"{plural(mistakes, 'known mistake')}, {plural(cases, 'test case')}."]
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
        lost = [" ".join(matrix.lost_by(mistake, case)) for case in matrix.cases]
        points = f"{matrix.points(mistake):g}"
        writer.writerow([mistake.name, " ".join(mistake.breaks), points, *lost])
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
    caught = ' class="uncaught"' if mistake in matrix.uncaught else ""
    name = f'<th title="{html.escape(mistake.hint)}">{html.escape(mistake.name)}</th>'
    return (
        f'<tr{caught}>{name}<td class="points">{matrix.points(mistake):g}</td>{"".join(cells)}</tr>'
    )


def _title(case: TestCase) -> str:
    return f"{case.number} {case.name}"
