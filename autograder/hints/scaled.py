"""A known mistake and a factor besides: results that are N times what the mistake would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from autograder.hints.factors import Factor, FactorNames, SizeNames, is_number, named_factor
from autograder.hints.matching import Traced, match_tolerance
from autograder.judging.evidence import Evidence
from autograder.judging.traces import MistakeTraces, Trace
from autograder.sandbox.observation import Outcome

_MOST_TRIED: Final = 300  # mistakes, from the most frequent on
_LEAST_NUMBERS: Final = 3  # that must agree: one or two may do so by chance, for some factor


class Scaled(NamedTuple):
    """A known mistake that explains a failure, and by what its results are multiplied besides."""

    mistake: MistakeTraces
    factor: str = ""


def find_scaled(
    known: Sequence[Evidence],
    check: str,
    left: Sequence[str],
    mistakes: Sequence[MistakeTraces],
    traced: Traced,
    names: SizeNames,
) -> dict[str, Scaled]:
    """By case, out of those that are `left`, a mistake and a factor that together explain it.

    The factor has one name in all these cases. As for a mistake alone, whatever passes speaks against
    it, and so do those of the cases that it does not explain.
    """
    passed = [one.case.name for one in known if check in one.checks and one.checks[check].passed]
    cases = {one.case.name: one for one in known if one.case.name in left}
    best: dict[str, Scaled] = {}
    best_score = 0
    for mistake in mistakes[:_MOST_TRIED]:
        if any((name, check) in mistake.wrong for name in passed):
            continue
        told = {}
        for name, one in cases.items():
            own = _factors(one, check, mistake, traced, names)
            if own is not None:
                told[name] = own
        found = _with_one_name(told)
        agree = [name for name in told if name in found or not told[name]]
        score = len(found) - (len(cases) - len(agree))
        score *= any((name, check) in mistake.wrong for name in found)  # else it is a mere factor
        if score > best_score:
            best_score = score
            factor = next(iter(found.values()))
            best = dict.fromkeys(agree, Scaled(mistake, factor))
    return best


def _with_one_name(factors: Mapping[str, Sequence[Factor]]) -> dict[str, str]:
    """The cases in which the factor has the most frequent name, each with that name."""
    named = FactorNames(factors)
    found = {case: named.of(case)[0] for case, own in factors.items() if own}
    known = {case: name for case, name in found.items() if name and not is_number(name)}
    if not known:
        return {}
    most = Counter(known.values()).most_common(1)[0][0]
    # A size that is 1 leaves what the mistake alone gives.
    same = [c for c, name in found.items() if name == most or (not name and named.fits(c, most))]
    numbers = sum(one.numbers for case in same for one in factors[case])
    return dict.fromkeys(same, named.told(most)) if numbers >= _LEAST_NUMBERS else {}


def _factors(
    one: Evidence, check: str, mistake: MistakeTraces, traced: Traced, names: SizeNames
) -> list[Factor] | None:
    """The factors of a case's batches, except those of NaN alone; None if it differs otherwise."""
    tolerance = match_tolerance(one.case, traced.assignment)
    factors: list[Factor] = []
    wrong = mistake.wrong.get((one.case.name, check))  # None if the mistake is right there
    for n, (row, (mine, right)) in enumerate(zip(one.checks[check].rows, traced.of(one, check))):
        if mine.outcome == Outcome.NOT_REACHED:
            continue
        theirs = wrong[n] if wrong else None
        if theirs is None and row.expected is not None and right is not None:
            theirs = Trace(Outcome.VALUE.value, mine.shape, right)
        if theirs is None or theirs.outcome != Outcome.VALUE or theirs[:2] != mine[:2]:
            return None
        finite = np.isfinite(mine.numbers)
        if not np.array_equal(finite, np.isfinite(theirs.numbers)):
            return None
        if mine.numbers[finite].any() or theirs.numbers[finite].any():  # 0 is any number times 0
            numbers = mine.numbers[finite], theirs.numbers[finite]
            factor = named_factor(*numbers, tolerance, names.of(row.batch))
            if factor is None:
                return None
            factors.append(factor)
    return factors
