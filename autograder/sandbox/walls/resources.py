"""Limits on memory, processor time, files and processes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Final

from autograder.sandbox.walls.policy import OOM_SCORE, OPEN_FILES, PROCESSES
from autograder.sandbox.walls.processes import owners

_USUAL_BYTES: Final = 192 * 2**20  # of address space: numpy's and the grader's, and some to spare


def be_first_to_go() -> None:
    """Be what the kernel ends when memory runs out, with all that is forked from here.

    To be called while memory is not private: a private process may not set this without being root.
    """
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(OOM_SCORE))


def limit_resources(limits: Mapping[str, float], *, own_uid: bool) -> None:
    """Set every limit that the system has."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        "RLIMIT_AS": int(limits["memory_mb"]) * 2**20 + _inherited_bytes(),
        "RLIMIT_CPU": int(limits["cpu_seconds"]),
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": OPEN_FILES,
        # Counted for all processes of a user: for one of its own from 0.
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


def _inherited_bytes() -> int:
    """What a large grader, such as pytest with many plugins, leaves in our address space.

    It is nothing that the student's code may use, and must not count as used by it.
    """
    try:
        with open("/proc/self/statm") as file:
            size = int(file.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0
    return max(0, size - _USUAL_BYTES)


def _threads_of_this_user() -> int:
    """How many threads the user runs; a large number if that is unknown."""
    own, threads = os.getuid(), 0
    for pid, uid in owners().items():
        if uid == own:
            with contextlib.suppress(OSError):
                threads += len(os.listdir(f"/proc/{pid}/task"))
    return threads or 10_000
