"""The known mistakes are wrong where they say so, and only there; the shipped cases catch them all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.judging.evidence import Kind
from autograder.judging.mistakes import Mistake, pairs_of
from autograder.judging.traces import BESIDES
from autograder.model import INPUTS_UNCHANGED
from autograder.sandbox.observation import Outcome
from autograder.tests.hint_figures import Bench

BENCH = Bench()
MISTAKES = BENCH.mistakes()

each_mistake = pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.name)


def lost_checks(mistake: Mistake) -> set[str]:
    fresh = [{m.name: m for m in BENCH.mistakes()}[mistake.name] for _ in BENCH.groups]
    return {
        check.name
        for one in BENCH.run(fresh)
        for check in one.checks.values()
        for row in check.failures
        if row.problem and row.problem.kind not in (Outcome.NOT_REACHED, Kind.NOTHING_RIGHT)
    }


@each_mistake
def test_a_known_mistake_is_caught_in_what_it_breaks_and_right_elsewhere(mistake: Mistake) -> None:
    lost = lost_checks(mistake)
    assert lost, "no shipped case catches it"
    # Leaving the inputs alone earns nothing if no result is right.
    of_results = {"forward", "backward"} <= set(mistake.breaks)
    assert lost <= {*mistake.breaks, *([INPUTS_UNCHANGED] if of_results else [])}


@each_mistake
def test_a_hint_is_short_and_gives_no_code_away(mistake: Mistake) -> None:
    assert 40 < len(mistake.hint) < 400
    assert "np." not in mistake.hint
    assert "`" not in mistake.hint


def test_there_are_enough_mistakes_to_learn_from() -> None:
    assert len(MISTAKES) >= 40
    assert {check for m in MISTAKES for check in m.breaks} == {
        "forward",
        "backward",
        INPUTS_UNCHANGED,
    }


def test_pairs_are_of_mistakes_that_replace_different_parts() -> None:
    pairs = pairs_of(MISTAKES)
    mistakes = {mistake.name: mistake for mistake in MISTAKES}
    assert len(pairs) > 100
    for pair in pairs:
        one, other = (mistakes[name] for name in pair.name.split(" and "))
        assert pair.hint.split(BESIDES) == [one.hint, other.hint]
        assert set(pair.breaks) == set(one.breaks) & set(other.breaks) - {INPUTS_UNCHANGED}
        (both,) = pair.replaced.values()
        assert isinstance(both, type)
        assert all(issubclass(both, tuple(m.replaced.values())) for m in (one, other))  # type: ignore[arg-type]


def test_a_pair_does_what_both_of_its_mistakes_do() -> None:
    pair = next(
        pair
        for pair in pairs_of(MISTAKES)
        if pair.name == "LossNotDividedByN and SoftmaxOverTheWholeBatch"
    )
    (both,) = pair.replaced.values()
    made: Any = both
    A, Y = np.array([[1.0, 2.0], [3.0, 0.5]]), np.eye(2)
    powers = np.exp(A)
    assert made().forward(A, Y) == pytest.approx(-(Y * np.log(powers / powers.sum())).sum())
