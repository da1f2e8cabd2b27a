"""Measures what isolation costs: raising the walls, and a worker from its fork to its verified end.

Run it on Linux, best as root: `python -m autograder.tests.measure_walls` in the repository's folder.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time

from autograder.levels import WALLS, level
from autograder.sandbox import Sandbox
from autograder.sandbox.walls import raise_walls, seccomp  # noqa: F401 - as warm processes
from autograder.sandbox.walls.identity import unused_uid

_RUNS = 50


def main() -> None:
    for walls in (WALLS, ()):
        print(f"{level(walls)}: raising the walls {_cost_of_walls(walls):.1f} ms, ", end="")
        print(f"a worker from fork to verified end {_cost_of_a_worker(walls):.1f} ms")


def _cost_of_a_worker(walls: tuple[str, ...]) -> float:
    """The median time in ms in which a worker is forked, walled in, killed and swept up after."""
    times = []
    with Sandbox(walls=walls) as sandbox:
        for _ in range(_RUNS):
            sandbox._raised = None  # so that the level is found anew, by a worker without code
            start = time.perf_counter()
            assert sandbox.level
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def _cost_of_walls(walls: tuple[str, ...]) -> float:
    """The median time in ms that it takes to raise walls, in forked processes."""
    uid = unused_uid() if "uid" in walls else 0
    limits = {"memory_mb": 512, "cpu_seconds": 10}
    times = []
    for _ in range(_RUNS):
        with tempfile.TemporaryDirectory() as folder:
            end, start_end = os.pipe()
            pid = os.fork()
            if pid == 0:
                start = time.perf_counter()
                raise_walls(walls, uid, limits, folder)
                os.write(start_end, str(time.perf_counter() - start).encode())
                os._exit(0)
            times.append(float(os.read(end, 100)))
            os.waitpid(pid, 0)
            os.close(end)
            os.close(start_end)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
