"""Measures what grading costs against importing numpy: alternating runs, medians and ratios.

Run it with `python -m autograder.tests.benchmark [RUNS]` in the repository's folder.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        grade = ["-m", "autograder", "grade", "reference/loss.py"]
        commands = {
            'python -c "import numpy"': ["-c", "import numpy"],
            "grade, on the terminal": grade,
            "grade, with results.json": [*grade, "--results", f"{folder}/results.json"],
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
