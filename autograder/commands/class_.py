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
        "Grade every submission of a class once, keep what is done, and compare it with the scores\n"
        "before. The same command goes on after an interruption, and grades only what is new.",
        "autograder class assignment_123_export.zip --jobs 4",
    )
    add = parser.add_argument
    add("export", type=Path, help="Gradescope's export, folder or zip, or a folder of files")
    add(
        "--out", type=Path, metavar="DIR", help="the folder to write to (default: class, beside it)"
    )
    add_assignment(parser)
    add("--jobs", type=int, metavar="N", help="graders at once (default: the cores that there are)")
    add("--again", action="store_true", help="grade what is stored already, too")
    add(
        "--only",
        action="append",
        default=[],
        metavar="SUBMISSION",
        help="grade this one only; the others keep what is stored (repeatable)",
    )
    add(
        "--before",
        type=Path,
        metavar="FILE",
        help="compare with the scores in a grades.csv, or in Gradescope's download of grades",
    )
    add("--changed", action="store_true", help="print only what differs from before")
    add(
        "--pattern",
        metavar="REGEX",
        help="how to read names of files: with the groups (?P<student>), (?P<email>) or (?P<id>)",
    )
    add("--dask", metavar="ADDRESS", help="grade on the Dask cluster at this address; trust it")
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
        help="run at this level of isolation, and at no other (default: all that the system has, at "
        "least landlock+seccomp)",
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
        raise UsageError(f"--jobs {given['jobs']} grades nothing; 1 is the least")
    from autograder.classroom.class_run import run_class
    from autograder.classroom.grade_all import Options
    from autograder.formats.assignment import find_assignment

    gc.enable()  # which short-lived commands do without
    given["assignment"] = options.assignment or find_assignment(Path.cwd())
    return run_class(Options(**given))
