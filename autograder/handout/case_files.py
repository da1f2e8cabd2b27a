"""Case files written anew for students: the visible cases, without comments and hidden ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from autograder.errors import AssignmentError, Fault
from autograder.formats.nodes import Entry, Node
from autograder.formats.yaml_tree import read_yaml
from autograder.model import Assignment, TestCase

# Texts that need no quotes: words, but for those that mean something else, and ranges of sizes.
_PLAIN: Final = re.compile(
    r"(?!(?:null|true|false)$)[a-z](?:[\w .-]*\w)?|\d+\.\.\d+", re.ASCII | re.IGNORECASE
)
# Students' machines may not have the walls, and are not the platform; the total is that of all cases.
_NOT_FOR_STUDENTS: Final = ("require_isolation", "gradescope", "points")
_NOT_OF_A_CASE: Final = ("name", "number", "visibility", "purpose", "observe")


def settings_text(assignment: Assignment) -> str:
    """`assignment.yaml` without comments and without what only the platform needs."""
    return _without(_NOT_FOR_STUDENTS, _read(assignment.settings_path))


def case_file_texts(assignment: Assignment) -> dict[str, str]:
    """By name, every case file that has visible cases, with those alone.

    Each keeps its number, because it would get another one if a case before it is left out; and the
    results that are looked at, because hidden cases may be the reason for some of them.
    """
    visible = {case.name: case for case in assignment.cases if case.visibility == "visible"}
    paths = dict.fromkeys(case.place.path for case in visible.values())
    return {path.name: _case_file_text(_read(path), visible) for path in paths}


def _case_file_text(file: Mapping[str, Entry], visible: Mapping[str, TestCase]) -> str:
    lines = ["cases:"]
    cases = file["cases"].node.value
    assert isinstance(cases, list)
    for case in map(_entries, cases):
        name = case["name"].node.value
        if isinstance(name, str) and name.strip() in visible:
            lines += _case_lines(case, visible[name.strip()])
    return _without(("visibility", "cases"), file) + "\n".join(lines) + "\n"


def _without(keys: tuple[str, ...], file: Mapping[str, Entry]) -> str:
    entries = [(key, entry.node) for key, entry in file.items() if key not in keys]
    return "".join(f"{line}\n" for entry in entries for line in _entry_lines(*entry))


def _case_lines(case: Mapping[str, Entry], read: TestCase) -> list[str]:
    lines = [f"name: {_flow(case['name'].node)}", f"number: {json.dumps(read.number)}"]
    if set(read.observed) - set(read.points):
        lines.append(f"observe: [{', '.join(read.observed)}]")
    for key, entry in case.items():
        if key in ("inputs", "expect"):  # wide ones, so each on a line of its own
            lines.append(f"{key}:")
            lines += [f"  {name}: {_flow(e.node)}" for name, e in _entries(entry.node).items()]
        elif key not in _NOT_OF_A_CASE:
            lines += _entry_lines(key, entry.node)
    return [f"  - {lines[0]}", *(f"    {line}" for line in lines[1:])]


def _entry_lines(key: str, node: Node) -> list[str]:
    """A key with its value; a text of several lines as a block, as people write it."""
    text = node.value
    if isinstance(text, str) and "\n" in text and not text[:1].isspace() and "\t" not in text:
        return [f"{key}: |", *(f"  {line}".rstrip() for line in text.rstrip("\n").split("\n"))]
    return [f"{key}: {_flow(node)}"]


def _flow(node: Node) -> str:
    """A node on one line; all but texts stands there as it stood in the file."""
    value = node.value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(e.node)}" for key, e in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if not isinstance(value, str):
        return node.text or "null"
    return value if _PLAIN.fullmatch(value) else _quoted(value)


def _quoted(text: str) -> str:
    if text.isprintable():
        return json.dumps(text, ensure_ascii=False)
    escaped = text.encode("unicode_escape").decode("ascii")  # YAML knows the same escapes
    return '"' + escaped.replace('"', '\\"') + '"'


def _read(path: Path) -> dict[str, Entry]:
    """The mapping that a file of a faultless assignment holds."""
    faults: list[Fault] = []
    root = read_yaml(path, faults)
    if root is None or faults:  # changed since the assignment was read
        raise AssignmentError(faults)
    return _entries(root)


def _entries(node: Node) -> dict[str, Entry]:
    assert isinstance(node.value, dict)
    return node.value
