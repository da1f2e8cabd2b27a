"""Checks on how well the test cases tell wrong solutions from right ones: mistakes, the starter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from autograder.authoring.findings import ERROR, WARNING, Finding
from autograder.authoring.matrix import Matrix
from autograder.errors import Place
from autograder.formats.submission import SubmissionError, read_submission
from autograder.judging.judge import run_of
from autograder.judging.suite import Suite, faults_of_answers
from autograder.judging.verdicts import points_earned, total
from autograder.model import Assignment, Tolerance
from autograder.sandbox import Allowance, Code, LaunchError, Sandbox
from autograder.text import plural


def narrower_tolerances(assignment: Assignment) -> dict[str, Tolerance]:
    """By case, a narrower tolerance that would do."""
    narrower = {}
    for case in assignment.cases:
        # Half a unit of the last printed digit, or else the assignment's or the usual one.
        wanted = Tolerance(*map(min, assignment.tolerance, Tolerance()))
        if case.expect:
            printed = [max(map(_decimals, one.flat), default=0) for one in case.expect.values()]
            wanted = Tolerance(0.0, 0.5 * 10.0 ** -min(printed))
        narrow = Tolerance(*map(min, case.tolerance, wanted))
        alone = assignment._replace(cases=(case._replace(tolerance=narrow),))
        # Digits that were cut rather than rounded need all the tolerance that they have.
        if narrow != case.tolerance and not (case.expect and faults_of_answers(alone)):
            narrower[case.name] = narrow
    return narrower


def mistakes_are_caught(_assignment: Assignment, matrix: Matrix) -> Iterator[Finding]:
    """Every known mistake fails a check of some case."""
    for mistake in matrix.uncaught:
        yield Finding(
            mistake.place,
            f"no case catches the known mistake {mistake.name}; add one that does, or remove it",
            severity=WARNING,
        )


def cases_catch_something(_assignment: Assignment, matrix: Matrix) -> Iterator[Finding]:
    """A case catches a mistake that no other case catches, or says what it is for."""
    advice = "sharpen it, add the mistake that it is for, or say in `purpose` why it is here"
    caught = {
        case.name: {(m.name, check) for m in matrix.mistakes for check in matrix.lost_by(m, case)}
        for case in matrix.cases
    }
    for case in matrix.redundant:
        if case.purpose or not matrix.is_tried(case):
            continue
        mine = caught[case.name]
        if not mine:
            count = len(matrix.mistakes)
            what = f"none of the {count} known mistakes" if count > 1 else "no known mistake"
            what = f"this case catches {what}"
        else:
            what = "this case catches no known mistake that the others don't"
            others = (other.name for other in matrix.cases if other is not case)
            better = next((name for name in others if mine <= caught[name]), None)
            what += f" (`{better}` alone catches all that it does)" if better else ""
        yield Finding(case.place, f"{what}; {advice}", severity=WARNING)


def tolerances_are_narrow(assignment: Assignment, matrix: Matrix) -> Iterator[Finding]:
    """No tolerance lets a known mistake pass that a narrower one would catch."""
    for case in matrix.cases:
        passing = matrix.let_through.get(case.name)
        if passing:
            place = case.places.get("tolerance") or assignment.places.get("tolerance")
            yield Finding(
                place or Place(assignment.settings_path),
                f"the tolerance is so wide that {plural(len(passing), 'known mistake')} can pass "
                f"`{case.name}` ({', '.join(passing[:3])}); {matrix.narrower[case.name]} of the "
                "expected numbers would do",
                severity=WARNING,
            )


def starter_earns_nothing(suite: Suite) -> Iterator[Finding]:
    """It must not pass a whole case; what else it earns is a warning. Without one, nothing is said."""
    assignment = suite.assignment
    folder = assignment.folder / "handout"
    if not any((folder / name).is_file() for name in assignment.submission):
        return
    first, *others = assignment.submission
    limits = assignment.limits
    try:
        starter = read_submission(folder if others else folder / first, assignment.submission)
        with Sandbox() as sandbox:
            observed = sandbox.run(
                Code(starter.sources, starter.files, starter.missing),
                [run_of(case) for case in assignment.cases],
                limits,
                Allowance(time.monotonic() + limits.total_seconds),
            )
    except (SubmissionError, LaunchError):
        return  # told by those who make the handout, and who grade
    for case, batches in zip(assignment.cases, observed):
        checks = suite.gather(case, batches).checks
        earned = {n: points_earned(case, n, check.share) for n, check in checks.items()}
        names = ", ".join(name for name, points in earned.items() if points)
        severity, most = WARNING, total(case.points.values())
        what = f"earns {total(earned.values()):g} of {most:g} points here"
        if all(check.passed for check in checks.values()):
            severity, what = ERROR, "passes the whole case"
        if names:
            yield Finding(
                case.place,
                f"the handout's starter {what} ({names}); take out of it what it should not have, or "
                "give the points to something else",
                severity=severity,
            )


MISTAKE_CHECKS: Final[tuple[Callable[[Assignment, Matrix], Iterator[Finding]], ...]] = (
    mistakes_are_caught,
    cases_catch_something,
    tolerances_are_narrow,
)


def _decimals(number: float) -> int:
    return len(np.format_float_positional(number, trim="-").partition(".")[2])
