"""Properties: functions of the assignment that judge results of which no single one is right.

They run in the grader, on numbers, once the student's process is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from autograder.errors import AssignmentError, Fault
from autograder.judging.compare import compare_form
from autograder.judging.evidence import Expected, Judged, Kind, Problem
from autograder.judging.solutions import load_file, place_of
from autograder.model import Assignment, Batch, Property
from autograder.sandbox.observation import BatchObservation, Observation, Outcome
from autograder.text import cut, safe

Properties: TypeAlias = Mapping[str, Callable[..., Any]]

_MOST_TEXT = 1000


def load_properties(assignment: Assignment) -> Properties:
    """The functions of `testcases/properties.py`. Raises AssignmentError if it cannot be imported."""
    if not assignment.properties:
        return {}
    module = load_file(assignment.properties_path)
    return {name: getattr(module, name) for name in assignment.properties}


def judge_property(
    wanted: Property,
    function: Callable[..., Any],
    batch: Batch,
    observed: BatchObservation,
    expected: Expected,
) -> Judged:
    """What a property says of a batch.

    A result that is missing, or has another shape than the reference's, is described like that of any
    other check, and the function is not asked. Raises AssignmentError if the function fails.
    """
    results = {n: seen for n, seen in observed.results.items() if n in wanted.parameters}
    for name, seen in results.items():
        problem = compare_form(seen, expected[name])
        if problem is not None:
            return Judged(seen, expected[name], problem._replace(about=name))
    said = _ask(wanted, function, batch, observed, expected)
    about, shown = list(results.items())[-1] if results else ("", Observation(Outcome.DONE))
    return Judged(shown, None, Problem(Kind.BROKEN, says=said, about=about) if said else None)


def _ask(
    wanted: Property,
    function: Callable[..., Any],
    batch: Batch,
    observed: BatchObservation,
    expected: Expected,
) -> str:
    def argument(name: str) -> Any:
        if name in batch.sizes:
            return batch.sizes[name]
        array = batch.inputs.get(name)
        if array is None:
            array = observed.results[name].value
            assert array is not None
            array = array.reshape(expected[name].shape)
        return array.item() if array.ndim == 0 else array.copy()

    try:
        with np.errstate(all="ignore"):
            said = function(*map(argument, wanted.parameters))
    except Exception as error:
        message = (
            f"`{wanted.name}` fails: {type(error).__name__}: {error}; a property judges any numbers"
        )
        raise AssignmentError([Fault(place_of(error, wanted.place), message)]) from error
    if said is not None and not isinstance(said, str):
        message = f"`{wanted.name}` returned {type(said).__name__}; return nothing, or a sentence"
        raise AssignmentError([Fault(wanted.place, message)])
    return cut(safe(said or ""), _MOST_TEXT)
