"""`autograder new-assignment`: a small assignment to start from, which works as it is."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Final

from autograder.archive import folder_members
from autograder.commands.arguments import describe, writing
from autograder.digest import SETTINGS
from autograder.errors import UsageError
from autograder.files import write_atomically
from autograder.formats.schemas import CASE_FILE, schema_line
from autograder.formats.schemas import SETTINGS as SETTINGS_SCHEMA

_TEMPLATE: Final = Path(__file__).resolve().parents[1] / "authoring" / "template"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Write a small assignment that can be graded at once, with comments, for you to change: a\n"
        "program with two test cases, a reference, known mistakes, a write-up and a starter.",
        "autograder new-assignment week_3",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that is new or empty")


def run(options: argparse.Namespace) -> int:
    """Write the files, and say what comes next; returns the exit status.

    Raises UsageError if the folder holds something, or cannot be written to.
    """
    folder: Path = options.folder
    with writing(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is not an empty folder; name a new one")
        for name, member in folder_members(_TEMPLATE, str(folder)).items():
            path, data = Path(name), member.data
            if path.suffix == ".yaml":
                schema = SETTINGS_SCHEMA if path.name == SETTINGS else CASE_FILE
                data = f"{schema_line(folder, schema)}\n".encode() + data
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
    option = f"--assignment {shlex.quote(str(folder))}"
    print(f"{folder} written. Change testcases/, reference/ and handout/ to your exercise, and run")
    for command in ("lint", "matrix", "bundle"):
        print(f"    autograder {command} {option}")
    return 0
