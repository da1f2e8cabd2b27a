"""`autograder class`: a whole class graded offline, with a table, and what changed since before."""

from __future__ import annotations

import argparse
import gc
import os
from pathlib import Path

from autograder.commands.arguments import add_assignment, describe, isolation_level
from autograder.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Grade every submission of a class once, keep the results, and compare them with earlier\n"
        "scores. After an interruption, the same command continues; it grades only what is new.",
        "autograder class assignment_123_export.zip --jobs 4",
    )
    add = parser.add_argument
    add("export", type=Path, help="Gradescope's export, folder or zip, or a folder of files")
    add(
        "--out", type=Path, metavar="DIR", help="the folder to write to (default: class, beside it)"
    )
    add_assignment(parser)
    add(
        "--jobs",
        type=int,
        metavar="N",
        help="how many to grade at a time (default: one for each core)",
    )
    add("--again", action="store_true", help="grade again what is stored already")
    add(
        "--only",
        action="append",
        default=[],
        metavar="SUBMISSION",
        help="grade only this one; the others keep their stored results (repeatable)",
    )
    add(
        "--before",
        type=Path,
        metavar="FILE",
        help="compare with the scores in an earlier grades.csv, or in Gradescope's download of grades",
    )
    add("--changed", action="store_true", help="print only the differences from before")
    add(
        "--pattern",
        metavar="REGEX",
        help="how to read file names: a regular expression with the groups (?P<student>), (?P<email>) "
        "or (?P<id>)",
    )
    add(
        "--dask",
        metavar="ADDRESS",
        help="grade on the Dask cluster at this address, which you trust",
    )
    add(
        "--group",
        type=int,
        metavar="N",
        help="print what a known mistake for the page's group N has to reproduce; grades nothing",
    )
    add(
        "--isolation",
        type=isolation_level,
        metavar="LEVEL",
        help="run at exactly this level of isolation (default: the highest of this system, at least "
        "landlock+seccomp)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; returns the exit status."""
    given = vars(options)
    group = given.pop("group")
    given["only"] = tuple(options.only)
    given["out"] = options.out or Path(os.path.abspath(options.export)).parent / "class"
    if group is not None:
        from autograder.classroom.pages import print_group

        print_group(given["out"], group)
        return 0
    if options.jobs is None:  # the cores that this process may use
        usable = hasattr(os, "sched_getaffinity")
        given["jobs"] = len(os.sched_getaffinity(0)) if usable else os.cpu_count() or 1
    if given["jobs"] < 1:
        raise UsageError(f"--jobs {given['jobs']} grades nothing; the least is 1")
    from autograder.classroom.class_run import run_class
    from autograder.classroom.grade_all import Options
    from autograder.formats.assignment import find_assignment

    gc.enable()  # which short-lived commands do without
    given["assignment"] = options.assignment or find_assignment(Path.cwd())
    return run_class(Options(**given))
