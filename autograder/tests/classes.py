"""Makes classes to grade: exports as Gradescope writes them, submissions, an assignment in a hurry."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]
RIGHT = (REPOSITORY / "reference" / "loss.py").read_text(encoding="utf-8")
NOT_DIVIDED = RIGHT + (
    "\n\nclass _Right(CrossEntropyLoss):\n    pass\n\n\n"
    "class CrossEntropyLoss(_Right):\n"
    "    def forward(self, A, Y):\n"
    "        self.n = len(A)\n"
    "        return super().forward(A, Y)\n\n"
    "    def backward(self):\n"
    "        return super().backward() * self.n\n"
)
RAISES = (
    "class CrossEntropyLoss:\n    def forward(self, A, Y):\n        raise ValueError('no idea')\n"
)
ABORTS = (
    "import os\n\n\nclass CrossEntropyLoss:\n    def forward(self, A, Y):\n        os.abort()\n"
)
HANGS = (  # and takes no processor time
    "import time\n\n\n"
    "class CrossEntropyLoss:\n    def forward(self, A, Y):\n        time.sleep(600)\n"
)
NOT_PYTHON = "class CrossEntropyLoss\n"


def hurried_assignment(folder: Path, *case_files: str) -> Path:
    """The cross-entropy assignment with half a second for a call; of the case files, those named."""
    for part in ("testcases", "reference", "handout"):
        shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__*"))
    settings = folder / "testcases" / "assignment.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "call_seconds: 5," in text
    # With time enough for examples, so that texts are the same on a busy machine.
    text = text.replace("call_seconds: 5,", "call_seconds: 0.5, example_seconds: 30,")
    if case_files:
        lines = text.splitlines(keepends=True)
        text = "".join(line for line in lines if not line.startswith("points:"))
        for path in (folder / "testcases").glob("*.yaml"):
            if path.name not in (*case_files, "assignment.yaml"):
                path.unlink()
    settings.write_text(text, encoding="utf-8")
    return folder


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def listing_entry(name: str, *people: tuple[str, str, str], rest: str = "") -> str:
    """An entry of submission_metadata.yml; people are name, SID and email."""
    lines = [f"{name}:", "  :submitters:" + ("" if people else " []")]
    for who, sid, email in people:
        lines += [f"  - :name: {who}", f"    :sid: {sid}", f"    :email: {email}"]
    lines += [
        "  :created_at: 2023-12-02 02:52:07.938335000 Z",
        rest or "  :score: 0.0\n  :status: processed",
    ]
    return "\n".join(lines) + "\n"


def write_export(folder: Path, listing: str | bytes, files: Mapping[str, str | bytes]) -> Path:
    return write_files(folder, {"submission_metadata.yml": listing, **files})


def zipped(folder: Path, path: Path) -> Path:
    """A zip of a folder, the folder's name included."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(folder.rglob("*")):
            archive.write(each, f"{folder.name}/{each.relative_to(folder).as_posix()}")
    return path


def class_command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "autograder", "class", *map(str, arguments)]


def class_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1"}


def run_class(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs `autograder class ...` in this process; its graders are processes all the same."""
    out, err = io.StringIO(), io.StringIO()
    command = ["class", *map(str, arguments)]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(command)
    return subprocess.CompletedProcess(command, status, out.getvalue(), err.getvalue())


def read_table(out: Path) -> list[dict[str, str]]:
    data = (out / "grades.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def processes_with(text: str) -> list[int]:
    """Processes with a text in their command line."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                command = Path(f"/proc/{name}/cmdline").read_bytes()
            except OSError:
                continue
            if text.encode() in command:
                found.append(int(name))
    return found
