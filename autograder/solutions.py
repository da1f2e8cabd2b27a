"""Running the assignment's own solutions, the reference and known mistakes, in the grader itself."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from autograder.errors import AssignmentError, Fault, Place

if TYPE_CHECKING:
    from pathlib import Path

    from autograder.formats.draws import Batch
    from autograder.formats.model import Assignment, TestCase

    # What each call of a batch returned; an exception ends the batch, and stands in its place.
    Results = dict[str, Any]


def load_module(path: Path) -> ModuleType:
    """Import a file of the assignment's `reference/`, which may import what stands beside it.

    Raises AssignmentError where that fails.
    """
    module = ModuleType(f"assignment.{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # where dataclasses, for one, look for it
    # Grading leaves no caches in the assignment's folder.
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(path.parent))
    before = set(sys.modules)
    try:
        exec(compile(path.read_bytes(), path, "exec"), module.__dict__)  # noqa: S102
    except Exception as error:
        line = getattr(error, "lineno", None) or 1
        message = f"this file cannot be imported: {type(error).__name__}: {error}"
        raise AssignmentError([Fault(Place(path, line), message)]) from error
    finally:
        sys.path.remove(str(path.parent))
        sys.dont_write_bytecode = writes
        for name in set(sys.modules) - before:  # another assignment's may have the same names
            if getattr(sys.modules[name], "__file__", None) == str(path.with_name(f"{name}.py")):
                del sys.modules[name]
    return module


def run_solution(
    solution: type, assignment: Assignment, case: TestCase, batches: list[Batch]
) -> Iterator[Results]:
    """Make the assignment's calls on every batch of a case, as they are made on a student's class."""
    instance: Any = None
    for batch in batches:
        results: Results = {}
        method = "__init__"
        try:
            if instance is None or not case.shared_object:
                instance = solution(*map(copy.copy, assignment.constructor.values()))
            for call in assignment.calls:
                method = call.method
                arguments = [batch[name].copy() for name in call.arguments]
                results[method] = getattr(instance, method)(*arguments)
        except Exception as error:
            results[method] = error
        yield results
