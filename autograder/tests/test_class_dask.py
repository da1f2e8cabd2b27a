"""A class graded by a Dask cluster: the same results, also if a worker is killed meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.tests import classes
from autograder.tests.classes import (
    NOT_DIVIDED,
    RAISES,
    RIGHT,
    hurried_assignment,
    run_class,
    write_files,
)
from autograder.tests.test_class_run import (
    ours,
    results_in,
    rows_without_times,
    start_class,
    stored,
    wait_for,
)

distributed = pytest.importorskip("distributed", reason="Dask is not installed")

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("PYTHONPATH", str(classes.REPOSITORY))
    make: Any = distributed.LocalCluster
    with make(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as made:
        yield made


@pytest.mark.slow
def test_a_cluster_gives_what_this_machine_gives(cluster: Any, tmp_path: Path) -> None:
    assignment = hurried_assignment(tmp_path / "assignment", "10_worked_example.yaml")
    sources = (RIGHT, RIGHT, NOT_DIVIDED, RAISES)
    files = {f"s{n:02}.py": f"# {n}\n{sources[n % len(sources)]}" for n in range(20)}
    folder, out = write_files(tmp_path / "class", files), tmp_path / "out"
    common = (folder, "--assignment", assignment)
    assert run_class(*common, "--out", tmp_path / "here", "--jobs", 2).returncode == 0

    process = start_class(*common, "--out", out, "--dask", cluster.scheduler_address)
    wait_for("some results", lambda: stored(out) >= 5 or process.poll() is not None)
    worker = next(iter(cluster.workers.values()))
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker.pid, signal.SIGKILL)
    assert process.wait(120) == 0
    assert results_in(out) == results_in(tmp_path / "here")
    assert rows_without_times(out) == rows_without_times(tmp_path / "here")
    deadline = time.monotonic() + 20
    while ours() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not ours()


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path) -> None:
    assignment = hurried_assignment(tmp_path / "assignment", "10_worked_example.yaml")
    folder = write_files(tmp_path / "class", {"ana.py": RIGHT})
    done = run_class(folder, "--assignment", assignment, "--dask", "nonsense://x")
    assert done.returncode == 2
    assert "nonsense" in done.stderr
    assert len(done.stderr.splitlines()) == 1
