"""`autograder bundle`: the zips for Gradescope and for students."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.authoring.findings import ERROR
from autograder.authoring.lint import lint
from autograder.commands.arguments import add_assignment, describe, writing
from autograder.errors import AssignmentError, Fault
from autograder.files import write_atomically
from autograder.formats.assignment import find_assignment
from autograder.formats.wanted_files import listed
from autograder.gradescope.platform_zip import gradescope_zip
from autograder.handout.handout_zip import handout_zip
from autograder.model import Assignment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Make autograder.zip for Gradescope and handout.zip for students. Nothing is written if lint\n"
        "finds an error, or if the reference, graded from autograder.zip, does not score in full.\n"
        "Without a folder handout/ there is no handout.zip.",
        "autograder bundle --out dist",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("dist"),
        metavar="DIR",
        help="the folder to write to (default: dist)",
    )
    add_assignment(parser)


def run(options: argparse.Namespace) -> int:
    """Write every zip into the folder; returns the exit status."""
    out: Path = options.out
    assignment = _sound_assignment(options.assignment)
    bundles = {out / "autograder.zip": gradescope_zip(assignment)}
    handout = assignment.folder / "handout"
    if handout.is_dir():
        bundles[out / "handout.zip"] = handout_zip(assignment)
    for path, data in bundles.items():
        with writing(path):
            out.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
        print(f"{path}: {len(data):,} bytes")
    if not handout.is_dir():
        files = listed(("README.md", *assignment.submission))
        print(f"no handout.zip: write {files} for students into {handout}")
    return 0


def _sound_assignment(folder: Path | None) -> Assignment:
    """The assignment, if lint finds no error in it. Raises AssignmentError."""
    assignment, findings = lint(folder or find_assignment(Path.cwd()))
    errors = [Fault(f.place, f.message, f.lines) for f in findings if f.severity == ERROR]
    if errors or assignment is None:
        raise AssignmentError(errors)
    return assignment
