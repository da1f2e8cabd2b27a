"""What outlives the objects of a submission, as the text of its files tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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


def imported(files: Iterable[str], sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """These files with those that they import: of what else was handed in, nothing is run."""
    found = {path: sources[path] for path in files}
    imports = re.compile(rb"^[ \t]*(?:from|import)\b.*", re.MULTILINE)
    while True:
        lines = b"\n".join(line for text in found.values() for line in imports.findall(text))
        words = set(re.findall(rb"\w+", lines))
        names = {path: path.removesuffix("/__init__.py").removesuffix(".py") for path in sources}
        more = [p for p, name in names.items() if name.split("/")[-1].encode() in words]
        if set(more) <= set(found):
            return found
        found.update((path, sources[path]) for path in more)


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
