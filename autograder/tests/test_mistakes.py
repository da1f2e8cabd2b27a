"""The known mistakes are wrong where they say so, and only there; the shipped cases catch them all."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.compare import within
from autograder.formats.assignment import load_assignment
from autograder.formats.model import INPUTS_UNCHANGED, Assignment
from autograder.oracle import Oracle
from autograder.solutions import load_module, run_solution

REPOSITORY = Path(__file__).resolve().parents[2]


def load_mistakes() -> list[type]:
    module = load_module(REPOSITORY / "reference" / "mistakes.py")
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and "breaks" in vars(value)
    ]


MISTAKES = load_mistakes()
ASSIGNMENT = load_assignment(REPOSITORY)
DRAWN = {case.name: case.inputs.draw() for case in ASSIGNMENT.cases}
EXPECTED = Oracle(ASSIGNMENT).expected_of_all(DRAWN)


def is_right(got: Any, expected: np.ndarray[Any, Any], tolerance: Any) -> bool:
    if got is None or isinstance(got, (Exception, type(NotImplemented))):
        return False
    got = np.asarray(got, dtype=np.float64)
    if got.shape != expected.shape and not (expected.ndim == 0 and got.size == 1):
        return False
    return bool(within(got.reshape(expected.shape), expected, tolerance).all())


def wrong_calls(mistake: type, assignment: Assignment) -> set[str]:
    """The checks that a mistake loses in some shipped case."""
    wrong = set()
    for case in assignment.cases:
        batches = DRAWN[case.name]
        handed = [{name: array.copy() for name, array in batch.items()} for batch in batches]
        instance: Any = None
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            results = list(run_solution(mistake, assignment, case, batches))
            for batch in handed:  # once more, on arrays whose changes can be seen
                try:
                    if instance is None or not case.shared_object:
                        instance = mistake()
                    for call in assignment.calls:
                        getattr(instance, call.method)(*[batch[name] for name in call.arguments])
                except Exception:
                    continue
        for result, expected in zip(results, EXPECTED[case.name], strict=True):
            for method, got in result.items():
                if not is_right(got, expected[method], case.tolerance):
                    wrong.add(method)
        if INPUTS_UNCHANGED in case.points and any(
            before[name].tobytes() != after[name].tobytes()
            for before, after in zip(batches, handed, strict=True)
            for name in before
        ):
            wrong.add(INPUTS_UNCHANGED)
    return wrong


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_known_mistake_is_caught_in_what_it_breaks_and_right_elsewhere(mistake: type) -> None:
    breaks = set(vars(mistake)["breaks"])
    assert breaks <= {"forward", "backward", INPUTS_UNCHANGED}
    wrong = wrong_calls(mistake, ASSIGNMENT)
    assert wrong, "no shipped case catches it"
    assert wrong <= breaks


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_hint_is_short_and_gives_no_code_away(mistake: type) -> None:
    hint = " ".join((mistake.__doc__ or "").split())
    assert 40 < len(hint) < 400
    assert "np." not in hint
    assert "`" not in hint


def test_there_are_enough_mistakes_to_learn_from() -> None:
    assert len(MISTAKES) >= 40
