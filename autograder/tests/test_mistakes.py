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


@pytest.fixture(scope="module")
def fresh() -> list[dict[str, Mistake]]:
    """All of them, made anew for each group of cases, as a process of its own would have them."""
    return [{mistake.name: mistake for mistake in BENCH.mistakes()} for _ in BENCH.groups]


def lost_checks(fresh: list[Mistake]) -> set[str]:
    return {
        check.name
        for one in BENCH.run(fresh)
        for check in one.checks.values()
        for row in check.failures
        if row.problem and row.problem.kind not in (Outcome.NOT_REACHED, Kind.NOTHING_RIGHT)
    }


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_known_mistake_is_caught_in_what_it_breaks_and_right_elsewhere(
    mistake: Mistake, fresh: list[dict[str, Mistake]]
) -> None:
    lost = lost_checks([group[mistake.name] for group in fresh])
    assert lost, "no shipped case catches it"
    # Leaving the inputs alone earns nothing if no result is right.
    of_results = {"forward", "backward"} <= set(mistake.breaks)
    assert lost <= {*mistake.breaks, *([INPUTS_UNCHANGED] if of_results else [])}


def test_hints_are_short_and_give_no_code_away() -> None:
    hints = [mistake.hint for mistake in MISTAKES]
    assert [hint for hint in hints if not 40 < len(hint) < 400] == []
    assert [hint for hint in hints if "np." in hint or "`" in hint] == []


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
