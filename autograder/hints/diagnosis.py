"""Hints: what a student may have done wrong, from the numbers that came back.

`diagnose` asks in this order: does the result match a known mistake (matching.py); if none, which
general pattern does it show (patterns.py); which smaller input shows the same failure (smallest.py);
and with which of its own steps does the reference part from it (steps.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from autograder.hints.matching import Traced, find_mistake, find_scaled_mistake, match_tolerance
from autograder.hints.patterns import describe_patterns
from autograder.hints.smallest import Counterexample, find_counterexamples
from autograder.hints.steps import explain_steps
from autograder.judging import compare
from autograder.model import VISIBILITIES
from autograder.sandbox import observation as seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.hints.smallest import RunSmall
    from autograder.judging.answers import Oracle
    from autograder.judging.compare import Problem
    from autograder.judging.judge import Evidence
    from autograder.model import Assignment


# Outcomes that many programs share, whatever is wrong with them.
_TELLS_NOTHING: Final = (seen.TIMED_OUT, seen.CRASHED, seen.NOT_REACHED, compare.WRONG_TYPE)


class Diagnosis(NamedTuple):
    """What is known of a failed check beyond its numbers; each part may be empty."""

    mistake: str = ""  # the name of the known mistake that it matches
    hint: str = ""
    counterexample: Counterexample | None = None
    steps: str = ""


def diagnose(
    assignment: Assignment, evidence: Sequence[Evidence], oracle: Oracle, run_small: RunSmall
) -> dict[tuple[str, str], Diagnosis]:
    """Diagnose every failed check, by case and check.

    `run_small` runs further inputs through the submission. What is said of a case rests only on
    cases that students see no later than it: so nothing of a hidden case shows in a visible one, and
    the visible ones read the same where there are no others.
    """
    failed = [
        (one, check)
        for one in evidence
        if one.observed[0].calls[0].stage == seen.CALL  # or there was nothing to call
        for check in one.problems
        if any(map(_tells_something, one.problems[check]))
    ]
    if not failed:
        return {}
    with np.errstate(all="ignore"):  # a student's numbers may be anything
        return _diagnose(failed, assignment, evidence, oracle, run_small)


def _diagnose(
    failed: Sequence[tuple[Evidence, str]],
    assignment: Assignment,
    evidence: Sequence[Evidence],
    oracle: Oracle,
    run_small: RunSmall,
) -> dict[tuple[str, str], Diagnosis]:
    mistakes = oracle.mistakes({check for _, check in failed})
    counterexamples = find_counterexamples(
        assignment, [one for one, _ in failed], oracle, run_small
    )
    traced = Traced(assignment)
    found = {
        (one.case.name, check): find_mistake(
            one, check, _seen_no_later(one, evidence), mistakes, traced
        )
        for one, check in failed
    }
    diagnoses = {}
    for one, check in failed:
        name = one.case.name
        mistake, hint = found[name, check], ""
        if mistake is not None:
            kinds = {problem.kind for problem in one.problems[check] if problem is not None}
            known_as = "" if kinds == {seen.PLACEHOLDER} else "This matches a known mistake: "
            hint = known_as + mistake.hint
        else:
            beside = [known for (case, _), known in found.items() if known and case == name]
            scaled = find_scaled_mistake(one, check, beside, traced)
            if scaled is not None:
                mistake, factor = scaled
                hint = (
                    f"This looks like a known mistake, and besides, every number is {factor} times "
                    f"what that would give. {mistake.hint}"
                )
            else:
                known_cases = _seen_no_later(one, evidence)
                hint = describe_patterns(one, check, known_cases, assignment)
        diagnoses[name, check] = Diagnosis(
            mistake.name if mistake else "",
            hint if one.case.hints else "",
            counterexamples.get((name, check)),
            explain_steps(one, check, oracle, match_tolerance(one.case, assignment)),
        )
    return diagnoses


def _tells_something(problem: Problem | None) -> bool:
    """Whether there is anything to learn from how a batch failed, beyond that it did."""
    return problem is not None and problem.kind not in _TELLS_NOTHING


def _seen_no_later(one: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    latest = VISIBILITIES.index(one.case.visibility)
    return [other for other in evidence if VISIBILITIES.index(other.case.visibility) <= latest]
