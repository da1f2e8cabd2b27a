"""Reading case files: YAML entries become test cases, or faults with their places."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autograder.errors import Fault, Place
from autograder.formats.checks import Properties, check_checks, results_asked_for
from autograder.formats.inputs import read_inputs, varying
from autograder.formats.keys import CASE, CASE_FILE
from autograder.formats.old_form import refuse_old_cases
from autograder.formats.program import Surroundings, read_program
from autograder.formats.structure import INVALID, Section, read
from autograder.formats.yaml_tree import read_yaml
from autograder.model import Inputs, TestCase, Tolerance
from autograder.steps import Program


class Setting(NamedTuple):
    """What the assignment lends to its cases."""

    settings: Section
    submission: tuple[str, ...]
    defined: frozenset[str] | None  # names that the reference has; None: not known
    properties: Properties | None  # None: not known, because their file cannot be read
    has_programs: bool  # False: the settings are of the old form, and the programs not known


def read_cases(paths: list[Path], setting: Setting, faults: list[Fault]) -> list[TestCase]:
    """The readable cases of case files."""
    found: list[tuple[Section, Section, str]] = []  # each with its file and number
    for position, path in enumerate(paths, 1):
        root = read_yaml(path, faults)
        refuse_old_cases(root, faults)
        file = read(CASE_FILE, root, faults) if root else INVALID
        if file is not INVALID:
            digits = re.match(r"\d+", path.name)
            number = int(digits[0]) if digits else position
            sections = enumerate(file.get("cases", ()), 1)
            found += [(section, file, f"{number}.{n}") for n, section in sections]
    reader = _Reader(setting, [section for section, _, _ in found], faults)
    cases = [case for entry in found if (case := reader.case(*entry)) is not None]
    looked_at: dict[tuple[str, ...], set[str]] = {}  # by cases of one program
    for case in cases:
        looked_at.setdefault(case.program.key, set()).update(case.observed)
    return [
        case._replace(
            observed=tuple(n for n in case.program.results if n in looked_at[case.program.key])
        )
        for case in cases
    ]


class _Reader:
    def __init__(self, setting: Setting, cases: list[Section], faults: list[Fault]) -> None:
        self._setting = setting
        self._faults = faults
        self._names: dict[str, Place] = {}
        self._in_programs: set[Place] = set()  # places of faults of programs that cases share
        self._all_inputs = frozenset(n for case in cases for n in case.below("inputs").places)

    def case(self, section: Section, file: Section, number: str) -> TestCase | None:
        """The case of a section, if it is readable."""
        before = len(self._faults)
        self._check_name(section)
        inputs = read_inputs(section, self._faults)
        if section.get("expect") and inputs.random:
            message = "`expect` needs fixed inputs; a random case is compared with the reference"
            self._faults.append(Fault(section.at("expect"), message))
        owners = (self._setting.settings, file, section)
        program = self._program(owners, inputs)
        if program is None or len(self._faults) > before or not section.faultless:
            return None
        fields = {"number": number}
        tolerance = Tolerance()
        for values in (CASE.defaults, *(owner.values for owner in owners)):
            fields |= {key: value for key, value in values.items() if key in TestCase._fields}
        for owner in owners:
            tolerance = tolerance._replace(**owner.below("tolerance").values)
        expect, points = section.below("expect"), section.below("points").values
        seed = {"seed": section.below("random").at("seed")} if inputs.random else {}
        made = {
            "name": section.get("name").strip(),
            "place": section.at("name"),
            "inputs": inputs,
            "program": program,
            "observed": tuple(results_asked_for(section, program, self._setting.properties or {})),
            "expect": {name: v.astype(np.float64) for name, v in expect.values.items()},
            "expect_places": dict(expect.places),
            "tolerance": tolerance,
            "points": {check: float(worth) for check, worth in points.items()},
            "tags": section.get("tags", ()),
            "places": {**file.places, **section.places, **seed},
        }
        return TestCase(**{**fields, **made})

    def _check_name(self, section: Section) -> None:
        name = section.get("name", "").strip()
        if name in self._names:
            message = f"the name `{name}` is taken by the case at {self._names[name]}"
            self._faults.append(Fault(section.at("name"), f"{message}; choose another"))
        elif name:
            self._names[name] = section.at("name")

    def _program(self, owners: tuple[Section, ...], inputs: Inputs) -> Program | None:
        """The program of the case; None if it is at fault, or builds on something that is."""
        section, setting = owners[-1], self._setting
        setup, body, run_setup = (
            next((owner.get(key, INVALID) for owner in reversed(owners) if owner.has(key)), None)
            for key in ("setup", "program", "run_setup")
        )
        if not setting.has_programs:
            return None
        if body is None:
            message = "there is no `program`; write one here, in its file or in assignment.yaml"
            self._faults.append(Fault(section.place, message))
        if body in (None, INVALID) or INVALID in (setup, run_setup):
            return None
        given = section.below("inputs")
        if any(section.has(key) and key not in section.values for key in ("inputs", "random")):
            return None
        sizes = inputs.random.sizes if inputs.random else {}
        seen = Surroundings(
            setting.submission,
            setting.defined,
            frozenset({*given.places, *sizes}),
            varying(inputs),
            self._all_inputs,
            given.place,
            section.get("name", "").strip(),
        )
        faults: list[Fault] = []
        program = read_program(setup or (), body, run_setup == "once", seen, faults)
        if not faults and setting.properties is not None:
            check_checks(section, program, inputs, setting.properties, faults)
        shared = [fault for fault in faults if fault.place not in self._in_programs]
        self._in_programs.update(fault.place for fault in shared)
        self._faults.extend(shared)
        return None if faults else program
