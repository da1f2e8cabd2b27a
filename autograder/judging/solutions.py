"""Running the assignment's own solutions, the reference and known mistakes, in the grader itself."""

from __future__ import annotations

import copy
import sys
import warnings
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.errors import AssignmentError, Fault, Place
from autograder.sandbox import observation as seen
from autograder.sandbox.observation import BatchObservation, Observation, StudentError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from autograder.formats.draws import Batch
    from autograder.model import Assignment


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


class Runner:
    """Makes the assignment's calls on a solution, as the sandbox makes them on a student's class."""

    def __init__(self, solution: type, assignment: Assignment) -> None:
        self._solution = solution
        self._assignment = assignment
        self.instance: Any = None  # the object of the last batch

    def observe(
        self, batches: Sequence[Batch], *, shared_object: bool
    ) -> tuple[BatchObservation, ...]:
        """Run batches, on one object where it is shared; observe what each call does."""
        self.instance = None
        # Warnings are kept, not shown: how a mistake comes by its NaN is part of what it does.
        default = np.errstate(divide="warn", over="warn", under="ignore", invalid="warn")
        with default, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            return tuple(self._batch(batch, shared_object, warned) for batch in batches)

    def _batch(
        self, batch: Batch, shared_object: bool, warned: list[warnings.WarningMessage]
    ) -> BatchObservation:
        calls = self._assignment.calls
        observed: list[Observation] = []
        handed: list[tuple[str, NDArray[Any]]] = []
        try:
            if self.instance is None or not shared_object:
                arguments = map(copy.copy, self._assignment.constructor.values())
                self.instance = self._solution(*arguments)
            for method, names in calls:
                given = [batch[name].copy() for name in names]
                handed += zip(names, given)
                warned.clear()
                observation = _call(self.instance, method, given)
                printed = "\n".join(str(warning.message) for warning in warned)
                observed.append(observation._replace(printed=printed))
                if observed[-1].outcome == seen.RAISED:
                    break
        except Exception as error:  # the constructor's
            observed = [_raised(error, seen.CONSTRUCTOR)]
        missing = observed[-1]
        if missing.stage == seen.CALL:
            reason = f"{calls[len(observed) - 1].method} did not return"
            missing = Observation(seen.NOT_REACHED, reason=reason)
        observed += [missing] * (len(calls) - len(observed))
        changed = {name: a for name, a in handed if a.tobytes() != batch[name].tobytes()}
        return BatchObservation(tuple(observed), {**batch, **changed})


def _call(instance: Any, method: str, arguments: list[NDArray[Any]]) -> Observation:
    try:
        value = getattr(instance, method)(*arguments)
    except Exception as error:
        return _raised(error, seen.CALL)
    if value is None or value is NotImplemented:
        return Observation(seen.PLACEHOLDER, type_name=repr(value))
    array = np.array(value)
    if array.dtype.kind not in "iuf":
        return Observation(seen.OTHER, type_name=type(value).__name__)
    return Observation(seen.VALUE, value=array, type_name=type(value).__name__)


def _raised(error: Exception, stage: str) -> Observation:
    placeholder = isinstance(error, NotImplementedError)
    return Observation(
        seen.PLACEHOLDER if placeholder else seen.RAISED,
        stage,
        error=StudentError(type(error).__name__, str(error), "", 0, ""),
    )
