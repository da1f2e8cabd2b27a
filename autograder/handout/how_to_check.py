"""HOW_TO_CHECK.md, which every handout brings along, with the names of its assignment filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from autograder.model import Assignment

NAME: Final = "HOW_TO_CHECK.md"
_TEMPLATE: Final = Path(__file__).resolve().parent / NAME


def how_to_check(assignment: Assignment) -> str:
    """The page for an assignment with all of its cases, those that students do not get included."""
    names = [f"`{name}`" for name in assignment.submission]
    one = len(names) == 1
    hidden = any(case.visibility != "visible" for case in assignment.cases)
    visible = [case for case in assignment.cases if case.visibility == "visible"]
    seconds = assignment.limits.call_seconds
    words = {
        "files": " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))),
        "are": "is what is" if one else "are what is",
        "they": "it imports" if one else "they import",
        "path": f"/{assignment.submission[0]}" if one else "",
        "check": next((check for case in visible for check in case.points), "checks"),
        "seconds": "1 second" if seconds == 1 else f"{seconds:g} seconds",
        "hidden": (
            "The platform runs more test cases than these. They follow from the same write-up, so "
            "read it\n  once more before you hand in."
            if hidden
            else "These are all the test cases that there are."
        ),
    }
    text = _TEMPLATE.read_text(encoding="utf-8")
    for word, meaning in words.items():
        text = text.replace(f"{{{{{word}}}}}", meaning)
    return text
