"""Arguments that several commands take, and the form of their help."""

from __future__ import annotations

import argparse
from pathlib import Path


def describe(parser: argparse.ArgumentParser, description: str, example: str) -> None:
    """What a command does, and an example of it, with which its help ends."""
    parser.description = description
    parser.epilog = f"example:\n  {example}"


def add_assignment(parser: argparse.ArgumentParser) -> None:
    """`--assignment`, which every command takes that works on one."""
    parser.add_argument(
        "--assignment",
        type=Path,
        metavar="DIR",
        help="the assignment's folder (default: the nearest one upwards with "
        "testcases/assignment.yaml)",
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
