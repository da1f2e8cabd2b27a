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

    lint = commands.add_parser(
        "lint",
        help="look over the test cases: whether they are sound, and make sense",
        description="Look over the assignment's files. Exit status: 0 without findings, 1 with an "
        "error.",
    )
    _add_assignment(lint)
    lint.add_argument("--strict", action="store_true", help="exit with 1 for warnings too")
    lint.add_argument(
        "--format",
        choices=("text", "github"),
        default="text",
        help="lines for people, or annotations for a workflow of GitHub (default: text)",
    )
    lint.set_defaults(run=_lint)

    show = commands.add_parser(
        "show",
        help="print a test case: inputs, expected values and the steps between",
        description="Print what a test case draws and expects, to paste into a notebook. It needs "
        "the reference, so students cannot run it.",
    )
    show.add_argument(
        "case", help="its number, its name, or a part of the name that no other case has"
    )
    _add_assignment(show)
    show.add_argument("--batch", type=int, metavar="N", help="only this batch, counted from 1")
    show.add_argument(
        "--format", choices=("python", "json"), default="python", help="(default: python)"
    )
    show.set_defaults(run=_show)

    new_case = commands.add_parser(
        "new-case",
        help="write a case file to start from",
        description="Write a new case file with comments, to be changed. Nothing is overwritten.",
    )
    new_case.add_argument("name", help="what students will read: say what is tested")
    _add_assignment(new_case)
    new_case.add_argument(
        "--random", action="store_true", help="draw the inputs (default: write down numbers)"
    )
    new_case.set_defaults(run=_new_case)

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

    from autograder.commands import class_

    whole_class = commands.add_parser(class_.NAME, help=class_.HELP)
    class_.add_arguments(whole_class)
    whole_class.set_defaults(run=class_.run)
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


def _lint(options: argparse.Namespace) -> int:
    from autograder.commands.lint import run

    return run(options.assignment, strict=options.strict, form=options.format)


def _show(options: argparse.Namespace) -> int:
    from autograder.commands.show import run

    return run(options.case, options.assignment, options.batch, options.format)


def _new_case(options: argparse.Namespace) -> int:
    from autograder.commands.new_case import run

    return run(options.name, options.assignment, random=options.random)


def _preview(options: argparse.Namespace) -> int:
    from autograder.commands.preview import run

    return run(options.results, options.out)
