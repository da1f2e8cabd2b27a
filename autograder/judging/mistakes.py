"""Known mistakes: the wrong solutions of `reference/mistakes.py`, each with its hint for students.

A known mistake is a class that says in `breaks` which checks it fails somewhere; its docstring is
the hint. Their order in the file is from simple and frequent to rare.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from autograder.errors import AssignmentError, Fault, Place
from autograder.formats.structure import listed
from autograder.judging.solutions import load_module
from autograder.model import INPUTS_UNCHANGED

if TYPE_CHECKING:
    from pathlib import Path

    from autograder.model import Assignment


class Mistake(NamedTuple):
    """A known wrong solution."""

    name: str
    hint: str  # for students, on one line
    breaks: tuple[str, ...]  # the checks that it fails somewhere
    solution: type
    place: Place


def load_mistakes(assignment: Assignment) -> tuple[Mistake, ...]:
    """The known mistakes of an assignment; none where it has no such file.

    Raises AssignmentError where the file cannot be imported, or a mistake lacks its hint.
    """
    path = assignment.mistakes_path
    if not path.is_file():
        return ()
    module = load_module(path)
    lines = _lines_of_classes(path)
    checks = (*(call.method for call in assignment.calls), INPUTS_UNCHANGED)
    mistakes, faults = [], []
    for name, value in vars(module).items():
        if isinstance(value, type) and "breaks" in vars(value):
            breaks = tuple(vars(value)["breaks"])
            place = Place(path, lines.get(name, 1))
            hint = " ".join((value.__doc__ or "").split()) if "__doc__" in vars(value) else ""
            if not hint:
                faults.append(Fault(place, f"{name} has no docstring; write the hint there"))
            if not breaks or not set(breaks) <= set(checks):
                message = f"`breaks` of {name} must name checks out of {listed(checks)}"
                faults.append(Fault(place, message))
            mistakes.append(Mistake(name, hint, breaks, value, place))
    if faults:
        raise AssignmentError(faults)
    return tuple(mistakes)


def _lines_of_classes(path: Path) -> dict[str, int]:
    source = path.read_text(encoding="utf-8")
    return {
        match[1]: source.count("\n", 0, match.start()) + 1
        for match in re.finditer(r"^class (\w+)", source, re.MULTILINE)
    }
