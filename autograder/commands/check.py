"""`autograder check`: the student's own look at a submission, with the visible cases only."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.arguments import add_assignment, add_cache, add_submission, describe
from autograder.errors import UsageError
from autograder.sandbox import Sandbox
from autograder.text import one_line

if TYPE_CHECKING:
    from autograder.handout.platform_versions import Outlook
    from autograder.judging.verdicts import Report
    from autograder.model import Assignment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Check a submission with the visible test cases, as the platform will. The exit status\n"
        "is 1 while a check fails.",
        "autograder check {file}",
    )
    add_submission(parser, optional=True)
    add_assignment(parser)
    add_cache(parser)


def run(options: argparse.Namespace) -> int:
    """Check a submission, by default the one in this folder; returns 1 while something fails."""
    with Sandbox() as sandbox:
        from autograder.handout.platform_versions import outlook
        from autograder.judging.cache import suite_of
        from autograder.model import visible_part
        from autograder.pipeline import faultless_assignment, find_submission, report_on
        from autograder.reports.terminal import print_report, show

        whole = faultless_assignment(options.assignment)
        assignment = visible_part(whole)
        if not assignment.cases:
            raise UsageError("this assignment has no visible test case to check with")
        path = options.submission or find_submission(assignment, Path.cwd())
        # At once, because code that hangs takes its time; and it tells which file is meant.
        show(f"Checking {one_line(str(path))} ...", sys.stdout)
        report = report_on(path, suite_of(assignment, cached=not options.no_cache), sandbox)
    platform = outlook(path, assignment.submission, whole.folder)
    step = _next_step(report, assignment, path, platform)
    print_report(report, [*_differences(platform), *_hidden(whole), f"Next: {step}"])
    passed = all(verdict.passed for verdict in report.verdicts)
    return 0 if passed and not platform.faults else 1


def _differences(platform: Outlook) -> list[str]:
    lines = [platform.differs] if platform.differs else []
    if platform.faults:
        lines += [
            "The platform lacks what these lines use:",
            *(f"  {line}" for line in platform.faults),
        ]
    return lines


def _hidden(whole: Assignment) -> list[str]:
    hidden = any(case.visibility != "visible" for case in whole.cases)
    if whole.is_frozen:
        from autograder.judging.stored import StoredAnswers

        hidden = StoredAnswers(whole).more_cases
    return ["On the platform, the hidden test cases run as well."] if hidden else []


def _next_step(report: Report, assignment: Assignment, path: Path, platform: Outlook) -> str:
    from autograder.explain.summary import things_to_fix

    things = things_to_fix(report.verdicts)
    if not things and platform.faults:
        return "change what the platform's Python lacks, and check again."
    if not things:
        return _hand_in(path, assignment.submission)
    if report.notice:
        return "fix what is said above, and check again."
    best = things[0].best
    return f"fix thing 1 (see {best.number} {best.name}), and check again."


def _hand_in(path: Path, wanted: tuple[str, ...]) -> str:
    shown, names = _quoted(path), " and ".join(wanted)
    if path.is_dir():
        return f"hand in {names} from the folder {shown}, with the files that they import."
    if path.suffix.lower() == ".zip" or path.name in wanted:
        return f"hand in {shown}."
    return f"hand in {shown}, under the name {names}."


def _quoted(path: Path) -> str:
    """The path from here, in quotes if a command line needs them."""
    with contextlib.suppress(OSError, ValueError):
        path = path.resolve().relative_to(Path.cwd().resolve())
    text = one_line(str(path), 200)
    return f'"{text}"' if " " in text else text
