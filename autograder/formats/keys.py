"""The keys of the YAML files: what each may hold, and what it means.

Cases are filled from these declarations: a key of the name of a field of `TestCase` needs no more.
"""

from __future__ import annotations

import keyword
from typing import Any, Final

from autograder import model
from autograder.errors import Fault
from autograder.formats.inputs import INPUT, NUMBERS
from autograder.formats.nodes import Node
from autograder.formats.program import module_of
from autograder.formats.sizes import SIZE_RANGE
from autograder.formats.statements import PYTHON, PYTHON_OR_NONE
from autograder.formats.structure import (
    IDENTIFIER,
    INVALID,
    Kind,
    choice,
    flag,
    label,
    list_of,
    mapping,
    number,
    read,
    text,
)
from autograder.levels import WALLS

# A case has these from itself, else from its file, else from `assignment.yaml`.
INHERITED: Final = {
    "setup": PYTHON_OR_NONE.means(
        'Python that runs before `program`; all imports are here. `""` for none.'
    ),
    "program": PYTHON.means(
        "Python that runs with the student's code; names that it assigns can have points."
    ),
    "run_setup": choice("each_batch", "once").means(
        "Whether the setup runs for each batch, or once for all batches of a case.", "each_batch"
    ),
    "visibility": choice(*model.VISIBILITIES).means(
        "When students see a case.", model.VISIBILITIES[0]
    ),
    "tolerance": mapping(
        {
            "rtol": number(0).means(
                "The error that is allowed, as a part of the expected number.",
                model.Tolerance().rtol,
            ),
            "atol": number(0).means(
                "The error that is allowed beyond that.", model.Tolerance().atol
            ),
        }
    ).means("A number is right if |got - expected| <= atol + rtol * |expected|."),
    "hints": flag().means("Whether failed checks show hints.", default=True),
}

