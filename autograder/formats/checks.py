"""The checks of a case: results of its program, properties, and the names that they look at."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from pathlib import Path

from autograder.errors import Fault, Place
from autograder.formats.statements import Lines
from autograder.formats.structure import Section
from autograder.model import INPUTS_UNCHANGED, Property
from autograder.steps import Program
from autograder.text import did_you_mean, listed

Properties = Mapping[str, tuple[Property, Mapping[str, Place]]]


def read_properties(path: Path, faults: list[Fault]) -> Properties | None:
    """The properties in a file, by name, each with the places of its parameters; None: not known."""
    if not path.exists():
        return {}
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        faults.append(Fault(Place(path), "cannot be read as UTF-8 text"))
        return None
    known = len(faults)
    lines = Lines(content, lambda line, column: Place(path, line, column), faults)
    if len(faults) > known:
        return None
    properties: dict[str, tuple[Property, dict[str, Place]]] = {}
    for node in lines.tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name[0] == "_":
            continue
        given, place = node.args, lines.place(node)
        if node.name in (*properties, INPUTS_UNCHANGED):
            message = f"there is a check `{node.name}` already; rename this property"
            faults.append(Fault(place, message))
        places = {a.arg: lines.place(a) for a in (*given.posonlyargs, *given.args)}
        odd = given.defaults or given.kwonlyargs or given.vararg or given.kwarg
        if odd or not places:
            message = f"the property `{node.name}` takes inputs, sizes and results by name alone"
            advice = "leave out defaults and `*`, or begin a helper's name with `_`"
            advice = advice if odd else "name a result as its parameter"
            faults.append(Fault(place, f"{message}; {advice}"))
            places = {}
        properties[node.name] = (Property(node.name, tuple(places), place), places)
    return properties


def results_asked_for(section: Section, program: Program, properties: Properties) -> set[str]:
    """The results that a case looks at because of points, properties, `expect` or `observe`."""
    asked = {*section.get("observe", ())}
    asked.update(section.below("points").keys, section.below("expect").keys)
    for check in asked.intersection(properties):
        asked.update(properties[check][0].parameters)
    return asked.intersection(program.results)


def names_given(section: Section) -> tuple[str, ...]:
    """The inputs and named sizes of a case, readable or not."""
    given, drawn = section.below("inputs").places, section.below("random").places
    return (*given, *(name for name in drawn if name not in ("seed", "batches")))


def check_checks(
    section: Section,
    program: Program,
    properties: Properties,
    faults: list[Fault],
) -> None:
    """Note every check of a case that is not one, and every input that nothing uses."""
    known = (*program.results, *properties, INPUTS_UNCHANGED)
    for name, place in section.below("points").keys.items():
        if name not in properties and name != INPUTS_UNCHANGED:
            _check_result(name, place, program, known, faults)
    observe = dict.fromkeys(section.get("observe", ()), section.at("observe"))
    for name, place in {**observe, **section.below("expect").keys}.items():
        _check_result(name, place, program, program.results, faults)
    case = section.get("name", "").strip()
    for name in set(properties).intersection(program.results):
        message = f"the program of `{case}` has a result `{name}` too; rename one"
        faults.append(Fault(properties[name][0].place, message))
    used = {name for step in program.steps for name in step.given}
    given = names_given(section)
    for check in set(properties).intersection(section.below("points").keys):
        judged, parameters = properties[check]
        if parameters and set(parameters) <= set(given):
            message = f"`{check}` judges no result of `{case}`; name one as its parameter"
            faults.append(Fault(judged.place, message))
        for name, place in parameters.items():
            used.add(name)
            if name in program.results:
                _check_result(name, place, program, (), faults)
            elif name not in given:
                known = (*given, *program.results)
                message = f"`{name}` is neither an input, a size nor a result of `{case}`"
                advice = did_you_mean(name, known) or f"; it has {listed(known)}"
                faults.append(Fault(place, message + advice))
    for name, place in section.below("inputs").keys.items():
        if name not in used:
            message = f"no line of the program uses the input `{name}`; use it, or leave it out"
            faults.append(Fault(place, message))


def _check_result(
    name: str, place: Place, program: Program, known: Collection[str], faults: list[Fault]
) -> None:
    """A result that is looked at is assigned by exactly one step of `program`."""
    steps = [step for step in program.body if name in step.assigns]
    in_setup = any(name in step.assigns for step in program.setup)
    if len(steps) > 1:
        message = f"`{name}` is assigned a second time (first in line {steps[0].place.line})"
        advice = "what has points is assigned once, so choose another name"
        faults.append(Fault(steps[1].place, f"{message}; {advice}"))
    elif steps and name[0] == "_":
        message = f"`{name}` begins with an underscore, and so is not a result; rename it"
        faults.append(Fault(place, message))
    elif steps and name not in steps[0].results:
        faults.append(Fault(place, f"`{name}` is not a result; assign one to it with `=`"))
    elif in_setup and not steps:
        faults.append(Fault(place, f"`{name}` is assigned in `setup`; assign it in `program`"))
    elif not steps:
        advice = did_you_mean(name, known) or f"; known here: {listed(known)}"
        message = f"no line of `program` assigns `{name}`"
        faults.append(Fault(place, message + advice))
