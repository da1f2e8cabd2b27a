"""Reading an assignment: `testcases/assignment.yaml` and the case files beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from autograder.errors import AssignmentError, Fault, Place, UsageError
from autograder.formats.case_file import CaseFile, tolerance_of
from autograder.formats.case_structure import TOLERANCE
from autograder.formats.platform import PLATFORM, platform_of
from autograder.formats.structure import (
    IDENTIFIER,
    INVALID,
    Fields,
    Flag,
    Kind,
    ListOf,
    Number,
    Numbers,
    Schema,
    Section,
    Text,
    found,
)
from autograder.formats.yaml_tree import read_yaml
from autograder.levels import WALLS, walls_of
from autograder.model import (
    INPUTS_UNCHANGED,
    Assignment,
    Call,
    Limits,
    TestCase,
    Tolerance,
)

if TYPE_CHECKING:
    from autograder.formats.yaml_tree import Node

SETTINGS: Final = "assignment.yaml"


def find_assignment(start: Path) -> Path:
    """The nearest folder upwards of `start` that holds `testcases/assignment.yaml`.

    Raises UsageError where there is none.
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
    settings_path = folder / "testcases" / SETTINGS
    root = read_yaml(settings_path, faults)
    settings = SETTINGS_STRUCTURE.read(root, faults) if root else INVALID
    if settings is INVALID or not {"title", "submission", "class", "calls"} <= set(settings.values):
        return None, faults
    calls = tuple(settings.get("calls"))
    _check_calls(settings, calls, faults)
    tolerance = tolerance_of(settings, Tolerance())
    case_files = _case_files(folder / "testcases")
    if not case_files:
        faults.append(Fault(Place(settings_path), "there is no case file beside this one; add one"))
    cases: list[TestCase] = []
    names: dict[str, Place] = {}
    for position, path in enumerate(case_files, 1):
        reader = CaseFile(path, position, calls, tolerance, hints=settings.get("hints", True))
        cases += reader.read(names, faults)
    limits = settings.get("limits")
    platform = platform_of(settings.get("gradescope"), faults)
    assignment = Assignment(
        folder=folder,
        title=settings.get("title"),
        submission=settings.get("submission"),
        class_name=settings.get("class"),
        constructor=settings.get("constructor").values if settings.get("constructor") else {},
        calls=calls,
        tolerance=tolerance,
        limits=Limits(**limits.values) if limits else Limits(),
        require_isolation=walls_of(settings.get("require_isolation", "basic")) or (),
        cases=tuple(cases),
        points=settings.get("points"),
        places=settings.places,
        platform=platform,
    )
    if not assignment.is_frozen and not assignment.reference_path.is_file():
        message = f"there is no reference at {assignment.reference_path}"
        faults.append(Fault(settings.at("submission"), message))
    return assignment, faults


# The structure of the files. ---------------------------------------------------------------------


_CALL: Final = r"\s*([A-Za-z_]\w*)\s*\(\s*((?:[A-Za-z_]\w*\s*(?:,\s*[A-Za-z_]\w*\s*)*)?)\)\s*"


class _CallText(Kind):
    """A call as it is written: `forward(A, Y)`."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        match = isinstance(node.value, str) and re.fullmatch(_CALL, node.value)
        if not match:
            message = f"expected a call such as `forward(A, Y)`, found {found(node)}"
            faults.append(Fault(node.place, message))
            return INVALID
        return Call(match[1], tuple(re.findall(r"\w+", match[2])))

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{_CALL}$"}


class _Argument(Kind):
    """A value for the constructor: a text, a flag, a number, nothing, or an array of numbers."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if isinstance(node.value, list):
            return Numbers().read(node, faults)
        if isinstance(node.value, dict):
            message = "expected a text, a flag, a number or an array of numbers, found a mapping"
            faults.append(Fault(node.place, message))
            return INVALID
        return node.value

    def schema(self) -> Schema:
        scalar = {"type": ["string", "boolean", "number", "null"]}
        return {"anyOf": [scalar, Numbers().schema()]}


_WALL: Final = f"({'|'.join(WALLS)})"

SETTINGS_STRUCTURE: Final = Fields(
    {
        "title": Text().means("The assignment's name, for the head of reports."),
        "submission": Text(
            r"(?!\s)[^/\\]+\.py", "the name of a Python file, such as `loss.py`"
        ).means("The file that students hand in, and the name of the reference in `reference/`."),
        "class": Text(IDENTIFIER, "the name of a class").means("The class that students write."),
        "constructor": Fields(
            {}, others=_Argument().means("The value of the argument of this name."), noun="argument"
        ).means("What the class is made with, passed by position in this order."),
        "calls": ListOf(_CallText().means("A call, in quotes: `forward(A, Y)`.")).means(
            "The calls made on each object, in this order; their arguments are the names of inputs."
        ),
        "tolerance": TOLERANCE.means(
            "A number is right where |got - expected| <= atol + rtol * |expected|."
        ),
        "limits": Fields(
            {
                "call_seconds": Number(0.01, 600).means(
                    "Wall time of a single call; 5 unless given."
                ),
                "total_seconds": Number(0.01, 2400).means(
                    "Wall time of all that a submission runs; 120 unless given."
                ),
                "memory_mb": Number(192, 65536, whole=True).means(
                    "Address space of the student's process; 512 unless given."
                ),
                "output_kb": Number(1, 1024, whole=True).means(
                    "Printed text that is kept for each case; 64 unless given."
                ),
                "example_seconds": Number(0, 60).means(
                    "Wall time for finding the smallest inputs that fail; 2 unless given."
                ),
            }
        ).means("What a submission may use."),
        "require_isolation": Text(
            rf"basic|{_WALL}(\+{_WALL})*", "a level such as `uid+landlock+seccomp`"
        ).means("The level of isolation below which nothing is graded."),
        "hints": Flag().means("Whether failed checks tell hints; a case file may say otherwise."),
        "points": Number(0, 1e6).means("What the points of all cases must add up to."),
        "gradescope": PLATFORM.means(
            "What the assignment wants of Gradescope; all off by default."
        ),
    },
    required=("title", "submission", "class", "calls"),
)


# From what was read to what it means. ------------------------------------------------------------


def _case_files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in {".yaml", ".yml"} and path.name != SETTINGS and path.name[0] != "."
    )


def _check_calls(settings: Section, calls: tuple[Call, ...], faults: list[Fault]) -> None:
    methods = [call.method for call in calls]
    for method in dict.fromkeys(methods):
        if methods.count(method) > 1:
            message = f"`{method}` is called twice; points go by method, so call each once"
            faults.append(Fault(settings.at("calls"), message))
        if method == INPUTS_UNCHANGED:
            faults.append(Fault(settings.at("calls"), f"`{method}` is the name of a check of ours"))


def digest_of(assignment: Assignment) -> str:
    """A digest of the case files and the reference, by which two reports can be compared."""
    folder = assignment.folder
    paths = [
        assignment.settings_path,
        *_case_files(folder / "testcases"),
        *sorted(assignment.reference_path.parent.glob("*.py")),
    ]
    import hashlib  # slow to import, and not needed before the student's code runs

    digest = hashlib.sha256()
    for path in paths:
        if path.is_file():
            content = path.read_bytes().replace(b"\r\n", b"\n")
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
