"""Reading an assignment: `testcases/assignment.yaml` and the case files beside it."""

from __future__ import annotations

import keyword
from pathlib import Path
from typing import Any, Final

from autograder.errors import AssignmentError, Fault, Place, UsageError
from autograder.formats.case_file import Setting, read_case_file, read_cases, tolerance_of
from autograder.formats.case_structure import INHERITED
from autograder.formats.old_form import refuse_old_settings
from autograder.formats.platform import PLATFORM, platform_of
from autograder.formats.program import module_of
from autograder.formats.statements import defined_names, read_properties
from autograder.formats.structure import (
    IDENTIFIER,
    INVALID,
    Kind,
    mapping,
    number,
    read,
    text,
)
from autograder.formats.yaml_tree import Node, read_yaml
from autograder.levels import WALLS, walls_of
from autograder.model import Assignment, Limits, Tolerance

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
    settings = read(SETTINGS_STRUCTURE, root, faults) if root else INVALID
    if settings is INVALID or not {"title", "submission"} <= set(settings.values):
        return None, faults
    submission = settings.get("submission")
    references = [folder / "reference" / name for name in submission]
    properties = read_properties(testcases / "properties.py", faults)
    read_files = [read_case_file(p, n, faults) for n, p in enumerate(_case_files(testcases), 1)]
    if not read_files:
        faults.append(
            Fault(Place(testcases / SETTINGS), "there is no case file beside this one; add one")
        )
    defined = defined_names(references[0]) if len(references) == 1 else None
    setting = Setting(settings, submission, defined, properties, has_programs=not is_old)
    cases = read_cases([file for file in read_files if file is not None], setting, faults)
    limits = settings.get("limits")
    assignment = Assignment(
        folder=folder,
        title=settings.get("title"),
        submission=submission,
        tolerance=tolerance_of(settings, Tolerance()),
        limits=Limits(**limits.values) if limits else Limits(),
        require_isolation=walls_of(settings.get("require_isolation", "basic")) or (),
        cases=tuple(cases),
        properties={name: found for name, (found, _) in (properties or {}).items()},
        points=settings.get("points"),
        places=settings.places,
        platform=platform_of(settings.get("gradescope"), faults),
    )
    if not assignment.is_frozen:
        for path in references:
            if not path.is_file():
                message = f"there is no reference at {path}"
                if not path.parent.is_dir():
                    message += "; if this is a handout, unpack its zip anew: answers.npz is missing"
                faults.append(Fault(settings.at("submission"), message))
    return assignment, faults


def digest_of(assignment: Assignment) -> str:
    """A digest of the case files, the properties and the reference, to tell two reports apart."""
    folder = assignment.folder
    paths = [
        assignment.settings_path,
        *_case_files(folder / "testcases"),
        assignment.properties_path,
        *sorted((folder / "reference").rglob("*.py")),
    ]
    import hashlib  # slow to import, and not needed before the student's code runs

    digest = hashlib.sha256()
    for path in paths:
        if path.is_file():
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


# The structure of the settings. ------------------------------------------------------------------

_FILE: Final = text(
    rf"({IDENTIFIER}/)*{IDENTIFIER}\.py",
    "the name of a Python file, such as `layers.py` or `nn/linear.py`",
)
_WALL: Final = f"({'|'.join(WALLS)})"
_LIMITS: Final = Limits()


def _read_submission(node: Node, faults: list[Fault]) -> Any:
    """The names of the files, as a tuple."""
    before = len(faults)
    names: list[str] = []
    for item in node.value if isinstance(node.value, list) else [node]:
        name = read(_FILE, item, faults)
        if name is INVALID:
            continue
        parts = module_of(name).split(".")
        if parts[0] == "numpy" or any(map(keyword.iskeyword, parts)):
            faults.append(Fault(item.place, f"`{name}` cannot be imported; choose another name"))
        elif name.casefold() in map(str.casefold, names):
            faults.append(Fault(item.place, f"`{name}` is here a second time; leave it out"))
        names.append(name)
    return tuple(names) if len(faults) == before else INVALID


_SUBMISSION: Final = Kind(
    {"anyOf": [_FILE.schema, {"type": "array", "minItems": 1, "items": _FILE.schema}]},
    f"{_FILE.wanted}, or a list of these",
    _read_submission,
)

SETTINGS_STRUCTURE: Final = mapping(
    {
        "title": text().means("The assignment's name, for the head of reports."),
        "submission": _SUBMISSION.means(
            "The file that students hand in, or a list of them; the reference's have the same names."
        ),
        **INHERITED,
        "limits": mapping(
            {
                "call_seconds": number(0.01, 600).means(
                    "Wall time of one step of a program.", _LIMITS.call_seconds
                ),
                "total_seconds": number(0.01, 2400).means(
                    "Wall time of all that a submission runs.", _LIMITS.total_seconds
                ),
                "memory_mb": number(192, 65536, whole=True).means(
                    "Address space of the student's process.", _LIMITS.memory_mb
                ),
                "output_kb": number(1, 1024, whole=True).means(
                    "Printed text that is kept for each case.", _LIMITS.output_kb
                ),
                "example_seconds": number(0, 60).means(
                    "Wall time for finding the smallest inputs that fail.", _LIMITS.example_seconds
                ),
            }
        ).means("What a submission may use."),
        "require_isolation": text(
            rf"basic|{_WALL}(\+{_WALL})*", "a level such as `uid+landlock+seccomp`"
        ).means("The level of isolation below which nothing is graded."),
        "points": number(0, 1e6).means("What the points of all cases must add up to."),
        "gradescope": PLATFORM.means(
            "What the assignment wants of Gradescope; all off by default."
        ),
    },
    required=("title", "submission"),
)
