"""The checks of a case: results of its program, properties, and the names that they look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from autograder.errors import Fault, Place
from autograder.formats.structure import Section, did_you_mean, listed
from autograder.model import INPUTS_UNCHANGED, Property, TestCase
from autograder.steps import Program

Properties = Mapping[str, tuple[Property, Mapping[str, Place]]]


def results_asked_for(
    section: Section, program: Program, properties: Properties
) -> dict[str, Place]:
    """The results that a case asks for by points, `expect`, `observe` or a property, with where."""
    asked: dict[str, Place] = {}
    for check, place in _keys(section, "points").items():
        if check in properties:
            parameters = properties[check][0].parameters
            asked |= {name: place for name in parameters if name in program.results}
        elif check != INPUTS_UNCHANGED:
            asked[check] = place
    asked |= dict.fromkeys(section.get("observe", ()), section.at("observe"))
    return {**asked, **_keys(section, "expect")}


def check_checks(
    section: Section, program: Program, properties: Properties, faults: list[Fault]
) -> None:
    """Note every check of a case that is not one, and every input that nothing uses."""
    others = (*properties, INPUTS_UNCHANGED)
    for name, place in results_asked_for(section, program, properties).items():
        _check_result(name, place, program, others, faults)
    sizes, inputs = _keys(section, "random"), _keys(section, "inputs")
    used = {name for step in program.steps for name in step.given}
    for check in _keys(section, "points"):
        if check not in properties:
            continue
        _, places = properties[check]
        used.update(places)
        known = (*inputs, *sizes, *program.results)
        for name, place in places.items():
            if name not in known:
                message = (
                    f"`{name}` is neither an input, a size nor a result of `{section.get('name')}`"
                )
                advice = did_you_mean(name, known) or f"; it has {listed(known)}"
                faults.append(Fault(place, message + advice))
    for name, place in inputs.items():
        if name not in used:
            message = f"no line of the program uses the input `{name}`"
            missing = [name for name in used if name not in inputs and name not in sizes]
            advice = did_you_mean(name, missing) or "; use it, or leave it out"
            faults.append(Fault(place, message + advice))
    for name in program.results:
        if name in properties:
            message = (
                f"the program of `{section.get('name')}` has a result `{name}` too; rename one"
            )
            faults.append(Fault(properties[name][0].place, message))


def observed(case: TestCase, asked: Collection[str]) -> TestCase:
    """The case with the results that are looked at, in the order of the program."""
    return case._replace(observed=tuple(name for name in case.program.results if name in asked))


def _check_result(
    name: str, place: Place, program: Program, others: Collection[str], faults: list[Fault]
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
        known = (*program.results, *others)
        advice = did_you_mean(name, known) or f"; there are {listed(known)}"
        message = f"unknown check `{name}`: no line of `program` assigns it"
        faults.append(Fault(place, message + advice))


def _keys(section: Section, key: str) -> dict[str, Place]:
    below = section.get(key)
    return below.keys if below else {}
