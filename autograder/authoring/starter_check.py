"""What the handout's starter earns, which should be nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator

from autograder.authoring.findings import ERROR, WARNING, Finding
from autograder.formats.submission import SubmissionError, read_submission
from autograder.judging.judge import run_of
from autograder.judging.suite import Suite
from autograder.judging.verdicts import points_earned, total
from autograder.sandbox import Allowance, Code, LaunchError, Sandbox, WorkerLimits


def starter_earns_nothing(suite: Suite) -> Iterator[Finding]:
    """It must not pass a whole case; what else it earns is a warning. Without one, nothing is said."""
    assignment = suite.assignment
    folder = assignment.folder / "handout"
    if not any((folder / name).is_file() for name in assignment.submission):
        return
    one = len(assignment.submission) == 1
    limits = assignment.limits
    try:
        path = folder / assignment.submission[0] if one else folder
        starter = read_submission(path, assignment.submission)
        with Sandbox() as sandbox:
            observed = sandbox.run(
                Code(starter.sources, starter.files, starter.missing),
                [run_of(case) for case in assignment.cases],
                WorkerLimits(limits.call_seconds, limits.memory_mb, limits.output_kb),
                Allowance(time.monotonic() + limits.total_seconds),
            )
    except (SubmissionError, LaunchError):
        return  # told by those who make the handout, and who grade
    for case, batches in zip(assignment.cases, observed):
        checks = suite.gather(case, batches).checks
        earned = {n: points_earned(case, n, check.share) for n, check in checks.items()}
        names = [name for name, points in earned.items() if points]
        if not names:
            continue
        whole = all(check.passed for check in checks.values())
        most = total(case.points.values())
        what = (
            "passes the whole case"
            if whole
            else f"earns {total(earned.values()):g} of {most:g} points here"
        )
        yield Finding(
            case.place,
            ERROR if whole else WARNING,
            f"the handout's starter {what} ({', '.join(names)}); take out of it what it should not "
            "have, or give the points to something else",
        )
