"""General patterns in wrong results, for those that match no known mistake.

A pattern is a function that looks at failing batches, all of which fail in one way, and yields a
`Finding` if they show it; the first one counts. For example:

    def _doubled(failing: Sequence[Failing]) -> Iterator[Finding]:
        if all(one.equals(one.got, 2 * one.expected) for one in failing):
            yield Finding("Every number is twice the expected one.", "Is something added twice?")

To add one, write it into the module of its kind and put it into the table there: wrong_numbers.py
(what the numbers are instead), from_inputs.py, arrangement.py (where they are), shapes.py or
not_finite.py. circumstances.py knows in which batches a check fails. A pattern that the printed example
does not show is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from autograder.hints.patterns.arrangement import PLACES
from autograder.hints.patterns.batches import Failing, Finding
from autograder.hints.patterns.not_finite import NOT_FINITE
from autograder.hints.patterns.shapes import SHAPES
from autograder.hints.patterns.wrong_numbers import VALUES
from autograder.judging.evidence import Kind

Pattern = Callable[[Sequence[Failing]], Iterator[Finding]]

_PATTERNS: Final[dict[Kind, tuple[Pattern, ...]]] = {
    Kind.WRONG_VALUE: (*VALUES, *PLACES),
    Kind.WRONG_SHAPE: SHAPES,
    Kind.NOT_FINITE: NOT_FINITE,
}


def describe(kind: object, cases: Mapping[str, Sequence[Failing]]) -> dict[str, Finding]:
    """By case, the first pattern that its failing batches show; all of them fail in ways of one kind.

    A pattern has to be there in all cases together, or else in most of them: in one it may be chance.
    """
    found: dict[str, Finding] = {}
    for pattern in _PATTERNS.get(kind, ()) if isinstance(kind, Kind) else ():
        own = {case: next(pattern(failing), None) for case, failing in cases.items()}
        together = None
        if kind is not Kind.NOT_FINITE and len(cases) > 1:
            together = next(pattern([one for own in cases.values() for one in own]), None)
        if together is not None:
            own = {
                case: one if one and one.cause == together.cause else Finding(together.cause)
                for case, one in own.items()
            }
        shown = {case: one for case, one in own.items() if one is not None}
        if 2 * len(shown) > len(cases) or kind is Kind.NOT_FINITE:
            found = {**shown, **found}
        if len(found) == len(cases):
            break
    return found
