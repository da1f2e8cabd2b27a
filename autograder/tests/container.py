"""A folder laid out as Gradescope's /autograder, and its scripts run as the platform runs them.

As root on Linux the folder is mounted on /autograder itself, for these processes only; and a control
group of the kernel's first or second version holds them to the platform's processor and memory.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

CPUS: Final = 0.5
MEMORY_MB: Final = 768
_GROUPS: Final = Path("/sys/fs/cgroup")
_PERIOD: Final = 100_000  # microseconds
_MOUNT: Final = 'mount --bind "$0" /autograder && cd /autograder && exec "$@"'
_JOIN: Final = 'for group in $0; do echo $$ >"$group/cgroup.procs" || exit 97; done; exec "$@"'


class Run(NamedTuple):
    """What a command did."""

    status: int
    output: str
    seconds: float


def reason_against() -> str:
    """Why this machine cannot stand in for the platform; empty where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux, as on the platform"
    probe = ["unshare", "--mount", "true"]
    try:
        done = subprocess.run(probe, capture_output=True, text=True, check=False)
    except OSError as error:
        return f"needs unshare: {error}"
    return "" if done.returncode == 0 else f"needs mount namespaces: {done.stderr.strip()}"


def run_inside(
    root: Path, command: list[str], groups: tuple[Path, ...] = (), timeout: float = 300
) -> Run:
    """Run a command with the root mounted on /autograder and as its working folder."""
    whole = ["unshare", "--mount", "--propagation", "private"]
    whole += ["/bin/sh", "-c", _MOUNT, str(root), *command]
    if groups:
        whole = ["/bin/sh", "-c", _JOIN, " ".join(map(str, groups)), *whole]
    mount_point = Path("/autograder")
    created = not mount_point.exists()
    mount_point.mkdir(exist_ok=True)
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("AUTOGRADER", "PYTHON"))
    }
    start = time.perf_counter()
    try:
        done = subprocess.run(
            whole,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    finally:
        if created:
            mount_point.rmdir()
    return Run(done.returncode, done.stdout, time.perf_counter() - start)


@contextlib.contextmanager
def limits(cpus: float = CPUS, memory_mb: int = MEMORY_MB) -> Iterator[tuple[Path, ...]]:
    """Control groups with these limits; none where the system does not let us make them."""
    name = f"autograder-test-{os.getpid()}"
    groups: list[Path] = []
    try:
        with contextlib.suppress(OSError):
            for settings in _settings(name, cpus, memory_mb):
                for path, value in settings.items():
                    if path.parent not in groups:
                        path.parent.mkdir()
                        groups.append(path.parent)
                    path.write_text(value)
        yield tuple(groups)
    finally:
        for group in groups:
            _remove(group)


def peak_memory_mb(groups: tuple[Path, ...]) -> float | None:
    """The most memory that the groups' processes held at a time, caches of files included."""
    for group in groups:
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            with contextlib.suppress(OSError, ValueError):
                return int((group / name).read_text()) / 2**20
    return None


def _settings(name: str, cpus: float, memory_mb: int) -> list[dict[Path, str]]:
    quota, memory = str(int(cpus * _PERIOD)), str(memory_mb * 2**20)
    if (_GROUPS / "cgroup.controllers").exists():
        group = _GROUPS / name
        return [{group / "cpu.max": f"{quota} {_PERIOD}", group / "memory.max": memory}]
    cpu, limit = _GROUPS / "cpu" / name, _GROUPS / "memory" / name
    return [
        {cpu / "cpu.cfs_period_us": str(_PERIOD), cpu / "cpu.cfs_quota_us": quota},
        {limit / "memory.limit_in_bytes": memory},
    ]


def _remove(group: Path) -> None:
    for _ in range(50):  # the last process may still be on its way out
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.1)
        else:
            return
