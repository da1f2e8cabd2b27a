"""`autograder show`: what a test case draws, runs and expects, to paste into a notebook."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.authoring.show import Shown, as_json, as_python, shown_batches
from autograder.commands.arguments import add_assignment, describe
from autograder.errors import UsageError
from autograder.formats.assignment import find_assignment, load_assignment
from autograder.judging.suite import Suite
from autograder.model import Assignment, TestCase
from autograder.text import listed, plural

ALL = 0  # of the batches


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Print what a test case draws, runs and expects, to paste into a notebook. It needs the\n"
        "reference, so students cannot run it.",
        "autograder show 20.1 --batch 2",
    )
    parser.add_argument(
        "case", help="its number, its name, or a part of the name that no other case has"
    )
    add_assignment(parser)
    parser.add_argument(
        "--batch",
        type=_batch,
        metavar="N",
        help="this batch, counted from 1, or `all` (default: the first; as JSON: all)",
    )
    parser.add_argument(
        "--format",
        choices=("python", "json"),
        default="python",
        help="Python with six digits, or JSON with all (default: python)",
    )


def run(options: argparse.Namespace) -> int:
    """Print a batch of a case, or all, as Python or as JSON; returns the exit status."""
    assignment = load_assignment(options.assignment or find_assignment(Path.cwd()))
    if assignment.is_frozen:
        raise UsageError("`show` needs the reference, which is not among these files")
    case = find_case(assignment, options.case)
    as_text = as_json if options.format == "json" else as_python
    usual = ALL if options.format == "json" else 1
    wanted: int = usual if options.batch is None else options.batch
    count = case.inputs.batches
    if not 0 <= wanted <= count:
        raise UsageError(f"`{case.name}` has {plural(count, 'batch')}, but no batch {wanted}")
    numbers = range(1, count + 1) if wanted == ALL else range(wanted, wanted + 1)
    shown: list[Shown] = list(shown_batches(Suite(assignment), case, numbers))
    print(as_text(case, shown))
    return 0


def find_case(assignment: Assignment, wanted: str) -> TestCase:
    """Find a case by number, name, the name of a check in a report, or part of a name.

    Raises UsageError if there is none, or more than one.
    """
    word = wanted.strip().casefold()
    cases = assignment.cases
    by_check = [c for c in cases if word.startswith(f"{c.name.casefold()}: ")]
    for found in (
        [case for case in cases if case.number == wanted.strip()],
        [case for case in cases if case.name.casefold() == word],
        by_check,
        [case for case in cases if word in case.name.casefold()],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            names = listed([f"{case.number} {case.name}" for case in found])
            raise UsageError(f"`{wanted}` may be any of {names}; give more of the name")
    known = listed([f"{case.number} {case.name}" for case in cases])
    raise UsageError(f"there is no case `{wanted}`; there are {known}")


def _batch(word: str) -> int:
    if word == "all":
        return ALL
    if not word.isdecimal() or int(word) == 0:
        raise argparse.ArgumentTypeError(f"`{word}` is not a batch; name one from 1 on, or all")
    return int(word)
