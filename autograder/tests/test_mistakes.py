"""The known mistakes are wrong where they say so, and only there; the shipped cases catch them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.matrix import Matrix
from autograder.formats.assignment import load_assignment
from autograder.judging.mistakes import Mistake
from autograder.judging.suite import Suite
from autograder.model import INPUTS_UNCHANGED

MATRIX = Matrix(Suite(load_assignment(Path(__file__).resolve().parents[2])))

each_mistake = pytest.mark.parametrize("mistake", MATRIX.mistakes, ids=lambda m: m.name)


def lost_checks(mistake: Mistake) -> set[str]:
    return {check for case in MATRIX.cases for check in MATRIX.lost[mistake.name, case.name]}


@each_mistake
def test_a_known_mistake_is_caught_in_what_it_breaks_and_right_elsewhere(mistake: Mistake) -> None:
    lost = lost_checks(mistake)
    assert lost, "no shipped case catches it"
    assert lost <= set(mistake.breaks)


@each_mistake
def test_a_hint_is_short_and_gives_no_code_away(mistake: Mistake) -> None:
    assert 40 < len(mistake.hint) < 400
    assert "np." not in mistake.hint
    assert "`" not in mistake.hint


def test_there_are_enough_mistakes_to_learn_from() -> None:
    assert len(MATRIX.mistakes) >= 40
    assert {check for m in MATRIX.mistakes for check in m.breaks} == {
        "forward",
        "backward",
        INPUTS_UNCHANGED,
    }
