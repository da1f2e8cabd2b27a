"""Checks on the test cases alone, without running anything."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Hashable, Iterator
from typing import Final

from autograder.authoring.findings import WARNING, Finding
from autograder.errors import Place
from autograder.judging.stored import inputs_digest
from autograder.judging.suite import Suite
from autograder.model import INPUTS_UNCHANGED, Assignment, TestCase


def points_add_up(suite: Suite) -> Iterator[Finding]:
    """The points of all cases add up to what the assignment says."""
    assignment = suite.assignment
    total = math.fsum(points for case in assignment.cases for points in case.points.values())
    wanted = assignment.points
    if wanted is not None and not math.isclose(total, wanted, abs_tol=1e-9):
        change = f"remove {total - wanted:g}" if total > wanted else f"add {wanted - total:g}"
        yield Finding(
            assignment.places["points"],
            f"the points of all cases add up to {total:g}, not to {wanted:g}; {change} in the cases, "
            "or correct the total here",
        )


def names_look_different(suite: Suite) -> Iterator[Finding]:
    """Names differ by more than case, spaces, or letters that look alike."""

    def shown(case: TestCase) -> Hashable:
        return " ".join(unicodedata.normalize("NFKC", case.name).casefold().split())

    for case, first in _repeated(suite.assignment, shown):
        yield Finding(
            case.place,
            f"Gradescope would show this name twice: it looks like the name of the case at "
            f"{_short(first.place)}; choose another",
        )


def numbers_differ(suite: Suite) -> Iterator[Finding]:
    """Gradescope shows no number twice."""
    for case, first in _repeated(suite.assignment, lambda case: case.number):
        yield Finding(
            case.places.get("number", case.place),
            f"Gradescope would show the number {case.number} twice: `{first.name}` at "
            f"{_short(first.place)} has it too; give one of them another `number`, or rename a file",
            severity=WARNING,
        )


def seeds_differ(suite: Suite) -> Iterator[Finding]:
    """Cases of one program have seeds of their own; else they would draw the same numbers."""

    def seed(case: TestCase) -> Hashable:
        return (case.inputs.random.seed, case.program.key) if case.inputs.random else None

    for case, first in _repeated(suite.assignment, seed):
        assert case.inputs.random is not None
        yield Finding(
            case.places.get("seed", case.place),
            f"the seed {case.inputs.random.seed} is also the seed of `{first.name}` at "
            f"{_short(first.place)}, so both draw the same numbers; choose another",
            severity=WARNING,
        )


def hidden_cases_are_not_shown(suite: Suite) -> Iterator[Finding]:
    """No hidden case has the program and the inputs of a more visible one."""

    def run(case: TestCase) -> Hashable:
        return case.program.key, case.program.setup_once, inputs_digest(suite.batches(case))

    cases = suite.assignment.cases
    visible = {run(case): case for case in cases if case.visibility == "visible"}
    for case in cases:
        twin = visible.get(run(case)) if case.visibility != "visible" else None
        if twin is not None and twin.points.keys() & case.points.keys():
            yield Finding(
                case.place,
                f"this case is not visible, but has the same inputs as the visible `{twin.name}` at "
                f"{_short(twin.place)}; change its inputs or its seed",
            )


def inputs_unchanged_can_pass(suite: Suite) -> Iterator[Finding]:
    """What leaves its inputs alone earns points with a right result only, so one is looked at."""
    for case in suite.assignment.cases:
        if INPUTS_UNCHANGED in case.points and not case.observed:
            yield Finding(
                case.places.get("points", case.place),
                f"`{INPUTS_UNCHANGED}` needs a right result, and no case of this program has points "
                "for one; name a result in `observe`",
            )


CASE_CHECKS: Final[tuple[Callable[[Suite], Iterator[Finding]], ...]] = (
    points_add_up,
    names_look_different,
    numbers_differ,
    seeds_differ,
    hidden_cases_are_not_shown,
    inputs_unchanged_can_pass,
)


def _repeated(
    assignment: Assignment, key_of: Callable[[TestCase], Hashable]
) -> Iterator[tuple[TestCase, TestCase]]:
    """Every case with a key that an earlier case has, and the first case that has it."""
    first: dict[Hashable, TestCase] = {}
    for case in assignment.cases:
        key = key_of(case)
        if key is not None and first.setdefault(key, case) is not case:
            yield case, first[key]


def _short(place: Place) -> str:
    return f"{place.path.name}:{place.line}"
