"""Known mistakes: the wrong solutions of `reference/mistakes.py`, each with its hint for students.

A known mistake is a class that says in `breaks` which checks it fails somewhere; its docstring is
the hint. One that derives from a class of the reference replaces that class; any other replaces the
functions of the reference whose names its own functions have. Their order in the file is from simple
and frequent to rare.
"""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any, Final, NamedTuple, cast

from autograder.errors import AssignmentError, Fault, Place
from autograder.judging.judge import run_of
from autograder.judging.solutions import Modules, Runner, load_world
from autograder.judging.traces import BESIDES
from autograder.model import INPUTS_UNCHANGED, Assignment, Batch, TestCase, case_groups
from autograder.sandbox.observation import BatchObservation
from autograder.steps import Program

_MOST_PAIRS: Final = 160


class Mistake(NamedTuple):
    """A known wrong solution."""

    name: str
    hint: str  # for students, on one line
    breaks: tuple[str, ...]  # the checks that it fails somewhere
    replaced: Mapping[str, object]  # by name in the reference, what it has instead
    modules: Modules  # the reference's own, which it builds on
    place: Place

    def applies_to(self, program: Program) -> bool:
        """Whether a program imports what this replaces."""
        return any(
            one.file and (one.alias or any(name in self.replaced for name, _ in one.names))
            for one in program.imports
        )


def load_mistakes(assignment: Assignment) -> tuple[Mistake, ...]:
    """The known mistakes of an assignment, on modules of their own; none if it has no such file.

    Raises AssignmentError if the file cannot be imported, or a mistake is not as it should be.
    """
    modules, module = load_world(assignment)
    if module is None:
        return ()
    path = assignment.mistakes_path
    lines = _lines_of_classes(path)
    checks = _checks(assignment)
    mistakes: list[Mistake] = []
    faults: list[Fault] = []
    for name, value in vars(module).items():
        if not (isinstance(value, type) and "breaks" in vars(value)):
            continue
        given = vars(value)["breaks"]
        breaks = tuple(given) if isinstance(given, (list, tuple, set)) else (given,)
        place = Place(path, lines.get(name, 1))
        hint = " ".join((value.__doc__ or "").split()) if "__doc__" in vars(value) else ""
        replaced = _replaced(value, modules)
        if not hint:
            faults.append(Fault(place, f"{name} has no docstring; write the hint there"))
        if not breaks or not all(isinstance(one, str) and one in checks for one in breaks):
            known = ", ".join(f"`{check}`" for check in checks)
            faults.append(Fault(place, f"`breaks` of {name} must name checks out of {known}"))
        if not replaced:
            message = (
                f"{name} replaces nothing: derive it from a class of the reference, or give it "
                "functions with the names of the reference's"
            )
            faults.append(Fault(place, message))
        mistakes.append(Mistake(name, hint, breaks, replaced, modules, place))
    if faults:
        raise AssignmentError(faults)
    return tuple(mistakes)


def observed_mistakes(
    assignment: Assignment,
    batches: Callable[[TestCase], Sequence[Batch]],
    *,
    in_pairs: bool = False,
) -> Iterator[tuple[Mistake, TestCase, tuple[BatchObservation, ...]]]:
    """What each known mistake, or two of them at once, does in the cases in which it can show.

    Those are the cases whose program imports what it replaces. Raises AssignmentError like
    `load_mistakes`.
    """
    # In the groups in which students' code runs, and on classes that nobody has used before, as a
    # mistake may lie in what a class remembers.
    groups = case_groups(assignment.cases)
    versions: list[Sequence[Mistake]] = [load_mistakes(assignment) for _ in groups]
    if in_pairs:
        versions = [pairs_of(mistakes) for mistakes in versions]
    for of_groups in zip(*versions):
        for group, mistake in zip(groups, of_groups):
            runner = Runner(mistake.modules, mistake.replaced, 2 * assignment.limits.call_seconds)
            for case in group:
                if mistake.applies_to(case.program):
                    yield mistake, case, _observed(runner, mistake, case, batches(case))


def pairs_of(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """The mistakes two by two, the most frequent pairs first, as far as both can be made at once.

    They can if they replace different methods of one class, as Python's own inheritance puts them
    together, or different functions; and only a check that both break gets both.
    """
    places = [(i, k) for k in range(len(mistakes)) for i in range(k)]
    # How often both come together goes by how often each does: the first with any, then the others.
    places.sort(key=lambda pair: ((pair[0] + 1) * (pair[1] + 1), pair))
    found = filter(None, (_pair(mistakes[i], mistakes[k]) for i, k in places))
    return list(itertools.islice(found, _MOST_PAIRS))


def _observed(
    runner: Runner, mistake: Mistake, case: TestCase, batches: Sequence[Batch]
) -> tuple[BatchObservation, ...]:
    try:
        return runner.observe(run_of(case), batches)
    except AssignmentError as error:  # the place of which is in the program, which is not to blame
        message = f"{mistake.name} fails in `{case.name}`: {error.faults[0].message}"
        raise AssignmentError([Fault(mistake.place, message)]) from error


def _checks(assignment: Assignment) -> dict[str, None]:
    checks = dict.fromkeys(n for case in assignment.cases for n in case.program.results)
    checks.update(dict.fromkeys(assignment.properties))
    checks[INPUTS_UNCHANGED] = None
    return checks


def _replaced(mistake: type, modules: Modules) -> dict[str, object]:
    own = {
        id(value): name
        for module in modules.values()
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }
    for base in mistake.__mro__[1:]:
        if id(base) in own:
            return {own[id(base)]: mistake}
    functions = {
        name: value.__func__ if isinstance(value, staticmethod) else value
        for name, value in vars(mistake).items()
        if isinstance(value, (FunctionType, staticmethod))
    }
    known = {name for module in modules.values() for name in vars(module)}
    return {name: function for name, function in functions.items() if name in known}


def _lines_of_classes(path: Path) -> dict[str, int]:
    source = path.read_text(encoding="utf-8")
    return {
        match[1]: source.count("\n", 0, match.start()) + 1
        for match in re.finditer(r"^class (\w+)", source, re.MULTILINE)
    }


def _pair(one: Mistake, other: Mistake) -> Mistake | None:
    breaks = [c for c in one.breaks if c in other.breaks and c != INPUTS_UNCHANGED]
    replaced = _both(one, other)
    if not breaks or not replaced:
        return None
    name, hint = f"{one.name} and {other.name}", one.hint + BESIDES + other.hint
    return Mistake(name, hint, tuple(breaks), replaced, one.modules, one.place)


def _both(one: Mistake, other: Mistake) -> dict[str, object]:
    if not one.replaced.keys() & other.replaced.keys():
        both = {**one.replaced, **other.replaced}
        return both if not any(isinstance(value, type) for value in both.values()) else {}
    classes = [*one.replaced.values(), *other.replaced.values()]
    if len(classes) != 2 or not all(isinstance(value, type) for value in classes):
        return {}
    first, second = cast("list[Any]", classes)
    shared = next(base for base in inspect.getmro(first) if issubclass(second, base))
    if shared in classes or _methods(first, shared) & _methods(second, shared):
        return {}
    both_of = type(first.__name__, (first, second), {"__module__": first.__module__})
    return dict.fromkeys(one.replaced, both_of)


def _methods(mistake: type, shared: type) -> set[str]:
    """The methods that a class and its bases have, below a base that it shares with another."""
    own = [base for base in inspect.getmro(mistake) if base not in inspect.getmro(shared)]
    return {n for base in own for n, value in vars(base).items() if isinstance(value, FunctionType)}
