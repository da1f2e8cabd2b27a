"""`autograder check`: the student's own look at a submission, with the visible cases only."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.sandbox import Sandbox
from autograder.text import one_line

if TYPE_CHECKING:
    from autograder.handout.platform_versions import Outlook
    from autograder.judging.verdicts import Report
    from autograder.model import Assignment


def run(submission: Path | None = None, assignment_folder: Path | None = None) -> int:
    """Check a submission, by default the one that lies here; returns 1 while something fails."""
    with Sandbox() as sandbox:
        from autograder.commands.shared import faultless_assignment, find_submission, report_on
        from autograder.handout.platform_versions import outlook
        from autograder.model import visible_part
        from autograder.reports.terminal import print_report, show

        whole = faultless_assignment(assignment_folder)
        assignment = visible_part(whole)
        if not assignment.cases:
            raise UsageError("this assignment has no visible test case to check with")
        path = submission or find_submission(assignment, Path.cwd())
        # At once, as code that hangs takes its time; and it tells which file is meant.
        show(f"Checking {one_line(str(path))} ...", sys.stdout)
        report = report_on(path, assignment, sandbox)
    # A handout does not know of hidden cases; one who has all of them at hand is not told of others.
    has_hidden = whole.is_frozen or len(whole.cases) > len(assignment.cases)
    platform = outlook(path, assignment.submission, whole.folder)
    print_report(report, _what_next(report, assignment, platform, has_hidden=has_hidden))
    passed = all(verdict.passed for verdict in report.verdicts)
    return 0 if passed and not platform.faults else 1


def _what_next(
    report: Report, assignment: Assignment, platform: Outlook, *, has_hidden: bool
) -> list[str]:
    failed = [verdict for verdict in report.verdicts if not verdict.passed]
    if not failed and platform.faults:
        step = "change what the platform's Python lacks, and check again."
    elif not failed:
        step = f"hand in {assignment.submission}."
    elif report.notice:
        step = "mend what is told above, and check again."
    else:
        step = f"mend {failed[0].number} {failed[0].name}, the first that failed, and check again."
    hidden = ["On the platform, hidden test cases are run as well."] if has_hidden else []
    differs = [platform.differs] if platform.differs else []
    if platform.faults:
        differs += ["It lacks what these lines use:", *(f"  {line}" for line in platform.faults)]
    return [*differs, *hidden, f"Next: {step}"]
