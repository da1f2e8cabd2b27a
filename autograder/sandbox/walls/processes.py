"""The processes of this machine, as far as /proc shows them."""

from __future__ import annotations

import contextlib
import os
import signal


def pids() -> list[int]:
    """The numbers of all processes; none if the system has no /proc."""
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def owners() -> dict[int, int]:
    """The uid of each process, by its number."""
    found = {}
    for pid in pids():
        with contextlib.suppress(OSError):
            found[pid] = os.stat(f"/proc/{pid}").st_uid
    return found


def stat(pid: int | str) -> list[bytes]:
    """The fields of /proc/PID/stat from the third, the state, on; see proc(5). Raises OSError."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()


def kill(pid: int) -> None:
    """Kill a process if it is there and may be killed."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
