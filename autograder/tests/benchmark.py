"""Measures what grading costs against importing numpy: alternating runs, medians and ratios.

Run it with `python -m autograder.tests.benchmark [RUNS]` in the repository's folder.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.formats.assignment import load_assignment
from autograder.judging.stored import freeze_mistakes

REPOSITORY = Path(__file__).resolve().parents[2]
NOT_DIVIDED = """
import numpy as np

class CrossEntropyLoss:
    def forward(self, A, Y):
        E = np.exp(A - A.max(axis=1, keepdims=True))
        self.P, self.Y = E / E.sum(axis=1, keepdims=True), Y
        return -np.sum(Y * np.log(self.P)) / len(A)

    def backward(self):
        return self.P - self.Y
"""


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        platform = _as_in_the_zip(Path(folder))
        wrong = Path(folder) / "loss.py"
        wrong.write_text(NOT_DIVIDED, encoding="utf-8")
        grade = ["-m", "autograder", "grade"]
        right = [*grade, "reference/loss.py"]
        commands = {
            'python -c "import numpy"': ["-c", "import numpy"],
            "grade, on the terminal": right,
            "grade, with results.json": [*right, "--results", f"{folder}/results.json"],
            "a wrong one, with hints": [*grade, str(wrong)],
            "the same as in the zip": [*grade, str(wrong), "--assignment", str(platform)],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for command in commands.values():  # once unmeasured, for caches and compiled modules
            _run(command)
        for _ in range(runs):
            for name, command in commands.items():
                seconds[name].append(_run(command))
    base = statistics.median(seconds['python -c "import numpy"'])
    for name, times in seconds.items():
        median = statistics.median(times)
        print(f"{name:26} median {median * 1000:6.0f} ms, ratio {median / base:.2f}")


def _as_in_the_zip(folder: Path) -> Path:
    """The assignment with what its known mistakes do worked out, as on the platform."""
    copy = folder / "assignment"
    for part in ("testcases", "reference"):
        shutil.copytree(REPOSITORY / part, copy / part, ignore=shutil.ignore_patterns("__*"))
    assignment = load_assignment(copy)
    assignment.answers_path.write_bytes(freeze_mistakes(assignment))
    return copy


def _run(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *command],
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
