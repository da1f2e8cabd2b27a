"""Measures what grading costs: whole processes, in turn, against importing numpy in the same round.

Run `python -m autograder.tests.benchmark [--runs N]` in the repository's folder; with `--growth`, how
the cost grows with an assignment. What a class costs, class_benchmark.py measures.

Wall time is as a clock shows it; processor time is that of the process and of all that it started, as
a POSIX system accounts for it. Quote medians and ratios: both commands of a ratio ran in the same round.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from autograder.formats.assignment import load_assignment
from autograder.judging.storing import store_mistakes
from autograder.judging.suite import Suite

REPOSITORY: Final = Path(__file__).resolve().parents[2]
FLOOR: Final = "import numpy, one thread"
PEER: Final = "gradescope-utils in one process"
# The grader has numpy's libraries use one thread; the floor is measured likewise.
_THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
NOT_DIVIDED: Final = """
import numpy as np

class CrossEntropyLoss:
    def forward(self, A, Y):
        E = np.exp(A - A.max(axis=1, keepdims=True))
        self.P, self.Y = E / E.sum(axis=1, keepdims=True), Y
        return -np.sum(Y * np.log(self.P)) / len(A)

    def backward(self):
        return self.P - self.Y
"""


class Cost(NamedTuple):
    """What one run of a command cost, in seconds."""

    wall: float
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="of each command (default: 15)")
    parser.add_argument("--growth", action="store_true", help="how the cost grows")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/caches"
        if options.growth:
            from autograder.tests.benchmark_growth import print_growth

            print_growth(Path(folder), options.runs)
        else:
            _print_costs(Path(folder), options.runs)


def measure(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, list[Cost]]:
    """The costs of commands, which run in turn; once before, unmeasured, for caches of all kinds."""
    for words in commands.values():
        _run(words)
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, words in commands.items():
            costs[name].append(_run(words))
    return costs


def setting(runs: int) -> str:
    """What a table was measured with."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"n = {runs}, Python {sys.version.split()[0]}, numpy {np.__version__}, "
        f"{os.cpu_count()} processors{load}"
    )


def _print_costs(folder: Path, runs: int) -> None:
    commands = _commands(folder)
    before = setting(runs)
    costs = measure(commands, runs)
    print(f"{before}, at the end {setting(runs).rpartition(' ')[2]}")
    print(f"{'':34} {'wall':>7} {'cpu':>7}   {'cpu against':>12}")
    print(f"{'':34} {'ms':>7} {'ms':>7}   {'numpy':>7} {'peer':>7}")
    for name, found in costs.items():
        wall, cpu = (1000 * statistics.median(times) for times in zip(*found))
        against = [_ratio(found, costs[other]) for other in (FLOOR, PEER)]
        print(f"{name:34} {wall:7.0f} {cpu:7.0f}   {against[0]:7.2f} {against[1]:7.2f}")


def _commands(folder: Path) -> dict[str, list[str]]:
    zipped = _as_in_the_zip(folder)
    wrong = folder / "loss.py"
    wrong.write_text(NOT_DIVIDED, encoding="utf-8")
    results = str(folder / "results.json")
    grade = ["-m", "autograder", "grade"]
    right = [*grade, "reference/loss.py"]
    beside = ["--results", results]
    in_zip = ["--assignment", str(zipped)]
    return {
        FLOOR: ["-c", "import numpy"],
        PEER: ["-m", "autograder.tests.benchmark_peer", "reference/loss.py", results],
        "right, on the terminal": right,
        "right, with results.json": [*right, *beside],
        "right, as on the platform": [*right, *beside, *in_zip],
        "wrong, as on the platform": [*grade, str(wrong), *beside, *in_zip],
        "wrong, in the repository": [*grade, str(wrong), *beside],
        "wrong, in the repository, no cache": [*grade, str(wrong), *beside, "--no-cache"],
    }


def _as_in_the_zip(folder: Path) -> Path:
    """The assignment with what its known mistakes do worked out, as on the platform."""
    copy = folder / "assignment"
    for part in ("testcases", "reference"):
        shutil.copytree(REPOSITORY / part, copy / part, ignore=shutil.ignore_patterns("__*"))
    assignment = load_assignment(copy)
    assignment.answers_path.write_bytes(store_mistakes(Suite(assignment)))
    return copy


def _ratio(costs: Sequence[Cost], others: Sequence[Cost]) -> float:
    """The median over the rounds of how much more processor time one command took than another."""
    return statistics.median(one.cpu / other.cpu for one, other in zip(costs, others))


def _run(words: Sequence[str]) -> Cost:
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # it would have everything compiled each time
    begun, start = time.perf_counter(), _children()
    done = subprocess.run(
        [sys.executable, *words],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with exit status {done.returncode}")
    return Cost(time.perf_counter() - begun, _children() - start)


def _children() -> float:
    """The processor time of all processes that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
