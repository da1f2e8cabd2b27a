"""Proves, while the image is built, that the grader works in it and that its walls stand.

A fault fails the build, so no student meets it. See `gradescope/image/setup.sh`.
"""

from __future__ import annotations

import json
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from autograder.errors import AssignmentError, Place
from autograder.levels import level
from autograder.model import Inputs, Limits
from autograder.sandbox import Allowance, CaseRun, Code, LaunchError, Sandbox
from autograder.steps import Import, Program, Step


class Probe(NamedTuple):
    """Something that a student's process tries, as code; ROOT stands for the platform's folder."""

    what: str
    code: str
    stopped_by: tuple[str, ...]  # any of these walls; without walls: it must succeed


_FILES: Final = ("uid", "landlock")  # the walls that keep files from others
PROBES: Final = (
    Probe("compute with numpy", "assert (np.ones((2, 3)) @ np.ones(3)).sum() == 6", ()),
    Probe("use numpy's libraries", "np.linalg.inv(np.eye(3)); np.fft.fft(np.ones(8))", ()),
    Probe("draw random numbers", "np.random.default_rng(0).normal(size=3)", ()),
    Probe("import from the standard library", "import collections, decimal, statistics", ()),
    Probe("list the grader's files", "os.listdir('ROOT/source')", _FILES),
    Probe("read the settings", "open('ROOT/source/assignment/testcases/assignment.yaml')", _FILES),
    Probe("write results", "open('ROOT/results/results.json', 'a').write('x')", _FILES),
    Probe("read who handed in", "open('ROOT/submission_metadata.json').read(1)", _FILES),
    Probe("change the environment of Python", "open('ROOT/venv/x', 'w').close()", _FILES),
    Probe("be root again", "os.setuid(0)", ("uid",)),
    Probe("read a file of the system", "open('/etc/passwd').read(1)", ("landlock",)),
    Probe("open a socket", "import socket; socket.socket()", ("seccomp",)),
    Probe("start a process", "os.fork() or os._exit(0)", ("seccomp",)),
)
_PROBE: Final = """
def probe_{number}():
    try:
{code}
    except BaseException:
        return 0
    return 1
"""
_LIMITS: Final = Limits(call_seconds=60.0, memory_mb=512, output_kb=1)


def main(folder: str) -> int:
    """Verify the image in a folder laid out as /autograder; returns the exit status."""
    root = Path(folder)
    with Sandbox() as sandbox:
        faults = faults_of_walls(root, sandbox)
        print(f"verify: isolation {sandbox.level}")
        faults += _faults_of_files(root)
        faults += _faults_of_grading(root, sandbox)
    for fault in faults:
        print(f"verify: {fault}", file=sys.stderr)
    return 1 if faults else 0


def faults_of_walls(root: Path, sandbox: Sandbox) -> list[str]:
    """What a student's process can do and must not, and what it cannot do and must."""
    # Their names are known to all; the files are there while the probes run only.
    stand_ins = [root / "submission_metadata.json", root / "results" / "results.json"]
    created = [path for path in stand_ins if not path.exists()]
    for path in created:
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}")
    stand_ins[0].chmod(0o600)
    try:
        done = _try(PROBES, root, sandbox)
    except LaunchError as error:
        return [f"a student's code could not be run: {error}"]
    finally:
        for path in created:
            path.unlink()
    standing = sandbox.level
    faults = []
    if "uid" not in standing:
        faults.append(f"the isolation is only {standing}: a uid of its own is unavailable")
    for probe, could in zip(PROBES, done):
        if could and set(probe.stopped_by) & set(standing.split("+")):
            faults.append(f"a student's code can {probe.what}, and must not")
        elif not could and not probe.stopped_by:
            faults.append(f"a student's code cannot {probe.what}")
    return faults


def _try(probes: Sequence[Probe], root: Path, sandbox: Sandbox) -> list[bool]:
    code = Code({"probes.py": _source(probes, root)}, {"probes.py": "probes.py"})
    names = tuple(f"probe_{number}" for number, _ in enumerate(probes))
    imported = Import("import probes", "probes", (), alias="probes", file="probes.py")
    nowhere = Place(Path("probes.py"))
    steps = tuple(
        Step(f"{name} = probes.{name}()", nowhere, (), (), ("probes",), (name,), (name,))
        for name in names
    )
    run = CaseRun(Program((imported,), (), steps), Inputs({}), names)
    (batches,) = sandbox.run(code, [run], _LIMITS, Allowance(time.monotonic() + 120))
    results = batches[0].results
    return [results[name].value is not None and bool(results[name].value) for name in names]


def _source(probes: Sequence[Probe], root: Path) -> bytes:
    parts = ["import os\nimport numpy as np\n"]
    for number, probe in enumerate(probes):
        code = textwrap.indent(probe.code.replace("ROOT", str(root)), " " * 8)
        parts.append(_PROBE.format(number=number, code=code))
    return "".join(parts).encode()


def _faults_of_files(root: Path) -> list[str]:
    faults = []
    source = root / "source"
    if source.stat().st_mode & 0o077:
        faults.append(f"{source} is open to others; its mode must be 0700")
    try:
        json.loads((source / "not_graded.json").read_bytes())
        float((source / "deadline_seconds").read_text())
    except (OSError, ValueError) as error:
        faults.append(f"the zip was not unpacked whole: {error}")
    return faults


def _faults_of_grading(root: Path, sandbox: Sandbox) -> list[str]:
    from autograder.formats.assignment import load_assignment
    from autograder.judging.suite import Suite
    from autograder.pipeline import grade
    from autograder.sandbox import IsolationError

    try:
        assignment = load_assignment(root / "source" / "assignment")
        report = grade(assignment.folder / "reference", Suite(assignment), sandbox)
    except AssignmentError as error:
        return [str(error)]
    except IsolationError as error:
        return [f"{error}, and {level(assignment.require_isolation)} is required"]
    except LaunchError as error:
        return [f"the reference could not be run: {error}"]
    if report.points != report.max_points:
        failed = next(verdict for verdict in report.verdicts if not verdict.passed)
        return [
            f"the reference scores {report.points:g} of {report.max_points:g}; the first check "
            f"that fails is {failed.number} {failed.name}: {failed.text}"
        ]
    print(f"verify: the reference scores {report.points:g} of {report.max_points:g}")
    return []
