"""`autograder grade`: all cases, a table on the terminal, and reports in files if asked for."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.arguments import (
    add_assignment,
    add_cache,
    add_submission,
    describe,
    isolation_level,
    writing,
)
from autograder.errors import UsageError
from autograder.files import write_atomically
from autograder.levels import WALLS, level
from autograder.reports import form_of, forms, import_meanwhile, writer_of
from autograder.sandbox import IsolationError, Sandbox

if TYPE_CHECKING:
    from autograder.reports import Form, Writer

    Target = tuple[Path, Form]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Grade a submission with all test cases. The exit status is 0 once there is a report,\n"
        "whatever the score.",
        "autograder grade submissions/ada.zip --results results.json --results report.md",
    )
    add_submission(parser)
    parser.add_argument(
        "--results",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=f"also write the report to FILE, which ends in {forms()}; repeat it for more files",
    )
    add_assignment(parser)
    add_cache(parser)
    parser.add_argument(
        "--require-isolation",
        type=isolation_level,
        default=(),
        metavar="LEVEL",
        help="refuse to grade below this level of isolation, such as uid+landlock+seccomp",
    )
    parser.add_argument(
        "--isolation",
        type=isolation_level,
        default=WALLS,
        metavar="LEVEL",
        help="raise no other walls than these (default: all that the system has)",
    )


def run(options: argparse.Namespace) -> int:
    """Grade a submission; returns the exit status."""
    targets = [(path, form_of(path)) for path in options.results]
    # Before anything that a student must not see is in memory.
    with Sandbox(walls=options.isolation) as sandbox:
        from autograder.judging.cache import suite_of
        from autograder.pipeline import faultless_assignment, report_on

        assignment = faultless_assignment(options.assignment)
        required = (*options.require_isolation, *assignment.require_isolation)
        assignment = assignment._replace(require_isolation=required)
        suite = suite_of(assignment, cached=not options.no_cache)
        import_meanwhile([form for _, form in targets])
        try:
            report = report_on(options.submission, suite, sandbox)
        except IsolationError as error:
            reason = f"not graded: {error}, and {level(required)} is required"
            unwritten = _write(targets, lambda writer: writer.render_not_graded(reason))
            raise UsageError("; ".join([reason, *unwritten])) from error
    # The files first: a reader of the table may leave early, and no file is lost to that.
    unwritten = _write(targets, lambda writer: writer.render(report))
    from autograder.reports.terminal import print_report

    print_report(report, [f"Isolation of the submission's code: {report.facts['isolation']}."])
    if unwritten:
        raise UsageError("; ".join(unwritten))
    return 0


def _write(targets: list[Target], render: Callable[[Writer], str]) -> list[str]:
    """Write every file that can be written; returns a sentence for each of the others."""
    unwritten = []
    for path, form in targets:
        try:
            with writing(path):
                write_atomically(path, render(writer_of(form)).encode("utf-8"))
        except UsageError as error:
            unwritten.append(str(error))
    return unwritten
