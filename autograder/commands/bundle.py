"""`autograder bundle`: the zips that an assignment is handed out in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from autograder.authoring.findings import ERROR
from autograder.authoring.lint import lint
from autograder.errors import AssignmentError, Fault, UsageError
from autograder.files import write_atomically
from autograder.formats.assignment import find_assignment
from autograder.gradescope.platform_zip import gradescope_zip
from autograder.handout.handout_zip import handout_zip

if TYPE_CHECKING:
    from autograder.model import Assignment

BUNDLES: Final = (("autograder.zip", gradescope_zip), ("handout.zip", handout_zip))


def run(assignment_folder: Path | None, out: Path) -> int:
    """Write every zip into the folder `out`; returns the exit status."""
    assignment = _sound_assignment(assignment_folder)
    bundles = [(out / name, make(assignment)) for name, make in BUNDLES]
    for path, data in bundles:
        try:
            out.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from error
        print(f"{path}: {len(data):,} bytes")
    return 0


def _sound_assignment(folder: Path | None) -> Assignment:
    """The assignment, where lint finds no error in it. Raises AssignmentError."""
    assignment, findings = lint(folder or find_assignment(Path.cwd()))
    errors = [Fault(place, text) for place, severity, text in findings if severity == ERROR]
    if errors or assignment is None:
        raise AssignmentError(errors)
    return assignment
