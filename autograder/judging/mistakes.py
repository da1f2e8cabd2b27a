"""Known mistakes: the wrong solutions of `reference/mistakes.py`, each with its hint for students.

A known mistake is a class that says in `breaks` which checks it fails somewhere; its docstring is
the hint. One that derives from a class of the reference replaces that class; any other replaces the
functions of the reference whose names its own functions have. Their order in the file is from simple
and frequent to rare.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from autograder.errors import AssignmentError, Fault, Place
from autograder.judging.solutions import Modules, load_world
from autograder.model import INPUTS_UNCHANGED, Assignment
from autograder.steps import Program


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
        breaks = tuple(vars(value)["breaks"])
        place = Place(path, lines.get(name, 1))
        hint = " ".join((value.__doc__ or "").split()) if "__doc__" in vars(value) else ""
        replaced = _replaced(value, modules)
        if not hint:
            faults.append(Fault(place, f"{name} has no docstring; write the hint there"))
        if not breaks or not set(breaks) <= set(checks):
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


def _checks(assignment: Assignment) -> dict[str, None]:
    checks = dict.fromkeys(n for case in assignment.cases for n in case.program.results)
    checks.update(dict.fromkeys(assignment.properties))
    checks[INPUTS_UNCHANGED] = None
    return checks


def _replaced(mistake: type, modules: Modules) -> dict[str, object]:
    own = {id(value): name for module in modules.values() for name, value in _classes(module)}
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


def _classes(module: ModuleType) -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]


def _lines_of_classes(path: Path) -> dict[str, int]:
    source = path.read_text(encoding="utf-8")
    return {
        match[1]: source.count("\n", 0, match.start()) + 1
        for match in re.finditer(r"^class (\w+)", source, re.MULTILINE)
    }
