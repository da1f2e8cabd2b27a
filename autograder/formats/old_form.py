"""Files in the form that came before programs, and what to write instead."""

from __future__ import annotations

import re
from typing import Any, Final

from autograder.errors import Fault
from autograder.formats.nodes import Entry, Node

_SETTINGS: Final = ("class", "constructor", "calls")
_NEW: Final = ("setup", "program", "run_setup")


def refuse_old_settings(node: Node | None, faults: list[Fault]) -> bool:
    """Note and take out what `assignment.yaml` holds of the old form; whether there was any."""
    entries = _value(node, dict)
    old: dict[str, Entry] = {key: entries.pop(key) for key in _SETTINGS if key in entries}
    nodes = {key: entry.node for key, entry in old.items()}
    items = [item.value for item in _value(nodes.get("calls"), list)]
    calls = [item.strip() for item in items if isinstance(item, str)]
    arguments = [_python(entry.node) for entry in _value(nodes.get("constructor"), dict).values()]
    made = f"{nodes['class'].value if 'class' in nodes else 'TheClass'}({', '.join(arguments)})"
    # The object has the name of the file, if nothing else has it.
    file = entries["submission"].node.value if "submission" in entries else ""
    name = str(file).removesuffix(".py")
    if not name.isidentifier() or name in re.findall(r"\w+", " ".join([made, *calls])):
        name = "solution"
    setup = (f"setup: {name} = {made}",)
    program = [f"  {call.partition('(')[0].strip()} = {name}.{call}" for call in calls]
    lines = {"class": setup, "constructor": setup, "calls": ("program: |", *program)}
    for key, entry in old.items():
        faults.append(_fault(key, entry, entries, lines[key]))
    return bool(old)


def refuse_old_cases(node: Node | None, faults: list[Fault]) -> None:
    """Note and take out what the cases of a file hold of the old form."""
    file = _value(node, dict)
    for case in _value(file["cases"].node, list) if "cases" in file else ():
        entries = _value(case, dict)
        if "object" in entries:
            entry = entries.pop("object")
            lines = ("run_setup: once",) if entry.node.value == "shared" else ()
            faults.append(_fault("object", entry, entries, lines))


def _value(node: Node | None, kind: type) -> Any:
    """The value of a node if it is of a kind, or else an empty one."""
    return node.value if node is not None and isinstance(node.value, kind) else kind()


def _fault(key: str, entry: Entry, others: dict[str, Entry], lines: tuple[str, ...]) -> Fault:
    new = [word for word in _NEW if word in others]
    message = f"`{key}` is from before programs"
    if new:
        message += f", and there is `{new[0]}` already; delete `{key}`"
    elif len(lines) == 1:
        message += f"; write `{lines[0]}` instead"
    else:
        message += "; write the lines below instead" if lines else " and has no effect; delete it"
    return Fault(entry.key_place, message, () if new or len(lines) == 1 else lines)


def _python(node: Node) -> str:
    """A value of YAML as Python writes it."""
    if isinstance(node.value, list):
        return f"np.array({_numbers(node)}, dtype=float)"
    return node.text if isinstance(node.value, float) else repr(node.value)


def _numbers(node: Node) -> str:
    if isinstance(node.value, list):
        return f"[{', '.join(map(_numbers, node.value))}]"
    return node.text
