"""Measures a run of the zip as on Gradescope: wall time and peak memory at half a processor.

Run it as root on Linux with `python -m autograder.tests.measure_image [RUNS]` in the repository's
folder. It builds the zip, sets it up in a scratch folder mounted on /autograder, and grades the
reference there, in turn with importing numpy in the same environment.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from autograder.formats.assignment import load_assignment
from autograder.gradescope.platform_zip import gradescope_zip, lay_out
from autograder.tests.container import (
    CPUS,
    MEMORY_MB,
    limits,
    peak_memory_mb,
    reason_against,
    run_inside,
)

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    if reason := reason_against():
        sys.exit(f"not measured: {reason}")
    assignment = load_assignment(REPOSITORY)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        lay_out(gradescope_zip(assignment), root)
        shutil.copy(assignment.reference_paths[0], root / "submission")
        built = run_inside(root, ["/autograder/source/setup.sh"])
        print(f"setup.sh: {built.seconds:.1f} s, status {built.status}")
        commands = {
            'python -c "import numpy"': ["/autograder/venv/bin/python", "-c", "import numpy"],
            "run_autograder, reference": ["/autograder/run_autograder"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        memory: dict[str, list[float]] = {name: [] for name in commands}
        for count in range(runs + 1):  # the first of each is for the caches
            for name, command in commands.items():
                with limits() as groups:
                    if not groups:
                        sys.exit("not measured: this system lets us make no control groups")
                    done = run_inside(root, command, groups)
                    assert done.status == 0, done.output
                    peak = peak_memory_mb(groups)
                if count:
                    seconds[name].append(done.seconds)
                    memory[name].append(peak or float("nan"))
    print(f"{CPUS} CPU, {MEMORY_MB} MB; medians of {runs} runs, in turn")
    base = statistics.median(seconds['python -c "import numpy"'])
    for name in commands:
        median = statistics.median(seconds[name])
        peak = statistics.median(memory[name])
        print(f"{name:26} {median * 1000:5.0f} ms, ratio {median / base:.2f}, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
