"""What several commands share: arguments, the form of their help, and how they write files."""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import UsageError
from autograder.levels import WALLS, walls_of


def describe(parser: argparse.ArgumentParser, description: str, example: str) -> None:
    """What a command does, and an example of it, with which its help ends.

    `{file}` in the example stands for the file that students hand in.
    """
    parser.description = description
    parser.epilog = f"example:\n  {example.replace('{file}', _wanted_file())}"


def add_assignment(parser: argparse.ArgumentParser) -> None:
    """`--assignment`, which every command takes that works on one."""
    parser.add_argument(
        "--assignment",
        type=Path,
        metavar="DIR",
        help="the assignment's folder (default: the nearest folder, this one or above, that holds "
        "testcases/assignment.yaml)",
    )


def add_cache(parser: argparse.ArgumentParser) -> None:
    """`--no-cache`: what hints need of the assignment is worked out anew."""
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="compute anew what hints need, and do not keep it in your cache folder",
    )


def add_submission(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """The submission: a Python file, a folder or a zip."""
    kinds = "a Python file, a folder or a zip"
    default = "(default: the file that the assignment asks for, here or beside testcases/)"
    parser.add_argument(
        "submission",
        type=Path,
        nargs="?" if optional else None,
        help=f"{kinds} {default}" if optional else kinds,
    )


def isolation_level(name: str) -> tuple[str, ...]:
    """The walls of a level of isolation, as a `type` of arguments."""
    walls = walls_of(name)
    if walls is None:
        levels = "basic, or walls out of " + ", ".join(WALLS) + " joined by +"
        raise argparse.ArgumentTypeError(f"`{name}` is not an isolation level; name {levels}")
    return walls


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """What fails in writing to a path is the fault of whoever named it: raises UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _wanted_file(usual: str = "solution.py") -> str:
    """The first file that the nearest assignment asks for, as far as that can be told at a glance."""
    try:
        here = Path.cwd()
        for folder in (here, *here.parents):
            settings = folder / "testcases" / "assignment.yaml"
            if settings.is_file():
                text = settings.read_text(encoding="utf-8")
                found = re.search(r"^submission:[\s\[\"'-]*([\w/]+\.py)\b", text, re.MULTILINE)
                return found[1] if found else usual
    except (OSError, UnicodeDecodeError):
        pass
    return usual
