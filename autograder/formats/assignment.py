"""Reading an assignment: `testcases/assignment.yaml` and the case files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from autograder.errors import AssignmentError, Fault, Place, UsageError
from autograder.formats.case_file import Setting, read_cases
from autograder.formats.checks import read_properties
from autograder.formats.keys import ASSIGNMENT
from autograder.formats.old_form import refuse_old_settings
from autograder.formats.statements import defined_names
from autograder.formats.structure import INVALID, read
from autograder.formats.yaml_tree import read_yaml
from autograder.levels import walls_of
from autograder.model import Assignment, Limits, Platform, Tolerance

SETTINGS: Final = "assignment.yaml"


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
    if settings is INVALID or not {"title", "submission"} <= set(settings.values):
        return None, faults
    submission = settings.get("submission")
    references = [folder / "reference" / name for name in submission]
    properties = read_properties(testcases / "properties.py", faults)
    paths = _case_files(testcases)
    if not paths:
        faults.append(
            Fault(Place(testcases / SETTINGS), "there is no case file beside this one; add one")
        )
    defined = defined_names(references[0]) if len(references) == 1 else None
    setting = Setting(settings, submission, defined, properties, has_programs=not is_old)
    cases = read_cases(paths, setting, faults)
    assignment = Assignment(
        folder=folder,
        title=settings.get("title"),
        submission=submission,
        tolerance=Tolerance(**settings.below("tolerance").values),
        limits=settings.get("limits", Limits()),
        require_isolation=walls_of(settings.get("require_isolation", "basic")) or (),
        cases=tuple(cases),
        properties={name: found for name, (found, _) in (properties or {}).items()},
        points=settings.get("points"),
        places=settings.places,
        platform=settings.get("gradescope", Platform()),
    )
    for path in references if not assignment.is_frozen else ():
        if not path.is_file():
            message = f"there is no reference at {path}"
            if not path.parent.is_dir():
                message += "; if this is a handout, unpack its zip anew: answers.npz is missing"
            faults.append(Fault(settings.at("submission"), message))
    return assignment, faults


def digest_of(assignment: Assignment) -> str:
    """A digest of the case files, the properties and the reference, to tell two reports apart."""
    import hashlib  # slow to import, and not needed before the student's code runs

    folder = assignment.folder
    paths = [
        assignment.settings_path,
        *_case_files(folder / "testcases"),
        assignment.properties_path,
        *sorted((folder / "reference").rglob("*.py")),
    ]
    digest = hashlib.sha256()
    for path in filter(Path.is_file, paths):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _case_files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in {".yaml", ".yml"} and path.name != SETTINGS and path.name[0] != "."
    )
