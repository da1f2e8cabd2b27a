"""Reading case files: YAML entries become test cases, or faults with their places."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograder.errors import Fault, Place
from autograder.formats.case_structure import CASE, CASE_FILE, INHERITED
from autograder.formats.checks import Properties, check_checks, observed, results_asked_for
from autograder.formats.inputs import read_inputs, varying
from autograder.formats.old_form import refuse_old_cases
from autograder.formats.program import Surroundings, read_program
from autograder.formats.structure import INVALID, Section, read
from autograder.formats.yaml_tree import read_yaml
from autograder.model import Inputs, TestCase, Tolerance
from autograder.steps import Program


class CaseFile(NamedTuple):
    """A case file whose structure could be read."""

    number: str
    section: Section

    @property
    def cases(self) -> list[Section]:
        return self.section.get("cases", [])  # type: ignore[no-any-return]


class Setting(NamedTuple):
    """What the assignment lends to its cases."""

    settings: Section
    submission: tuple[str, ...]
    defined: frozenset[str] | None  # names that the reference has; None: not known
    properties: Properties | None  # None: not known, because their file cannot be read
    has_programs: bool  # False: the settings are of the old form, and the programs not known


def read_case_file(path: Path, position: int, faults: list[Fault]) -> CaseFile | None:
    """Read the structure of a case file."""
    root = read_yaml(path, faults)
    refuse_old_cases(root, faults)
    section = read(CASE_FILE, root, faults) if root else INVALID
    if section is INVALID:
        return None
    digits = re.match(r"\d+", path.name)
    return CaseFile(str(int(digits[0])) if digits else str(position), section)


def read_cases(files: list[CaseFile], setting: Setting, faults: list[Fault]) -> list[TestCase]:
    """The cases of all files that are readable."""
    reader = _Reader(files, setting, faults)
    cases = [
        case
        for file in files
        for position, section in enumerate(file.cases, 1)
        if (case := reader.case(file, section, f"{file.number}.{position}")) is not None
    ]
    looked_at: dict[tuple[str, ...], set[str]] = {}
    for case in cases:
        looked_at.setdefault(case.program.key, set()).update(case.observed)
    return [observed(case, looked_at[case.program.key]) for case in cases]


def tolerance_of(section: Section, default: Tolerance) -> Tolerance:
    """The tolerance that a section gives, completed from a default."""
    given = section.get("tolerance")
    return default._replace(**given.values) if given else default


class _Reader:
    def __init__(self, files: list[CaseFile], setting: Setting, faults: list[Fault]) -> None:
        self._setting = setting
        self._faults = faults
        self._names: dict[str, Place] = {}
        self._in_programs: set[Place] = set()  # places of faults of programs that cases share
        inputs = [case.get("inputs") for file in files for case in file.cases]
        self._all_inputs = frozenset(name for given in inputs if given for name in given.places)

    def case(self, file: CaseFile, section: Section, number: str) -> TestCase | None:
        """The case of a section, if it is readable."""
        before = len(self._faults)
        self._check_name(section)
        inputs = read_inputs(section, self._faults)
        if section.get("expect") and inputs.random:
            message = "`expect` needs fixed inputs; a random case is compared with the reference"
            self._faults.append(Fault(section.at("expect"), message))
        program = self._program(file, section, inputs)
        if program is None or len(self._faults) > before or not section.faultless:
            return None
        expect, points = section.get("expect"), section.get("points").values
        given = {**CASE.defaults, "number": number}
        for owner in (self._setting.settings, file.section):
            given |= {key: owner.values[key] for key in INHERITED if key in owner.values}
        given |= section.values
        tolerance = Tolerance()
        for owner in (self._setting.settings, file.section, section):
            tolerance = tolerance_of(owner, tolerance)
        made = {
            "name": section.get("name").strip(),
            "place": section.at("name"),
            "inputs": inputs,
            "program": program,
            "observed": tuple(results_asked_for(section, program, self._setting.properties or {})),
            "expect": {n: v.astype(np.float64) for n, v in expect.values.items()} if expect else {},
            "expect_places": dict(expect.places) if expect else {},
            "tolerance": tolerance,
            "points": {check: float(worth) for check, worth in points.items()},
            "tags": tuple(given.get("tags", ())),
            "places": {
                **file.section.places,
                **section.places,
                **({"seed": section.get("random").at("seed")} if inputs.random else {}),
            },
        }
        fields = {key: value for key, value in given.items() if key in TestCase._fields}
        return TestCase(**{**fields, **made})

    def _check_name(self, section: Section) -> None:
        name = section.get("name", "").strip()
        if name in self._names:
            message = f"the name `{name}` is taken by the case at {self._names[name]}"
            self._faults.append(Fault(section.at("name"), f"{message}; choose another"))
        elif name:
            self._names[name] = section.at("name")

    def _program(self, file: CaseFile, section: Section, inputs: Inputs) -> Program | None:
        """The program of the case; None if it is at fault, or builds on something that is."""
        setup, body, run_setup = (
            self._inherited(key, file, section) for key in ("setup", "program", "run_setup")
        )
        if not self._setting.has_programs:
            return None
        if body is None:
            message = "there is no `program`; write one here, in its file or in assignment.yaml"
            self._faults.append(Fault(section.place, message))
        if body in (None, INVALID) or INVALID in (setup, run_setup):
            return None
        given = section.get("inputs")
        if any(section.has(key) and key not in section.values for key in ("inputs", "random")):
            return None
        sizes = inputs.random.sizes if inputs.random else {}
        names = frozenset(given.places if given else ()) | frozenset(sizes)
        seen = Surroundings(
            self._setting.submission,
            self._setting.defined,
            names,
            varying(inputs),
            self._all_inputs,
            given.place if given else section.place,
            section.get("name", "").strip(),
        )
        faults: list[Fault] = []
        program = read_program(setup, body, run_setup or CASE.defaults["run_setup"], seen, faults)
        if not faults and self._setting.properties is not None:
            check_checks(section, program, inputs, self._setting.properties, faults)
        shared = [fault for fault in faults if fault.place not in self._in_programs]
        self._in_programs.update(fault.place for fault in shared)
        self._faults.extend(shared)
        return None if faults else program

    def _inherited(self, key: str, file: CaseFile, section: Section) -> Any:
        for owner in (section, file.section, self._setting.settings):
            if owner.has(key):
                return owner.get(key, INVALID)
        return None
