"""Limits on memory, processor time, files and processes."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from autograder.sandbox.walls.policy import OOM_SCORE, OPEN_FILES, PROCESSES

if TYPE_CHECKING:
    from collections.abc import Mapping


def limit_resources(limits: Mapping[str, int], *, own_uid: bool) -> None:
    """Set every limit that the system has."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(OOM_SCORE))
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        "RLIMIT_AS": limits["memory_mb"] * 2**20,
        "RLIMIT_CPU": limits["cpu_seconds"],
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": OPEN_FILES,
        # Counted for all processes of a user: for an own one from 0.
        "RLIMIT_NPROC": PROCESSES + (0 if own_uid else _threads_of_this_user()),
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, limit in wanted.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):  # not every system has each
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))


def _threads_of_this_user() -> int:
    """How many threads the user runs; a large number where that cannot be told."""
    uid = os.getuid()
    threads = 0
    try:
        for name in os.listdir("/proc"):
            if name.isdigit():
                with contextlib.suppress(OSError):
                    if os.stat(f"/proc/{name}").st_uid == uid:
                        threads += len(os.listdir(f"/proc/{name}/task"))
    except OSError:
        return 10_000
    return threads
