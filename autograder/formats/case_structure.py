"""The structure of a case file: its keys, what each may hold, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from autograder.formats.inputs import Input, SizeRange
from autograder.formats.structure import (
    Choice,
    Fields,
    Flag,
    Label,
    ListOf,
    Number,
    Numbers,
    Text,
)
from autograder.model import INPUTS_UNCHANGED, SCORINGS, VISIBILITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.model import Call

TOLERANCE: Final = Fields(
    {
        "rtol": Number(0).means("How far off, as a part of the expected number."),
        "atol": Number(0).means("How far off, in all."),
    }
)
_VISIBILITY: Final = Choice(*VISIBILITIES)
_POINTS: Final = Number(0, 1e6)


def case_file_structure(calls: Sequence[Call] = ()) -> Fields:
    """The structure of a case file of an assignment with these calls; without any, with all names."""
    methods = [call.method for call in calls]
    others = None if methods else Numbers().means("What this call must return.")
    expect = Fields(
        {method: Numbers().means(f"What {method} must return.") for method in methods},
        others=others,
        noun="call",
    )
    points = Fields(
        {
            **{
                method: _POINTS.means(f"The points for what {method} returns.")
                for method in methods
            },
            INPUTS_UNCHANGED: _POINTS.means("The points for leaving the inputs as they are."),
        },
        others=None if methods else _POINTS.means("The points for what this call returns."),
        noun="check",
        nonempty=True,
    )
    case = Fields(
        {
            "name": Text().means("What students read: say what is tested. No two cases share one."),
            "purpose": Text().means(
                "Why the case is there, for staff: for one that catches no mistake of its own."
            ),
            "number": Label().means("As Gradescope shows it; unless given, of file and position."),
            "visibility": _VISIBILITY.means("When students see it; unless given, the file's."),
            "inputs": Fields(
                {}, others=Input().means("The array of this name: numbers or a draw."), noun="input"
            ).means("An array for each argument of the calls: numbers, or a draw."),
            "random": Fields(
                {
                    "seed": Number(0, 2**32 - 1, whole=True).means(
                        "Any whole number, its own for each case: it makes all runs alike."
                    ),
                    "batches": Number(1, 10_000, whole=True).means(
                        "How many times inputs are drawn; once unless given."
                    ),
                },
                required=("seed",),
                others=SizeRange().means("A size, such as `8`, or a range of sizes, `1..64`."),
                noun="size",
            ).means("Draws the inputs; sizes such as `N: 1..64` are drawn anew for each batch."),
            "expect": expect.means(
                "Printed figures to compare with, instead of the reference's results."
            ),
            "tolerance": TOLERANCE.means("Unless given, the file's or the assignment's."),
            "points": points.means(
                "The points of each check: of the calls, and `inputs_unchanged`."
            ),
            "object": Choice("fresh", "shared").means(
                "A new object for each batch, as usual, or one for all of the case."
            ),
            "scoring": Choice(*SCORINGS).means(
                "Points for all batches or none, as usual, or in proportion to those that pass."
            ),
            "hints": Flag().means("Whether failed checks tell hints; unless given, the file's."),
            "tags": ListOf(Text().means("A word.")).means("Gradescope's tags."),
        },
        required=("name", "inputs", "points"),
    )
    return Fields(
        {
            "visibility": _VISIBILITY.means("When students see the cases; `visible` unless given."),
            "tolerance": TOLERANCE.means("For all cases of the file."),
            "hints": Flag().means("Whether failed checks tell hints; for all cases of the file."),
            "cases": ListOf(case.means("A test case.")).means("The test cases, in order."),
        },
        required=("cases",),
    )
