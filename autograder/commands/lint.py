"""`autograder lint`: every fault of the assignment's files, and what makes little sense in them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.authoring.findings import ERROR, WARNING
from autograder.authoring.lint import lint
from autograder.errors import UsageError
from autograder.formats.assignment import SETTINGS, find_assignment
from autograder.text import plural

if TYPE_CHECKING:
    from autograder.authoring.findings import Finding
    from autograder.model import Assignment


def run(assignment_folder: Path | None, *, strict: bool, form: str) -> int:
    """Print findings and a summary; returns 1 where there is an error, or with `strict` a warning."""
    folder = assignment_folder or find_assignment(Path.cwd())
    if not (folder / "testcases" / SETTINGS).is_file():
        raise UsageError(f"there is no testcases/{SETTINGS} in {folder}; name another folder")
    assignment, findings = lint(folder)
    if assignment is not None and assignment.is_frozen:
        raise UsageError("`lint` needs the reference, which is not among these files")
    show = _annotation if form == "github" else _line
    for finding in findings:
        print(show(finding))
    errors, warnings = (sum(f.severity == s for f in findings) for s in (ERROR, WARNING))
    print(f"{_size(assignment)}{plural(errors, 'error')}, {plural(warnings, 'warning')}")
    return 1 if errors or (strict and warnings) else 0


def _line(finding: Finding) -> str:
    (path, line, column), severity, message, lines = finding
    return "\n    ".join([f"{_relative(path)}:{line}:{column}: {severity}: {message}", *lines])


def _annotation(finding: Finding) -> str:
    """A workflow command of GitHub, which shows the message beside the line that it is about."""
    (path, line, column), severity, message, lines = finding
    # GitHub knows files by their path in the repository, which is where its workflows start.
    file = _relative(path, os.environ.get("GITHUB_WORKSPACE", ""))
    place = f"file={_escaped(file, '%:,')},line={line},col={column}"
    return f"::{severity} {place}::{_escaped(chr(10).join([message, *lines]), '%')}"


def _escaped(text: str, characters: str) -> str:
    """The text with its line ends, and these characters, in the form that GitHub undoes."""
    for character in (*characters, "\r", "\n"):  # % is the first, as the others become one
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _relative(path: Path, root: str = "") -> str:
    """The path from the folder `root`, or from where we are, if it lies below."""
    try:
        return path.resolve().relative_to(Path(root).resolve()).as_posix()
    except ValueError:
        return str(path)


def _size(assignment: Assignment | None) -> str:
    if assignment is None:
        return ""
    points = sum(points for case in assignment.cases for points in case.points.values())
    return f"{plural(len(assignment.cases), 'case')}, {points:g} points: "