_POINTS: Final = number(0, 1e6)
CASE: Final = mapping(
    {
        "name": text().means("What students read: say what is tested. No two cases share one."),
        "purpose": text().means(
            "Why the case is there, for staff; lint asks if it catches no mistake of its own."
        ),
        "number": label().means(
            "The number on Gradescope; unless given, from the numbers of file and case."
        ),
        "inputs": mapping(
            {}, others=INPUT.means("The value of this name: numbers or a draw."), noun="input"
        ).means("The values that the program uses by name: numbers, or draws of them."),
        "random": mapping(
            {
                "seed": number(0, 2**32 - 1, whole=True).means(
                    "Any whole number, another one for each case; it makes every run the same."
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
            "Results that are looked at for cases of this program, although none has points for them."
        ),
        "scoring": choice(*model.SCORINGS).means(
            "All points or none, or points in proportion to the batches that pass.",
            model.SCORINGS[0],
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

# Keys of the assignment. --------------------------------------------------------------------------


def _read_submission_limit(node: Node, faults: list[Fault]) -> Any:
    section = read(_SUBMISSION_LIMIT, node, faults)
    hours = 24 * section.get("days", 0) + section.get("hours", 0)
    minutes = 60 * hours + section.get("minutes", 0)
    if not section.faultless:
        return INVALID
    if not minutes:
        message = "a limit needs a window of time; add `days`, `hours` or `minutes`"
        faults.append(Fault(node.place, message))
        return INVALID
    return model.SubmissionLimit(section.get("allowed_submissions"), minutes)


# Instructors who have used other graders find their words again: `allowed_submissions` in a window
# of days, hours and minutes is Otter-Grader's, `grace_period_minutes` and a penalty per day are those
# of Berkeley's bsag.
_SUBMISSION_LIMIT: Final = mapping(
    {
        "allowed_submissions": number(1, 10_000, whole=True).means(
            "How many are graded in any window of this length."
        ),
        "days": number(0, 366).means("Days of the window, added to hours and minutes."),
        "hours": number(0, 10_000).means("Hours of the window."),
        "minutes": number(0, 1e6).means("Minutes of the window."),
    },
    required=("allowed_submissions",),
)
_PLATFORM: Final = mapping(
    {
        "timeout_minutes": number(3, 40).means(
            "The time-out that is set on Gradescope, which does not tell the grader.",
            model.Platform().timeout_minutes,
        ),
        "submission_limit": _SUBMISSION_LIMIT._replace(make=_read_submission_limit).means(
            "How many submissions are graded in a window of time."
        ),
        "late_penalty": mapping(
            {
                "percent_per_day": number(0, 100).means(
                    "What each day costs, also one just begun, in percent of the assignment's points."
                ),
                "grace_period_minutes": number(0, 1e6).means(
                    "How late a submission may be without a penalty.", 0
                ),
                "max_percent": number(0, 100).means("The largest penalty, in percent.", 100),
            },
            required=("percent_per_day",),
            record=model.LatePenalty,
        ).means("What a submission costs after the due date, or after a student's extension."),
        "leaderboard": list_of(
            mapping(
                {
                    "name": text().means("The heading of the column."),
                    "value": choice(*model.LEADERBOARD_VALUES).means("What it shows."),
                    "order": choice("asc", "desc").means(
                        "Whether the least or the most is first.", "desc"
                    ),
                    "tag": text().means("Only cases with this tag count."),
                },
                required=("name", "value"),
                record=model.LeaderboardColumn,
            ).means("A column.")
        ).means("The columns of Gradescope's leaderboard."),
    },
    record=model.Platform,
)

_FILE: Final = text(
    rf"({IDENTIFIER}/)*{IDENTIFIER}\.py",
    "the name of a Python file, such as `layers.py` or `nn/linear.py`",
)
_WALL: Final = f"({'|'.join(WALLS)})"
_LIMITS: Final = model.Limits()


def _read_submission(node: Node, faults: list[Fault]) -> Any:
    """The names of the files, as a tuple."""
    before = len(faults)
    names: list[str] = []
    for item in node.value if isinstance(node.value, list) else [node]:
        name = read(_FILE, item, faults)
        if name is INVALID:
            continue
        parts = module_of(name).split(".")
        if parts[0] in ("numpy", "") or any(map(keyword.iskeyword, parts)):
            faults.append(Fault(item.place, f"`{name}` cannot be imported; choose another name"))
        elif name.casefold() in map(str.casefold, names):
            faults.append(Fault(item.place, f"`{name}` is listed a second time; remove it"))
        names.append(name)
    return tuple(names) if len(faults) == before else INVALID


_SUBMISSION: Final = Kind(
    {"anyOf": [_FILE.schema, {"type": "array", "minItems": 1, "items": _FILE.schema}]},
    f"{_FILE.wanted}, or a list of these",
    _read_submission,
)

ASSIGNMENT: Final = mapping(
    {
        "title": text().means("The assignment's name, which reports begin with."),
        "submission": _SUBMISSION.means(
            "The file that students hand in, or a list of them; the reference's have the same names."
        ),
        **INHERITED,
        "limits": mapping(
            {
                "call_seconds": number(0.01, 600).means(
                    "Wall time of one step of a program, in seconds.", _LIMITS.call_seconds
                ),
                "total_seconds": number(0.01, 2400).means(
                    "Wall time of everything that a submission runs, in seconds.",
                    _LIMITS.total_seconds,
                ),
                "memory_mb": number(192, 65536, whole=True).means(
                    "Address space of the student's process, in MiB.", _LIMITS.memory_mb
                ),
                "output_kb": number(1, 1024, whole=True).means(
                    "Printed text that is kept for each case, in KiB.", _LIMITS.output_kb
                ),
                "example_seconds": number(0, 60).means(
                    "Wall time for finding the smallest inputs that fail, in seconds.",
                    _LIMITS.example_seconds,
                ),
            },
            record=model.Limits,
        ).means("What a submission may use."),
        "require_isolation": text(
            rf"basic|{_WALL}(\+{_WALL})*", "a level such as `uid+landlock+seccomp`"
        ).means("The level of isolation below which nothing is graded."),
        "points": number(0, 1e6).means("The sum that the points of all cases must have."),
        "gradescope": _PLATFORM.means("Settings for Gradescope; all are off by default."),
    },
    required=("title", "submission"),
)
