"""What outlives the objects of a submission, as the text of its files tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from autograder.text import one_line

ALONE: Final = "If that is the reason, the lines below are right when they are run alone."

_MADE: Final = r"(?:\[|\{|(?:dict|list|set|np\.\w+)\()"  # an object that can be changed in place
_GROWS: Final = r"\.(?:append|extend|update|add|insert)\("
_CHANGED: Final = rf"(?:\[[^\]\n]*\]\s*[-+*/@|&%]?=(?!=)|\s*[-+*/@|&%]=|{_GROWS})"
_ASSIGNED: Final = rf"(?:\s*=(?!=)|{_CHANGED})"


def outlives_objects(sources: Mapping[str, bytes]) -> str:
    """What outlives the objects of a submission, such as `Adam.t` or `CACHE`; "" if nothing does.

    The lines of an example make new objects, and so may be right although the same lines failed in the
    middle of a run.
    """
    for source in sources.values():
        text = re.sub(r"#.*", "", source.decode("utf-8", "replace"))
        found = _on_a_class(text) or _in_the_module(text)
        if found:
            return one_line(found, 60)
    return ""


def _on_a_class(text: str) -> str:
    for name in re.findall(r"^class[ \t]+(\w+)", text, re.MULTILINE):
        owner = rf"(?:{name}|cls|type\(self\)|self\.__class__)"
        assigned = re.search(rf"^[ \t]+{owner}\.(\w+){_ASSIGNED}", text, re.MULTILINE)
        if assigned:
            return f"{name}.{assigned[1]}"
        body = re.split(rf"^class[ \t]+{name}\b.*\n", text, maxsplit=1, flags=re.MULTILINE)[-1]
        body = re.split(r"^\S", body, maxsplit=1, flags=re.MULTILINE)[0]
        for own in re.findall(rf"^(?: {{4}}|\t)(\w+)\s*=\s*{_MADE}", body, re.MULTILINE):
            bound = re.search(rf"\bself\.{own}\s*=(?!=)", body)
            if not bound and re.search(rf"\bself\.{own}{_CHANGED}", body):
                return f"{name}.{own}"
    return ""


def _in_the_module(text: str) -> str:
    declared = re.search(r"^[ \t]+global[ \t]+(\w+)", text, re.MULTILINE)
    if declared:
        return declared[1]
    for name in re.findall(rf"^(\w+)\s*=\s*{_MADE}", text, re.MULTILINE):
        if re.search(rf"^[ \t]+{name}{_CHANGED}", text, re.MULTILINE):
            return str(name)
    return ""
