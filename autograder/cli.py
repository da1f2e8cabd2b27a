"""The command line: a thin skin over one module a command."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import NoReturn

from autograder import __version__
from autograder.errors import AssignmentError, UsageError
from autograder.levels import WALLS, walls_of

DONE = 0
FAULT = 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except UsageError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return FAULT
    except AssignmentError as error:
        print(error, file=sys.stderr)
        return FAULT
    except BrokenPipeError:
        return DONE  # whoever read our output has seen enough
    except KeyboardInterrupt:
        print("autograder: interrupted", file=sys.stderr)
        return 130
    return status


def run_and_exit() -> NoReturn:
    """The console script: run the command that the command line asks for."""
    # A short-lived process saves a tenth of its time where it neither collects the garbage of its
    # imports nor takes the interpreter apart at the end.
    gc.disable()
    try:
        status = main()
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as error:  # from argparse
        status = error.code if isinstance(error.code, int) else FAULT
    except BrokenPipeError:
        status = DONE
    os._exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Grade numpy assignments.")
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    grade = commands.add_parser(
        "grade",
        help="grade a submission with all test cases",
        description="Grade a submission with all test cases. The exit status is 0 once there is a "
        "report, whatever the score.",
    )
    grade.add_argument("submission", type=Path, help="a Python file, a folder or a zip")
    grade.add_argument(
        "--results", type=Path, metavar="FILE", help="also write Gradescope's results.json to FILE"
    )
    _add_assignment(grade)
    grade.add_argument(
        "--require-isolation",
        type=_level,
        default=(),
        metavar="LEVEL",
        help="refuse to grade where the system gives less than this level, such as "
        "uid+landlock+seccomp",
    )
    grade.add_argument(
        "--isolation",
        type=_level,
        default=WALLS,
        metavar="LEVEL",
        help="raise no more walls than these (default: all that the system has)",
    )
    grade.set_defaults(run=_grade)

    matrix = commands.add_parser(
        "matrix",
        help="show which test case catches which known mistake",
        description="Try every test case on every known mistake of reference/mistakes.py. The exit "
        "status is 1 where no case catches a mistake.",
    )
    matrix.add_argument(
        "--out", type=Path, metavar="FILE", help="also write the matrix to FILE, as .csv or .html"
    )
    _add_assignment(matrix)
    matrix.set_defaults(run=_matrix)

    check = commands.add_parser(
        "check",
        help="check your own submission with the visible test cases",
        description="Check a submission with the visible test cases, as the platform will. The exit "
        "status is 1 while a check fails.",
    )
    check.add_argument(
        "submission",
        type=Path,
        nargs="?",
        help="a Python file, a folder or a zip (default: the file that the assignment asks for, here "
        "or beside testcases/)",
    )
    _add_assignment(check)
    check.set_defaults(run=_check)

    bundle = commands.add_parser(
        "bundle",
        help="make the zips that the assignment is handed out in",
        description="Make autograder.zip for Gradescope and handout.zip for students. None is made "
        "where the reference, graded from autograder.zip, does not score in full, or the starter "
        "scores anything.",
    )
    bundle.add_argument(
        "--out",
        type=Path,
        default=Path("dist"),
        metavar="DIR",
        help="the folder to write to (default: dist)",
    )
    _add_assignment(bundle)
    bundle.set_defaults(run=_bundle)

    preview = commands.add_parser(
        "preview",
        help="show a results.json as Gradescope would",
        description="Show a results.json as Gradescope would, to students and to instructors: a page "
        "beside it, opened in the browser.",
    )
    preview.add_argument("results", type=Path, help="a results.json")
    preview.add_argument(
        "--out", type=Path, metavar="FILE", help="write the page to FILE, and open nothing"
    )
    preview.set_defaults(run=_preview)
    return parser


def _add_assignment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--assignment",
        type=Path,
        metavar="DIR",
        help="the assignment's folder (default: the nearest one upwards with "
        "testcases/assignment.yaml)",
    )


def _level(name: str) -> tuple[str, ...]:
    walls = walls_of(name)
    if walls is None:
        levels = "basic, or walls out of " + ", ".join(WALLS) + " joined by +"
        raise argparse.ArgumentTypeError(f"`{name}` is no level of isolation; name {levels}")
    return walls


# Each command is imported when it is run, so that none waits for what only another needs.


def _grade(options: argparse.Namespace) -> int:
    from autograder.commands.grade import run

    return run(
        options.submission,
        options.assignment,
        options.results,
        options.isolation,
        options.require_isolation,
    )


def _matrix(options: argparse.Namespace) -> int:
    from autograder.commands.matrix import run

    return run(options.assignment, options.out)


def _check(options: argparse.Namespace) -> int:
    from autograder.commands.check import run

    return run(options.submission, options.assignment)


def _bundle(options: argparse.Namespace) -> int:
    from autograder.commands.bundle import run

    return run(options.assignment, options.out)


def _preview(options: argparse.Namespace) -> int:
    from autograder.commands.preview import run

    return run(options.results, options.out)
