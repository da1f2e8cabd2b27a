"""`autograder lint`: every fault in the assignment's files, and what makes little sense there."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from autograder.authoring.findings import ERROR, WARNING, Finding
from autograder.authoring.lint import lint
from autograder.commands.arguments import add_assignment, describe
from autograder.digest import SETTINGS
from autograder.errors import UsageError
from autograder.formats.assignment import find_assignment
from autograder.model import Assignment
from autograder.text import plural


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Look for faults in the assignment's files, and for test cases that make little sense. The\n"
        "exit status is 1 if there is an error.",
        "autograder lint --strict",
    )
    add_assignment(parser)
    parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings too")
    parser.add_argument(
        "--format",
        choices=("text", "github"),
        default="text",
        help="lines for people, or annotations for a GitHub workflow (default: text)",
    )


def run(options: argparse.Namespace) -> int:
    """Print findings and a summary; returns 1 for an error, or with `--strict` for a warning."""
    folder: Path = options.assignment or find_assignment(Path.cwd())
    if not (folder / "testcases" / SETTINGS).is_file():
        raise UsageError(f"there is no testcases/{SETTINGS} in {folder}; name another folder")
    assignment, findings = lint(folder)
    if assignment is not None and assignment.is_frozen:
        raise UsageError("`lint` needs the reference, which is not among these files")
    show = _annotation if options.format == "github" else _line
    for finding in findings:
        print(show(finding))
    errors, warnings = (sum(f.severity == s for f in findings) for s in (ERROR, WARNING))
    print(f"{_size(assignment)}{plural(errors, 'error')}, {plural(warnings, 'warning')}")
    return 1 if errors or (options.strict and warnings) else 0


def _line(finding: Finding) -> str:
    (path, line, column), message, lines, severity = finding
    return "\n    ".join([f"{_relative(path)}:{line}:{column}: {severity}: {message}", *lines])


def _annotation(finding: Finding) -> str:
    """A GitHub workflow command: the message is shown beside the line that it is about."""
    (path, line, column), message, lines, severity = finding
    # GitHub knows files by their path in the repository, where its workflows start.
    file = _relative(path, os.environ.get("GITHUB_WORKSPACE", ""))
    place = f"file={_escaped(file, '%:,')},line={line},col={column}"
    return f"::{severity} {place}::{_escaped(chr(10).join([message, *lines]), '%')}"


def _escaped(text: str, characters: str) -> str:
    """The text with its line ends, and these characters, escaped for GitHub."""
    for character in (*characters, "\r", "\n"):  # % comes first: the others turn into one
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _relative(path: Path, root: str = "") -> str:
    """The path from the folder `root`, or else the current one, if it lies below."""
    try:
        return path.resolve().relative_to(Path(root).resolve()).as_posix()
    except ValueError:
        return str(path)


def _size(assignment: Assignment | None) -> str:
    if assignment is None:
        return ""
    points = sum(points for case in assignment.cases for points in case.points.values())
    return f"{plural(len(assignment.cases), 'case')}, {points:g} points: "
