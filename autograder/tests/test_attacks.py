"""The corpus of hostile and odd submissions, at every level of isolation that this machine has."""

from __future__ import annotations

import os
from functools import cache

import pytest

from autograder.tests.corpus import (
    LEVELS,
    Attack,
    Outcome,
    held,
    levels_here,
    load_corpus,
    run_corpus,
)

CORPUS = load_corpus()
# All levels take minutes; a run on one Python more may do with the one that students are graded at.
CHOSEN = os.environ.get("AUTOGRADER_CORPUS_LEVELS", " ".join(LEVELS)).split()


@cache
def available() -> list[str]:
    return levels_here()


@cache
def outcomes(level: str) -> dict[str, Outcome | None]:
    return run_corpus(level, CORPUS)


@pytest.mark.parametrize("attack", CORPUS, ids=lambda attack: attack.name)
@pytest.mark.parametrize("level", CHOSEN)
def test_a_hostile_submission_gains_breaks_leaks_and_leaves_nothing(
    level: str, attack: Attack
) -> None:
    if level not in available():
        pytest.skip(f"this machine does not have the level {level}")
    if attack.name not in outcomes(level):
        pytest.skip("it signals widely, and no namespaces can be made here")
    outcome = outcomes(level)[attack.name]
    problems = held(attack, outcome) if outcome else ["ended the grader"]
    if level in attack.unstopped and problems:
        _check_what_is_known(attack, outcome)
    else:
        assert not problems


def _check_what_is_known(attack: Attack, outcome: Outcome | None) -> None:
    """What a level cannot stop is listed with its reason; even there the report is whole."""
    if outcome is None:
        assert attack.signals, "only signals may end the grader"
        return
    score = outcome.results["score"]
    assert 0 <= score <= 100
    if attack.score_there is None:
        assert score == attack.score
    else:
        assert score in (attack.score, attack.score_there)


def test_the_corpus_is_large_and_each_file_of_it_is_listed() -> None:
    from autograder.tests.corpus import ATTACKS

    assert len(CORPUS) >= 70
    files = {path.stem for path in ATTACKS.iterdir()} - {"corpus", "__pycache__"}
    made = {attack.name for attack in CORPUS if attack.make is not None}
    assert files <= {attack.name for attack in CORPUS} <= files | made
