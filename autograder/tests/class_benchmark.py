"""Measures what grading a class costs: against importing numpy, with one job and two, and resumed.

Run it with `python -m autograder.tests.class_benchmark [SUBMISSIONS ...]` in the repository's folder, on
an idle machine.
"""

from __future__ import annotations

import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.tests.classes import (
    NOT_DIVIDED,
    RAISES,
    REPOSITORY,
    RIGHT,
    class_command,
    class_environment,
    write_files,
)

KINDS = {"right": RIGHT, "mistaken": NOT_DIVIDED, "raising": RAISES}
_FEW, _EACH = 10, 40


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [100, 1000]
    imports = [_seconds([sys.executable, "-c", "import numpy"]) for _ in range(20)]
    base, base_cpu = map(statistics.median, zip(*imports))
    print(f'python -c "import numpy": {base * 1000:.0f} ms, {base_cpu * 1000:.0f} ms of processors')
    with tempfile.TemporaryDirectory() as name:
        for kind, source in KINDS.items():
            few = write_files(Path(name) / f"few-{kind}", _files(_FEW, [source]))
            folder = write_files(Path(name) / kind, _files(_FEW + _EACH, [source]))
            _, _, start = _run(few, 1)
            _, _, cpu = _run(folder, 1)
            each, cpu = statistics.median(_column(folder, 1, "Seconds")), (cpu - start) / _EACH
            print(
                f"{kind}: median {each * 1000:.0f} ms a submission, ratio {each / base:.2f}; "
                f"{cpu * 1000:.0f} ms of processors, ratio {cpu / base_cpu:.2f}"
            )
        for size in sizes:
            folder = write_files(Path(name) / f"class{size}", _files(size, list(KINDS.values())))
            for jobs in (1, 2):
                _show(folder, size, jobs)


def _show(folder: Path, size: int, jobs: int) -> None:
    seconds, memory, _ = _run(folder, jobs)
    slow = statistics.quantiles(_column(folder, jobs, "Seconds"), n=10)[-1]
    resumed, _, cpu = _run(folder, jobs)
    print(
        f"{size} submissions, {jobs} jobs: {size / seconds:.1f} a second, the slowest tenth from "
        f"{slow * 1000:.0f} ms; resumed {resumed / size * 1000:.2f} ms each, {cpu / size * 1000:.2f} of "
        f"processors; MiB of parent and graders after 100: {memory[0]}, after all: {memory[1]}, "
        f"with the page: {memory[2]}"
    )


def _files(count: int, sources: list[str]) -> dict[str, str | bytes]:
    """Submissions of which none is the same as another; most of them are right."""
    most = [*sources[:1] * 6, *sources[1:] * 2]
    return {f"s{n}/loss.py": f"# {n}\n{most[n % len(most)]}" for n in range(count)}


def _run(folder: Path, jobs: int) -> tuple[float, list[list[int]], float]:
    """Wall time, memory after 100, after all and at the end, and the processors' time of a run."""
    out = folder.parent / f"{folder.name}-out{jobs}"
    size = len(os.listdir(folder))
    command = class_command(folder, "--assignment", REPOSITORY, "--out", out, "--jobs", jobs)
    start, cpu = time.perf_counter(), _cpu()
    process = subprocess.Popen(
        command, env=class_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    memory: list[list[int]] = [[], [], []]
    while process.poll() is None:
        seen = _memory(process.pid)
        stored = len(os.listdir(out / "results")) if (out / "results").is_dir() else 0
        if seen and min(seen) > 10:  # else some are at their end
            memory[2] = seen
            if stored < size:
                memory[1] = seen
            if stored >= 100 and not memory[0]:
                memory[0] = seen
        time.sleep(0.02)
    assert process.returncode == 0
    return time.perf_counter() - start, memory, _cpu() - cpu


def _memory(parent: int) -> list[int]:
    """Resident memory in MiB of a run's parent and its graders."""
    found = []
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for pid in (parent, *children):
            fields = Path(f"/proc/{pid}/statm").read_text().split()
            found.append(int(fields[1]) * os.sysconf("SC_PAGE_SIZE") >> 20)
    except OSError:
        return []
    return found


def _column(folder: Path, jobs: int, name: str) -> list[float]:
    path = folder.parent / f"{folder.name}-out{jobs}" / "grades.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [float(row[name]) for row in csv.DictReader(file)]


def _seconds(command: list[str]) -> tuple[float, float]:
    """Wall and processors' time of a command."""
    start, cpu = time.perf_counter(), _cpu()
    subprocess.run(command, check=True)
    return time.perf_counter() - start, _cpu() - cpu


def _cpu() -> float:
    """The processors' time of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
