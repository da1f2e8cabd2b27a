"""`autograder matrix`: which test case catches which known mistake."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.authoring.matrix import Matrix, matrix_csv, matrix_html, matrix_text
from autograder.commands.arguments import add_assignment, describe, writing
from autograder.errors import UsageError
from autograder.files import write_atomically
from autograder.formats.assignment import find_assignment, load_assignment
from autograder.judging.suite import Suite


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Try every test case on every known mistake of reference/mistakes.py. The exit status is 1\n"
        "if no case catches a mistake.",
        "autograder matrix --out matrix.html",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="also write the matrix to FILE, as .csv or .html"
    )
    add_assignment(parser)


def run(options: argparse.Namespace) -> int:
    """Print the matrix, and write it to a .csv or .html file; returns 1 if a mistake is not caught."""
    out: Path | None = options.out
    if out is not None and out.suffix not in (".csv", ".html"):
        raise UsageError(f"{out} must end in .csv or .html")
    assignment = load_assignment(options.assignment or find_assignment(Path.cwd()))
    if not assignment.mistakes_path.is_file():
        raise UsageError(
            f"there are no known mistakes: write some to {assignment.mistakes_path}, as classes that "
            "derive from the reference's or hold functions in place of its own, with the hint as "
            "docstring and the failed checks in `breaks = (...)`"
        )
    matrix = Matrix(Suite(assignment))
    if out is not None:
        html = out.suffix == ".html"
        text = matrix_html(matrix, assignment.title) if html else matrix_csv(matrix)
        with writing(out):
            write_atomically(out, text.encode("utf-8"))
    print(matrix_text(matrix), end="")
    return 1 if matrix.uncaught else 0
