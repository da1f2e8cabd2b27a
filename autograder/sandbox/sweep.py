"""Sweeping: after a worker, no process that it started and no file is left. Verified, not assumed.

A child subreaper inherits every orphan among its descendants, so whoever forks a daemon away from a
worker gives it to the process that sweeps.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_SECONDS: Final = 10.0


def adopt_orphans() -> None:
    """Become the parent of orphans among our descendants, where the system has that (Linux)."""
    if sys.platform == "linux":
        from autograder.sandbox.walls import kernel

        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def children() -> set[int]:
    """The processes whose parent we are, zombies among them."""
    if sys.platform != "linux":
        return set()
    own = str(os.getpid()).encode()
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                if file.read().rpartition(b")")[2].split()[1] == own:
                    found.add(int(name))
    return found


def sweep(kept: Collection[int] = (), uid: int = 0) -> bool:
    """Kill and reap all children but those kept, and what they leave us; False if some remain.

    With `uid`, everything that runs under it is killed first, at one blow.
    """
    deadline = time.monotonic() + _SECONDS
    while not _none_left(kept):
        if uid:
            _kill_all_of(uid)
        for child in children() - set(kept):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


def remove_folder(path: str) -> None:
    """Remove a worker's folder, whatever was put there."""
    try:
        os.rmdir(path)  # as nearly always nothing was
        return
    except OSError:
        import shutil
    with contextlib.suppress(RecursionError):  # folders within folders within folders
        shutil.rmtree(path, ignore_errors=True)
    if os.path.isdir(path) and os.name == "posix":
        import subprocess

        for command in (["chmod", "-R", "u+rwx", path], ["rm", "-rf", path]):
            subprocess.run(command, check=False, stderr=subprocess.DEVNULL)


def _none_left(kept: Collection[int]) -> bool:
    if kept:
        return children() <= set(kept)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True  # the kernel itself says that there is no child
    return False


def _kill_all_of(uid: int) -> None:
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)  # all that this uid may signal, which is its own
        finally:
            os._exit(0)
    os.waitpid(child, 0)
