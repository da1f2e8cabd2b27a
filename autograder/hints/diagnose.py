"""What a student may have done wrong, from the numbers that came back.

`diagnose` asks in this order: does a result match a known mistake, or two of them (matching.py), or one
but for a factor (scaled.py); if not, which general pattern does it show (patterns/); which smaller
input shows the same failure (smallest.py); and with which of its own steps does the reference part
from it (steps.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from autograder.hints.factors import has_number
from autograder.hints.group import Group, points_to
from autograder.hints.matching import (
    Hypothesis,
    Traced,
    find_mistakes,
    hypotheses,
    match_tolerance,
    tells,
)
from autograder.hints.patterns.circumstances import OF_ALL
from autograder.hints.scaled import Scaled, find_scaled
from autograder.hints.smallest import find_counterexamples
from autograder.hints.steps import explain_steps
from autograder.judging.diagnosis import Counterexample, Diagnosis, Tried, main_way
from autograder.judging.evidence import Check, Evidence
from autograder.judging.suite import Suite
from autograder.judging.traces import BESIDES, Likeness, MistakeTraces
from autograder.judging.verdicts import BOTH
from autograder.model import VISIBILITIES
from autograder.sandbox.observation import Outcome

Key = tuple[str, str]  # a case and a check


def diagnose(
    suite: Suite, evidence: Sequence[Evidence], tried: Mapping[str, Tried]
) -> dict[Key, Diagnosis]:
    """Diagnose every failed check, by case and check; `tried` are small inputs by case.

    What is said of a case rests only on cases with the same program that students see no later than
    it: so nothing of a hidden case shows in a visible one, and the visible ones read the same if there
    are no others.
    """
    failed = [(one, check) for one in evidence for check in one.checks if tells(one, check)]
    if not failed:
        return {}
    found: dict[Key, Diagnosis] = {}
    with np.errstate(all="ignore"):  # a student's numbers may be anything
        counterexamples = find_counterexamples([one for one, _ in failed], tried)
        hints = _hints(suite, evidence, failed, counterexamples, tried)
        for one, check in failed:
            key = one.case.name, check
            cut_short = one.case.name in tried and tried[one.case.name].cut_short
            tolerance = match_tolerance(one.case, suite.assignment)
            told = {
                other
                for other in one.checks
                if (known := hints.get((one.case.name, other)))
                and known.cause
                and not known.cause.startswith(OF_ALL)
            }
            found[key] = hints.get(key, Diagnosis())._replace(
                counterexample=counterexamples.get(key),
                steps=explain_steps(one, check, suite, tolerance, told),
                cut_short=cut_short,
            )
    return found


def _hints(
    suite: Suite,
    evidence: Sequence[Evidence],
    failed: Sequence[tuple[Evidence, str]],
    counterexamples: Mapping[Key, Counterexample],
    tried: Mapping[str, Tried],
) -> dict[Key, Diagnosis]:
    """The hints, worked out for all cases of one program, and each check, at once."""
    traced = Traced(suite.assignment)
    by_program: dict[tuple[str, ...], list[Evidence]] = defaultdict(list)
    for one in evidence:
        by_program[one.case.program.key].append(one)
    wanted = {(one.case.name, check) for one, check in failed if one.case.hints}
    hints: dict[Key, Diagnosis] = {}
    causes: dict[Key, MistakeTraces] = {}
    unexplained: list[Key] = []
    for known in by_program.values():
        for check in dict.fromkeys(check for one in known for check in one.checks):
            own = [one for one in known if (one.case.name, check) in wanted]
            earlier: list[MistakeTraces] = []
            told: list[tuple[Evidence, str]] = []  # cases that are explained, each with its cause
            # The failed cases that are seen first, then those that are seen later.
            for level, visibility in enumerate(VISIBILITIES):
                new = [one for one in own if one.case.visibility == visibility]
                if not new:
                    continue
                seen = [o for o in known if VISIBILITIES.index(o.case.visibility) <= level]
                group = Group(seen, check, counterexamples, tried)
                named = _named(suite, group, [one.case.name for one in new], traced, earlier)
                causes.update(((case, check), one.mistake) for case, one in named.items())
                earlier += [one.mistake for one in named.values() if not one.factor]
                for one in new:
                    known_as = named.get(one.case.name)
                    found = _known(known_as, one.checks[check]) if known_as else group.pattern(one)
                    if found is not None:
                        hints[one.case.name, check] = found
                        told += [(one, found.cause)] if found.cause else []
                left = [one for one in new if (one.case.name, check) not in hints]
                for one in left:
                    found = hints[one.case.name, check] = group.unexplained(one, told, len(left))
                    if found.cause == found.hint:  # nothing, or when it happens
                        unexplained.append((one.case.name, check))
    for key in unexplained:
        case = key[0]
        for (other_case, other), mistake in causes.items():
            if other_case == case and key in mistake.wrong and (case, other) in hints:
                hints[key] = points_to(hints[key], other, "here", hints[case, other].cause)
    return hints


def _named(
    suite: Suite,
    group: Group,
    wanted: Sequence[str],
    traced: Traced,
    earlier: Sequence[MistakeTraces],
) -> dict[str, Scaled]:
    """By case, the known mistakes that explain how a check fails in those cases."""
    check = group.check
    mistakes = [one for one in suite.mistakes if any(broken == check for _, broken in one.wrong)]
    found = find_mistakes(group.known, check, mistakes, traced, earlier)
    if any(name not in found for name in wanted):
        both = [*mistakes, *suite.pairs]
        found = find_mistakes(group.known, check, both, traced, earlier)
        found = _taken_apart(found, hypotheses(group.known, check, both, traced))
    named = {name: Scaled(mistake) for name, mistake in found.items()}
    group.explained |= named.keys()
    left = [name for name in group.failed if name not in named]
    left = [name for name in left if not (factor := group.factor(name)) or has_number(factor)]
    if any(name in wanted for name in left):
        named |= find_scaled(group.known, check, left, mistakes, traced, group.names)
        group.explained |= named.keys()
    return named


def _taken_apart(
    found: Mapping[str, MistakeTraces], candidates: Sequence[Hypothesis]
) -> dict[str, MistakeTraces]:
    """Likewise, with one mistake of a pair for the cases that it explains alone.

    A pair needs a case of its own in which it is proven; that one mistake beside another ends in NaN
    does not tell which one that is.
    """
    apart = {case: one for case, one in found.items() if BESIDES not in one.hint}
    pairs = {one.hint: one for one in found.values() if BESIDES in one.hint}
    for hint, pair in pairs.items():
        parts = [one for one in candidates if one.mistake.hint in hint.split(BESIDES)]
        own: list[str] = []
        for case in (case for case, one in found.items() if one is pair):
            alone = [one for one in parts if one.explains([case])]
            if alone:
                apart[case] = alone[0].mistake
            else:
                own.append(case)
        likes = next(one.likes for one in candidates if one.mistake is pair)
        if any(likes[case] is Likeness.SAME for case in own):
            apart.update(dict.fromkeys(own, pair))
    return apart


def _known(found: Scaled, check: Check) -> Diagnosis:
    mistake, factor = found
    one, _, other = mistake.hint.partition(BESIDES)
    way = main_way(check)
    known_as = "" if way and way.kind is Outcome.PLACEHOLDER else "This matches a known mistake: "
    hint, cause = known_as + one, first_sentence(one)
    if other:
        hint = f"This matches two known mistakes at once. 1. {one} 2. {other}"
        cause = f"{cause}{BOTH}{first_sentence(other)}"
    if factor:
        besides = f"is {factor} times what that alone would give"
        besides = "has the opposite sign" if factor == "-1" else besides
        hint += f" Besides, every number {besides}."
        cause += f" Besides, every number {besides}."
    return Diagnosis(mistake.name, hint, cause=cause, exact=True)


def first_sentence(hint: str) -> str:
    """The first sentence of a hint, or what stands before its colon, as a sentence."""
    return re.split(r"(?<=[.?!])\s", hint, maxsplit=1)[0]
