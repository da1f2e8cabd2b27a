"""autograder.zip, which an instructor uploads to Gradescope: its files, and the proof that it grades."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

from autograder.archive import Member, engine_members, file_member, folder_members, zip_bytes
from autograder.errors import UsageError
from autograder.gradescope.run import ANY_ISOLATION
from autograder.judging.storing import store_mistakes
from autograder.judging.suite import Suite
from autograder.judging.verdicts import total
from autograder.model import Assignment
from autograder.reports.results_json import not_graded
from autograder.text import one_line

_IMAGE: Final = Path(__file__).resolve().parent / "image"
_PLATFORM_MARGIN: Final = 60  # seconds between our own deadline and the platform's
_GRADER_MARGIN: Final = 60  # for the grader's own work, at half a processor
_NO_RESULTS: Final = "the grader ended before it had graded; its output, for staff, says more"


def gradescope_zip(assignment: Assignment) -> bytes:
    """The zip's bytes. Raises UsageError if it would not grade as it should.

    It is tried before anybody uploads it: unpacked into a folder like the platform's, it must give the
    reference full points.
    """
    data = zip_bytes(_members(assignment))
    most = total(points for case in assignment.cases for points in case.points.values())
    with tempfile.TemporaryDirectory(prefix="autograder-bundle-") as folder:
        root = Path(folder).resolve()
        lay_out(data, root)
        results = _results(assignment, assignment.folder / "reference", root)
        if abs(results["score"] - most) > 1e-9:
            failed = (test for test in results["tests"] if test["status"] == "failed")
            why = next((f": {test['name']}: {test['output']}" for test in failed), "")
            raise UsageError(
                f"no zip was made: graded from it, the reference scores {results['score']:g} points "
                f"and should score {most:g}{one_line(why, 500)}"
            )
    return data


def lay_out(data: bytes, root: Path) -> None:
    """Unpack the zip below a root as the platform does below /autograder."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            path = Path(archive.extract(info, root / "source"))
            path.chmod(info.external_attr >> 16 & 0o777)
    script = root / "run_autograder"
    script.write_bytes((root / "source" / "run_autograder").read_bytes())
    script.chmod(0o755)
    for name in ("submission", "results"):
        (root / name).mkdir(exist_ok=True)


def _members(assignment: Assignment) -> dict[str, Member]:
    folder = assignment.folder
    return {
        "setup.sh": file_member(_IMAGE / "setup.sh", executable=True),
        "run_autograder": file_member(_IMAGE / "run_autograder", executable=True),
        "start.py": file_member(_IMAGE / "start.py"),
        "requirements.txt": file_member(_IMAGE / "requirements.txt"),
        "not_graded.json": Member(json.dumps(not_graded(_NO_RESULTS), indent=2).encode() + b"\n"),
        "deadline_seconds": Member(b"%d\n" % _deadline_seconds(assignment)),
        **engine_members(),
        **folder_members(folder / "testcases", "assignment/testcases"),
        "assignment/testcases/answers.bin": Member(store_mistakes(Suite(assignment))),
        **folder_members(folder / "reference", "assignment/reference"),
    }


def _deadline_seconds(assignment: Assignment) -> int:
    """When the grader ends by itself: well before the platform does, and well after a submission."""
    minutes = assignment.platform.timeout_minutes
    deadline = int(minutes * 60) - _PLATFORM_MARGIN
    most = deadline - _GRADER_MARGIN
    if assignment.limits.total_seconds > most:
        raise UsageError(
            f"no zip was made: a submission may run for {assignment.limits.total_seconds:g} s "
            f"(`limits: {{total_seconds: ...}}` in {assignment.settings_path}), and Gradescope ends "
            f"everything after {minutes:g} minutes, with 0 points. Allow at most {most} s, or choose "
            "a longer time-out on Gradescope and write it as `gradescope: {timeout_minutes: ...}`"
        )
    return deadline


def _results(assignment: Assignment, submission: Path, root: Path) -> dict[str, Any]:
    """Grade a folder's files by what was unpacked below the root, in a process of its own."""
    for name in assignment.submission:
        path = root / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((submission / name).read_bytes())
    results_path = root / "results" / "results.json"
    results_path.unlink(missing_ok=True)
    done = subprocess.run(
        _command(root),
        env={**os.environ, "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    results: dict[str, Any] = {}
    if results_path.is_file():
        results = json.loads(results_path.read_bytes())
    if "score" not in results:
        raise UsageError(
            "no zip was made: the reference could not be graded from it: "
            f"{done.stdout.strip()[-2000:]}"
        )
    return results


def _command(root: Path) -> list[str]:
    """What the platform runs; on a system without its shell, what that script runs."""
    if sys.platform == "linux":
        return ["/bin/sh", str(root / "run_autograder"), ANY_ISOLATION]
    start = str(root / "source" / "start.py")
    return [sys.executable, "-I", start, "grade", str(root), ANY_ISOLATION]
