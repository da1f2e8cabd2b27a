"""One check over all cases with the same program, as far as students may know of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograder.explain.sentences import COMES_OF_IT, WRONG_NUMBERS
from autograder.hints.factors import NOTES, FactorNames, SizeNames, named_factor
from autograder.hints.matching import tells
from autograder.hints.patterns import describe
from autograder.hints.patterns.batches import Failing, Finding, failing_of
from autograder.hints.patterns.circumstances import circumstance_of_inputs, circumstance_of_sizes
from autograder.hints.smallest import rows_tried
from autograder.judging.compare import as_expected_shape
from autograder.judging.diagnosis import Counterexample, Diagnosis, Tried, main_way, rows_of
from autograder.judging.evidence import Evidence, Kind, Row
from autograder.typed import NDArray


def points_to(known: Diagnosis, check: str, where: str, cause: str) -> Diagnosis:
    """What is known of a check, and that it may come from what makes another, or another case, fail."""
    first = (
        f"{check} fails {where} as well, and there it is known why: look at that first, because this "
        f"may {COMES_OF_IT}."
    )
    return Diagnosis(hint=f"{known.hint} {first}".strip(), cause=cause)


class Group:
    """A check over some cases. What belongs to all of them is worked out once."""

    def __init__(
        self,
        known: Sequence[Evidence],
        check: str,
        counterexamples: Mapping[tuple[str, str], Counterexample],
        tried: Mapping[str, Tried],
    ) -> None:
        self.known = [one for one in known if check in one.checks]
        self.check = check
        self.failed = [one.case.name for one in self.known if tells(one, check)]
        self.explained: set[str] = set()  # cases for which a known mistake was found
        self._counterexamples = counterexamples
        self._tried = tried

    def pattern(self, one: Evidence) -> Diagnosis | None:
        """What the wrong numbers of a case show, and when they are wrong; None if nothing."""
        if self.check not in one.results:
            return Diagnosis()
        found = self._finding(one)
        if found is None:
            return None
        # With a pattern, sizes only say what follows from it: N times is right for N = 1.
        when = circumstance_of_inputs(*self._seen)
        return Diagnosis(hint=f"{found.text} {when}".strip(), cause=found.cause)

    def unexplained(
        self, one: Evidence, told: Sequence[tuple[Evidence, str]], left: int
    ) -> Diagnosis:
        """When a case fails, and which case to look at before it.

        `told` are the cases that have a cause, with that cause, and `left` counts those that have none.
        A cause is passed on only if it explains more cases than are left; that of a case that fails by
        NaN only to another that does so.
        """
        way = main_way(one.checks[self.check])
        when = self._circumstance
        if not when and way is not None and way.kind is Kind.WRONG_VALUE:
            when = self._circumstance_of_finite
        if way is None or way.kind not in WRONG_NUMBERS:
            return Diagnosis(hint=when, cause=when)
        numbers: dict[str, list[str]] = defaultdict(list)
        for other, cause in told:
            theirs = main_way(other.checks[self.check])
            if theirs and (theirs.kind is not Kind.NOT_FINITE or way.kind is Kind.NOT_FINITE):
                numbers[cause].append(other.case.number)
        cause = max(numbers, key=lambda cause: len(numbers[cause]), default="")
        if len(numbers[cause]) <= left:
            return Diagnosis(hint=when, cause=when)
        return points_to(Diagnosis(hint=when), self.check, f"in {numbers[cause][0]}", cause)

    def factor(self, case: str) -> str:
        """By what all numbers of a case are too large: `N`, `-1`, ...; or "".

        The factor is that of most cases that nothing else explains: in one it may be chance.
        """
        name, cases = self._factors.of(case)
        return self._factors.told(name) if 2 * cases > self._wrong else ""

    @cached_property
    def names(self) -> SizeNames:
        """What the sizes of inputs are called."""
        return SizeNames(self.known)

    def _finding(self, one: Evidence) -> Finding | None:
        way = main_way(one.checks[self.check])
        if way is None:
            return None
        if way.kind in (Kind.WRONG_VALUE, Kind.WRONG_SHAPE) and self._is_constant:
            return Finding(
                "The result is always the same, whatever the inputs are.",
                "Does it come from the inputs of this batch at all?",
            )
        factor = self.factor(one.case.name) if way.kind is Kind.WRONG_VALUE else ""
        if factor == "-1":
            return Finding("It looks as if only the sign is wrong.")
        if factor:
            expected = one.checks[self.check].failures[0].expected
            numbers = "every number" if expected is None or expected.ndim else "the number"
            cause = f"It looks as if {numbers} is {factor} times the expected one."
            return Finding(cause, NOTES.get(factor, ""))
        return self._patterns.get(one.case.name)

    @cached_property
    def _patterns(self) -> dict[str, Finding]:
        by_kind: dict[object, dict[str, list[Failing]]] = defaultdict(dict)
        for one in self._unexplained:
            failing = self._failing(one) if self.check in one.results else []
            if failing:
                by_kind[failing[0].problem.kind][one.case.name] = failing
        return {
            case: found
            for kind, cases in by_kind.items()
            for case, found in describe(kind, cases).items()
        }

    def _failing(self, one: Evidence) -> list[Failing]:
        """The batches of a case that fail in its way; last the example, if there is one."""
        check = one.checks[self.check]
        rows = rows_of(check, main_way(check))
        failing = [failing_of(one, self.check, row, self.names) for row in rows]
        example = self._counterexamples.get((one.case.name, self.check))
        if example is not None:
            failing.append(failing_of(one, self.check, example.row, self.names, example))
        return [batch for batch in failing if batch is not None]

    @cached_property
    def _unexplained(self) -> list[Evidence]:
        return [one for one in self.known if one.case.name not in self.explained]

    @cached_property
    def _wrong(self) -> int:
        ways = [main_way(one.checks[self.check]) for one in self._unexplained]
        return sum(way is not None and way.kind is Kind.WRONG_VALUE for way in ways)

    @cached_property
    def _is_constant(self) -> bool:
        """Whether all batches have one result, in each of the processes that ran some of the cases.

        It says nothing if one result is expected in all of them.
        """
        of_process: dict[str, list[NDArray[Any]]] = defaultdict(list)
        for one in self.known:
            values = [row.observed.value for row in one.checks[self.check].rows]
            of_process[one.case.visibility] += [value for value in values if value is not None]
        rows = (row for one in self.known for row in one.checks[self.check].rows)
        wanted = [row.expected for row in rows if row.expected is not None]
        if all(np.array_equal(value, wanted[0]) for value in wanted):
            return False
        return any(len(values) > 2 for values in of_process.values()) and all(
            np.array_equal(value, values[0]) for values in of_process.values() for value in values
        )

    @cached_property
    def _factors(self) -> FactorNames:
        found = {}
        for one in self._unexplained:
            factors = []
            failures = one.checks[self.check].failures
            for row in failures:
                value, expected = row.observed.value, row.expected
                if value is not None and expected is not None:
                    got = as_expected_shape(value, expected)
                    sizes = self.names.of(row.batch)
                    factors.append(named_factor(got, expected, one.case.tolerance, sizes))
            told = [factor for factor in factors if factor is not None]
            if told and len(told) == len(failures):
                found[one.case.name] = told
        return FactorNames(found, numbers=True)

    @cached_property
    def _circumstance(self) -> str:
        return self._tell(*self._seen)

    @cached_property
    def _circumstance_of_finite(self) -> str:
        batches, small = (
            [row for row in rows if not row.problem or row.problem.kind is not Kind.NOT_FINITE]
            for rows in self._seen
        )
        told = self._tell(batches, small) if batches else ""
        return told.replace(" tried,", " tried, NaN and infinities apart,")

    def _tell(self, batches: Sequence[Row], small: Sequence[Row]) -> str:
        sizes = circumstance_of_sizes(batches, small, self.names)
        return sizes or circumstance_of_inputs(batches, small, alone=True)

    @cached_property
    def _seen(self) -> tuple[list[Row], list[Row]]:
        cases = self._unexplained
        tried = [self._tried[one.case.name] for one in cases if one.case.name in self._tried]
        batches = [row for one in cases for row in one.checks[self.check].rows]
        return batches, [row for one in tried for row in rows_tried(one, self.check)]
