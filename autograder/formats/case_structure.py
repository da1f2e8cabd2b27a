"""The structure of a case file: its keys, what each may hold, and what it means.

Cases are filled from these declarations: a key of the name of a field of `TestCase` needs no more.
"""

from __future__ import annotations

from typing import Final

from autograder.formats.inputs import INPUT, NUMBERS
from autograder.formats.program import RUN_SETUP
from autograder.formats.sizes import SIZE_RANGE
from autograder.formats.statements import PYTHON, PYTHON_OR_NONE
from autograder.formats.structure import (
    IDENTIFIER,
    choice,
    flag,
    label,
    list_of,
    mapping,
    number,
    text,
)
from autograder.model import SCORINGS, VISIBILITIES, Tolerance

# A case has these from itself, else from its file, else from `assignment.yaml`.
INHERITED: Final = {
    "setup": PYTHON_OR_NONE.means(
        'Python that is run before `program`; all imports are here. `""` for none.'
    ),
    "program": PYTHON.means(
        "Python that is run with the student's code; names that it assigns can have points."
    ),
    "run_setup": choice(*RUN_SETUP).means(
        "Whether the setup is run for each batch, or once for all batches of a case.", RUN_SETUP[0]
    ),
    "visibility": choice(*VISIBILITIES).means("When students see a case.", VISIBILITIES[0]),
    "tolerance": mapping(
        {
            "rtol": number(0).means(
                "How far off, as a part of the expected number.", Tolerance().rtol
            ),
            "atol": number(0).means("How far off, in all.", Tolerance().atol),
        }
    ).means("A number is right if |got - expected| <= atol + rtol * |expected|."),
    "hints": flag().means("Whether failed checks show hints.", default=True),
}

_POINTS: Final = number(0, 1e6)
CASE: Final = mapping(
    {
        "name": text().means("What students read: say what is tested. No two cases share one."),
        "purpose": text().means(
            "Why the case is there, for staff: for one that catches no mistake of its own."
        ),
        "number": label().means("As Gradescope shows it; unless given, of file and position."),
        "inputs": mapping(
            {}, others=INPUT.means("The value of this name: numbers or a draw."), noun="input"
        ).means("The values that the program uses by name: numbers, or draws of them."),
        "random": mapping(
            {
                "seed": number(0, 2**32 - 1, whole=True).means(
                    "Any whole number, its own for each case: it makes all runs alike."
                ),
                "batches": number(1, 10_000, whole=True).means(
                    "How many times inputs are drawn.", 1
                ),
            },
            required=("seed",),
            others=SIZE_RANGE.means("A size, such as `8`, or a range of sizes, `1..64`."),
            noun="size",
        ).means("Draws the inputs; sizes such as `N: 1..64` are drawn anew for each batch."),
        "expect": mapping(
            {}, others=NUMBERS.means("What this result must be."), noun="result"
        ).means("Printed numbers to compare with, instead of the reference's results."),
        "points": mapping(
            {}, others=_POINTS.means("The points of this check."), noun="check", nonempty=True
        ).means(
            "The points of each check: a result of the program, a property, or `inputs_unchanged`."
        ),
        "observe": list_of(text(IDENTIFIER, "the name of a result").means("A result.")).means(
            "Results that cases of this program look at although none has points for them."
        ),
        "scoring": choice(*SCORINGS).means(
            "Points for all batches or none, or in proportion to those that pass.", SCORINGS[0]
        ),
        "tags": list_of(text().means("A word.")).means("Gradescope's tags."),
        **INHERITED,
    },
    required=("name", "points"),
)
CASE_FILE: Final = mapping(
    {**INHERITED, "cases": list_of(CASE.means("A test case.")).means("The test cases, in order.")},
    required=("cases",),
)
