"""Files in the form that came before programs, and what to write instead."""

from __future__ import annotations

import re
from typing import Final

from autograder.errors import Fault
from autograder.formats.yaml_tree import Entry, Node

_SETTINGS: Final = ("class", "constructor", "calls")
_NEW: Final = ("setup", "program", "run_setup")


def refuse_old_settings(node: Node | None, faults: list[Fault]) -> bool:
    """Note and take out what `assignment.yaml` holds of the old form; whether there was any."""
    entries = node.value if node is not None and isinstance(node.value, dict) else {}
    old: dict[str, Entry] = {key: entries.pop(key) for key in _SETTINGS if key in entries}
    if not old:
        return False
    made, calls = _made(old), _calls(old)
    variable = _variable(entries, made, calls)
    setup = (f"setup: {variable} = {made}",)
    program = [f"  {call.partition('(')[0].strip()} = {variable}.{call}" for call in calls]
    lines = {"class": setup, "constructor": setup, "calls": ("program: |", *program)}
    for key, entry in old.items():
        _refuse(key, entry, entries, lines[key], faults)
    return True


def refuse_old_cases(node: Node | None, faults: list[Fault]) -> None:
    """Note and take out what the cases of a file hold of the old form."""
    file = node.value if node is not None and isinstance(node.value, dict) else {}
    cases = file["cases"].node.value if "cases" in file else []
    for case in cases if isinstance(cases, list) else []:
        if isinstance(case.value, dict) and "object" in case.value:
            entry = case.value.pop("object")
            shared = entry.node.value == "shared"
            _refuse("object", entry, case.value, ("run_setup: once",) if shared else (), faults)


def _refuse(
    key: str,
    entry: Entry,
    others: dict[str, Entry],
    lines: tuple[str, ...],
    faults: list[Fault],
) -> None:
    new = [word for word in _NEW if word in others]
    message = f"`{key}` is from before programs"
    if new:
        message += f", and there is `{new[0]}` already; delete `{key}`"
    elif len(lines) == 1:
        message += f"; write `{lines[0]}` instead"
    else:
        message += "; write the lines below instead" if lines else " and has no effect; delete it"
    faults.append(Fault(entry.key_place, message, () if new or len(lines) == 1 else lines))


def _made(old: dict[str, Entry]) -> str:
    """The object of the old form, as Python makes it."""
    name = str(old["class"].node.value) if "class" in old else "TheClass"
    given = old["constructor"].node.value if "constructor" in old else None
    arguments = given.values() if isinstance(given, dict) else ()
    return f"{name}({', '.join(_python(entry.node) for entry in arguments)})"


def _calls(old: dict[str, Entry]) -> list[str]:
    items = old["calls"].node.value if "calls" in old else None
    items = items if isinstance(items, list) else []
    return [item.value.strip() for item in items if isinstance(item.value, str)]


def _variable(entries: dict[str, Entry], made: str, calls: list[str]) -> str:
    """A name for the object: that of the file, if nothing else has it."""
    file = entries["submission"].node.value if "submission" in entries else ""
    name = str(file).removesuffix(".py")
    taken = re.findall(r"\w+", " ".join([made, *calls]))
    return name if name.isidentifier() and name not in taken else "solution"


def _python(node: Node) -> str:
    """A value of YAML as Python writes it."""
    value = node.value
    if isinstance(value, list):
        return f"np.array({_numbers(node)}, dtype=float)"
    return node.text if isinstance(value, float) else repr(value)


def _numbers(node: Node) -> str:
    if isinstance(node.value, list):
        return f"[{', '.join(map(_numbers, node.value))}]"
    return node.text
