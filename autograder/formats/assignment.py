"""Reading an assignment: `testcases/assignment.yaml`, and test cases from the files beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from autograder.digest import SETTINGS, case_files
from autograder.errors import AssignmentError, Fault, Place, UsageError
from autograder.formats.checks import (
    Properties,
    check_checks,
    names_given,
    read_properties,
    results_asked_for,
)
from autograder.formats.inputs import read_inputs, varying
from autograder.formats.keys import ASSIGNMENT, CASE, CASE_FILE
from autograder.formats.old_form import refuse_old_cases, refuse_old_settings
from autograder.formats.program import Surroundings, defined_names, read_program
from autograder.formats.structure import INVALID, Section, read
from autograder.formats.yaml_tree import read_yaml
from autograder.levels import walls_of
from autograder.model import ANSWERS, Assignment, Inputs, Limits, Platform, TestCase, Tolerance
from autograder.steps import Program
from autograder.text import did_you_mean


def find_assignment(start: Path) -> Path:
    """The nearest folder upwards of `start` that holds `testcases/assignment.yaml`.

    Raises UsageError if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "testcases" / SETTINGS).is_file():
            return folder
    raise UsageError(
        f"no testcases/{SETTINGS} in {start} or above it; change to the assignment's folder (cd), "
        "or name it with --assignment"
    )


def load_assignment(folder: Path) -> Assignment:
    """Read an assignment. Raises AssignmentError, which carries every fault of every file."""
    assignment, faults = read_assignment(folder)
    if faults or assignment is None:
        raise AssignmentError(faults)
    return assignment


def read_assignment(folder: Path) -> tuple[Assignment | None, list[Fault]]:
    """Read as much of an assignment as is readable, and every fault on the way."""
    faults: list[Fault] = []
    testcases = folder / "testcases"
    root = read_yaml(testcases / SETTINGS, faults)
    is_old = refuse_old_settings(root, faults)
    settings = read(ASSIGNMENT, root, faults) if root else INVALID
    if settings is INVALID:
        return None, faults
    submission: tuple[str, ...] = settings.get("submission", ())
    references = [folder / "reference" / name for name in submission]
    properties = read_properties(testcases / "properties.py", faults)
    paths = case_files(testcases)
    if not paths:
        message = "there is no case file beside this one; add one"
        faults.append(Fault(Place(testcases / SETTINGS), message))
    defined = dict(zip(submission, map(defined_names, references)))
    missing = [path for path in references if not path.is_file()]
    if missing[:1] == references[:1] and (folder / ANSWERS).is_file():
        missing = []  # it is handed out, with stored answers in place of a reference
    others = {*(folder / "reference").rglob("*.py")} - {*references}
    is_misnamed = bool(missing) and any(path.name != "mistakes.py" for path in others)
    known = not is_old and bool(submission) and not is_misnamed
    cases = _CaseReader(settings, defined, properties, faults, has_programs=known).cases(paths)
    if not submission:
        return None, faults
    assignment = Assignment(
        folder=folder,
        title=settings.get("title", ""),
        submission=submission,
        tolerance=Tolerance(**settings.below("tolerance").values),
        limits=settings.get("limits", Limits()),
        require_isolation=walls_of(settings.get("require_isolation", "basic")) or (),
        cases=cases,
        properties={name: found for name, (found, _) in (properties or {}).items()},
        points=settings.get("points"),
        places=settings.places,
        platform=settings.get("gradescope", Platform()),
    )
    for path in missing:
        message = f"there is no reference at {path}"
        message += did_you_mean(path.name, sorted(other.name for other in others))
        if not path.parent.is_dir():
            message += "; if this is a handout, unpack its zip anew: answers.bin is missing"
        faults.append(Fault(settings.at("submission"), message))
    return assignment, faults


# Test cases. -------------------------------------------------------------------------------------


class _CaseReader:
    """Makes test cases of the entries of case files, or notes their faults."""

    def __init__(
        self,
        settings: Section,
        defined: Mapping[str, frozenset[str] | None],  # by the reference's files; None: not known
        properties: Properties | None,  # None: not known, because their file cannot be read
        faults: list[Fault],
        *,
        has_programs: bool,  # False: the settings are of the old form, and the programs not known
    ) -> None:
        self._settings = settings
        self._defined = defined
        self._properties = properties
        self._faults = faults
        self._has_programs = has_programs
        self._names: dict[str, Place] = {}
        self._in_programs: set[Place] = set()  # places of faults of programs that cases share
        self._all_inputs: frozenset[str] = frozenset()

    def cases(self, paths: list[Path]) -> tuple[TestCase, ...]:
        """The readable cases of case files."""
        found: list[tuple[Section, Section, str]] = []  # each with its file and number
        for position, path in enumerate(paths, 1):
            root = read_yaml(path, self._faults)
            refuse_old_cases(root, self._faults)
            file = read(CASE_FILE, root, self._faults) if root else INVALID
            if file is not INVALID:
                digits = re.match(r"\d+", path.name)
                number = int(digits[0]) if digits else position
                sections = enumerate(file.get("cases", ()), 1)
                found += [(section, file, f"{number}.{n}") for n, section in sections]
        inputs = [section.below("inputs") for section, _, _ in found]
        self._all_inputs = frozenset(name for given in inputs for name in given.places)
        cases = [case for entry in found if (case := self._case(*entry)) is not None]
        looked_at: dict[tuple[str, ...], set[str]] = {}  # by cases of one program
        for case in cases:
            looked_at.setdefault(case.program.key, set()).update(case.observed)
        results = [[n for n in c.program.results if n in looked_at[c.program.key]] for c in cases]
        return tuple(c._replace(observed=tuple(names)) for c, names in zip(cases, results))

    def _case(self, section: Section, file: Section, number: str) -> TestCase | None:
        """The case of a section, if it is readable."""
        before = len(self._faults)
        self._check_name(section)
        inputs = read_inputs(section, self._faults)
        if section.get("expect") and inputs.random:
            message = "`expect` needs fixed inputs; a random case is compared with the reference"
            self._faults.append(Fault(section.at("expect"), message))
        owners = (self._settings, file, section)
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
            "observed": tuple(results_asked_for(section, program, self._properties or {})),
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
        section = owners[-1]
        setup, body, run_setup = (
            next((owner.get(key, INVALID) for owner in reversed(owners) if owner.has(key)), None)
            for key in ("setup", "program", "run_setup")
        )
        if not self._has_programs:
            return None
        if body is None:
            message = "there is no `program`; write one here, in its file or in assignment.yaml"
            self._faults.append(Fault(section.place, message))
        if body in (None, INVALID) or INVALID in (setup, run_setup):
            return None
        given = section.below("inputs")
        if any(section.has(key) and key not in section.values for key in ("inputs", "random")):
            return None
        if any(owner.strays for owner in owners) or (varying(inputs) and not inputs.random):
            return None
        seen = Surroundings(
            self._settings.get("submission"),
            self._defined,
            frozenset(names_given(section)),
            varying(inputs),
            self._all_inputs,
            given.place,
            section.get("name", "").strip(),
        )
        faults: list[Fault] = []
        program = read_program(setup or (), body, run_setup == "once", seen, faults)
        if not faults and self._properties is not None:
            check_checks(section, program, self._properties, faults)
        shared = [fault for fault in faults if fault.place not in self._in_programs]
        self._in_programs.update(fault.place for fault in shared)
        self._faults.extend(shared)
        return None if faults else program
