"""Checks on how well the test cases tell known mistakes from right solutions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from autograder.authoring.findings import WARNING, Finding
from autograder.errors import Place
from autograder.judging.compare import compare
from autograder.judging.solutions import Runner
from autograder.model import Tolerance
from autograder.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from autograder.authoring.matrix import Matrix
    from autograder.authoring.reference_checks import Trial
    from autograder.judging.mistakes import Mistake
    from autograder.model import Assignment, TestCase
    from autograder.sandbox.observation import BatchObservation

_MOST_NAMED: Final = 3
_MOST_DECIMALS: Final = 15


def mistakes_are_caught(
    _assignment: Assignment, matrix: Matrix, _trial: Trial
) -> Iterator[Finding]:
    for mistake in matrix.uncaught:
        yield Finding(
            mistake.place,
            WARNING,
            f"no case catches the known mistake {mistake.name}; add one that does, or take it out",
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
    assignment: Assignment, matrix: Matrix, trial: Trial
) -> Iterator[Finding]:
    for case in assignment.cases:
        needed = {
            call.method: tolerance
            for call in assignment.calls
            if call.method in case.points
            and (tolerance := _needed(case, call.method, assignment.tolerance))
            and _wider(case.tolerance, tolerance)
        }
        passing = _passing_by_tolerance(assignment, case, matrix.mistakes, trial, needed)
        if passing:
            narrow = " and ".join(dict.fromkeys(str(needed[method]) for method in passing))
            which = "; ".join(f"{method}: {_named(names)}" for method, names in passing.items())
            yield Finding(
                case.places.get("tolerance")
                or assignment.places.get("tolerance", Place(assignment.settings_path)),
                WARNING,
                f"the tolerance is so wide that known mistakes pass `{case.name}` ({which}); "
                f"numbers {narrow} of the expected ones would do",
            )


MISTAKE_CHECKS: Final[tuple[Callable[[Assignment, Matrix, Trial], Iterator[Finding]], ...]] = (
    mistakes_are_caught,
    cases_catch_something,
    tolerances_are_narrow,
)


def _needed(case: TestCase, method: str, usual: Tolerance) -> Tolerance:
    """The tolerance that is as narrow as can be asked for: half a digit of printed figures, and the
    usual one otherwise, or ours where that is narrower."""
    if method in case.expect:
        printed = case.expect[method]
        decimals = next(
            (
                n
                for n in range(_MOST_DECIMALS)
                if np.allclose(np.round(printed, n), printed, 1e-15, 0)
            ),
            _MOST_DECIMALS,
        )
        return Tolerance(0.0, 0.5 * 10.0**-decimals)
    return Tolerance(*map(min, usual, Tolerance()))


def _wider(one: Tolerance, other: Tolerance) -> bool:
    return one.rtol > other.rtol or one.atol > other.atol


def _passing_by_tolerance(
    assignment: Assignment,
    case: TestCase,
    mistakes: Iterable[Mistake],
    trial: Trial,
    needed: Mapping[str, Tolerance],
) -> dict[str, list[str]]:
    """By method, the mistakes that pass a case, and that the tolerance needed would catch."""

    def passes(batches: Sequence[BatchObservation], method: str, tolerance: Tolerance) -> bool:
        return not any(
            compare(batch.calls[index[method]], values[method], tolerance)
            for batch, values in zip(batches, trial.expected[case.name])
        )

    index = {call.method: n for n, call in enumerate(assignment.calls)}
    # Where the reference fails, figures were cut rather than rounded: they need what they have.
    methods = [m for m in needed if passes(trial.again[case.name], m, needed[m])]
    passing: dict[str, list[str]] = {}
    for mistake in mistakes:
        concerned = [method for method in methods if method in mistake.breaks]
        if concerned:
            runner = Runner(mistake.solution, assignment)
            seen = runner.observe(trial.drawn[case.name], shared_object=case.shared_object)
            for method in concerned:
                if passes(seen, method, case.tolerance) and not passes(
                    seen, method, needed[method]
                ):
                    passing.setdefault(method, []).append(mistake.name)
    return passing


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {plural(more, 'other')}" if more > 0 else "")
