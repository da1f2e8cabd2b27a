"""What a student may have done wrong, from the numbers that came back.

`diagnose` asks in this order: does the result match a known mistake (matching.py); if none, which
general pattern does it show (patterns.py); which smaller input shows the same failure (smallest.py);
and with which of its own steps does the reference part from it (steps.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from autograder.hints.matching import Traced, find_mistake, find_scaled_mistake, match_tolerance
from autograder.hints.patterns import describe_patterns
from autograder.hints.smallest import find_counterexamples
from autograder.hints.steps import explain_steps
from autograder.judging.diagnosis import Diagnosis, Tried
from autograder.judging.evidence import Check, Evidence, Kind, Row
from autograder.judging.suite import Suite
from autograder.model import VISIBILITIES
from autograder.sandbox.observation import Outcome

# Outcomes that many programs share, whatever is wrong with them.
_TELLS_NOTHING: Final = (
    *(Outcome.TIMED_OUT, Outcome.CRASHED, Outcome.NOT_REACHED),
    *(Kind.WRONG_TYPE, Kind.NOTHING_RIGHT),
)


def diagnose(
    suite: Suite, evidence: Sequence[Evidence], tried: Mapping[str, Tried]
) -> dict[tuple[str, str], Diagnosis]:
    """Diagnose every failed check, by case and check; `tried` are small inputs by case.

    What is said of a case rests only on cases with the same program that students see no later than
    it: so nothing of a hidden case shows in a visible one, and the visible ones read the same if there
    are no others.
    """
    failed = [
        (one, check)
        for one in evidence
        for check in one.checks.values()
        if any(map(_tells_something, check.failures))
    ]
    if not failed:
        return {}
    with np.errstate(all="ignore"):  # a student's numbers may be anything
        return _diagnose(failed, suite, evidence, tried)


def _diagnose(
    failed: Sequence[tuple[Evidence, Check]],
    suite: Suite,
    evidence: Sequence[Evidence],
    tried: Mapping[str, Tried],
) -> dict[tuple[str, str], Diagnosis]:
    assignment = suite.assignment
    hinted = {check.name for one, check in failed if one.case.hints}
    mistakes = suite.mistakes(hinted) if hinted else []
    counterexamples = find_counterexamples([one for one, _ in failed], tried)
    traced = Traced(assignment)
    found = {
        (one.case.name, check.name): find_mistake(
            one, check.name, _seen_no_later(one, evidence), mistakes, traced
        )
        for one, check in failed
        if one.case.hints
    }
    diagnoses = {}
    for one, check in failed:
        name = one.case.name
        mistake, hint = found.get((name, check.name)), ""
        if mistake is not None:
            kinds = {row.problem.kind for row in check.failures if row.problem}
            known_as = "" if kinds == {Outcome.PLACEHOLDER} else "This matches a known mistake: "
            hint = known_as + mistake.hint
        elif one.case.hints:
            beside = [known for (case, _), known in found.items() if known and case == name]
            scaled = find_scaled_mistake(one, check.name, beside, traced)
            if scaled is not None:
                mistake, factor = scaled
                hint = (
                    f"This looks like a known mistake, and besides, every number is {factor} times "
                    f"what that would give. {mistake.hint}"
                )
            else:
                hint = describe_patterns(one, check.name, _seen_no_later(one, evidence))
        diagnoses[name, check.name] = Diagnosis(
            mistake.name if mistake else "",
            hint,
            counterexamples.get((name, check.name)),
            explain_steps(one, check.name, suite, match_tolerance(one.case, assignment)),
        )
    return diagnoses


def _tells_something(row: Row) -> bool:
    """Whether there is anything to learn from how a batch failed, beyond that it did."""
    assert row.problem is not None
    return row.problem.kind not in _TELLS_NOTHING and not row.observed.file


def _seen_no_later(one: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    latest = VISIBILITIES.index(one.case.visibility)
    return [
        other
        for other in evidence
        if VISIBILITIES.index(other.case.visibility) <= latest
        if other.case.program.key == one.case.program.key
    ]
