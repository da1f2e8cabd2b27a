"""Checks on how well the test cases tell known mistakes from right solutions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from autograder.authoring.findings import WARNING, Finding
from autograder.authoring.matrix import Matrix
from autograder.authoring.reference_checks import Trial
from autograder.errors import Place
from autograder.judging.answers import faults_of_expectations
from autograder.model import Assignment, TestCase, Tolerance
from autograder.text import plural


def mistakes_are_caught(
    _assignment: Assignment, matrix: Matrix, _trial: Trial
) -> Iterator[Finding]:
    for mistake in matrix.uncaught:
        yield Finding(
            mistake.place,
            WARNING,
            f"no case catches the known mistake {mistake.name}; add one that does, or remove it",
        )


def cases_catch_something(
    _assignment: Assignment, matrix: Matrix, _trial: Trial
) -> Iterator[Finding]:
    advice = "sharpen it, add the mistake that it is for, or say in `purpose` why it is here"
    caught = {
        case.name: {
            (m.name, check) for m in matrix.mistakes for check in matrix.lost[m.name, case.name]
        }
        for case in matrix.cases
    }
    for case in matrix.redundant:
        if case.purpose:
            continue
        mine = caught[case.name]
        if not mine:
            what = f"this case catches none of the {len(matrix.mistakes)} known mistakes"
        else:
            what = "this case catches no known mistake that the others don't"
            better = [
                other.name
                for other in matrix.cases
                if other is not case and mine <= caught[other.name]
            ]
            what += f" (`{better[0]}` alone catches all that it does)" if better else ""
        yield Finding(case.place, WARNING, f"{what}; {advice}")


def tolerances_are_narrow(
    assignment: Assignment, matrix: Matrix, _trial: Trial
) -> Iterator[Finding]:
    for case in matrix.cases:
        narrow = Tolerance(*map(min, case.tolerance, _narrowest(case, assignment)))
        alone = assignment._replace(cases=(case._replace(tolerance=narrow),))
        # Digits that were cut rather than rounded need all the tolerance that they have.
        if narrow == case.tolerance or faults_of_expectations(alone):
            continue
        lost = Matrix(alone).lost
        passing = [
            name for name, _ in lost if {*lost[name, case.name]} - {*matrix.lost[name, case.name]}
        ]
        if passing:
            place = case.places.get("tolerance") or assignment.places.get("tolerance")
            message = (
                f"the tolerance is so wide that {plural(len(passing), 'known mistake')} can pass "
                f"`{case.name}` ({', '.join(passing[:3])}); {narrow} of the expected numbers would do"
            )
            yield Finding(place or Place(assignment.settings_path), WARNING, message)


MISTAKE_CHECKS: Final[tuple[Callable[[Assignment, Matrix, Trial], Iterator[Finding]], ...]] = (
    mistakes_are_caught,
    cases_catch_something,
    tolerances_are_narrow,
)


def _narrowest(case: TestCase, assignment: Assignment) -> Tolerance:
    """Half a unit of the last printed digit, else the assignment's tolerance or a narrower default."""
    if not case.expect:
        return Tolerance(*map(min, assignment.tolerance, Tolerance()))
    decimals = min(max(map(_decimals, printed.flat)) for printed in case.expect.values())
    return Tolerance(0.0, 0.5 * 10.0**-decimals)


def _decimals(number: float) -> int:
    return len(np.format_float_positional(number, trim="-").partition(".")[2])
