"""Sweeping: after a worker, no process that it started and no folder is left. Verified, not assumed.

A child subreaper inherits every orphan among its descendants, so whoever forks a daemon away from a
worker gives it to the process that sweeps.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Collection
from typing import Final

from autograder.sandbox.walls.processes import kill, pids, stat

_SECONDS: Final = 10.0
# As Python's tempfile does, the import of which costs more than a worker does.
_FOLDERS: Final = ("/tmp", "/var/tmp", "/usr/tmp", ".")  # noqa: S108 - with a name that is random


def adopt_orphans() -> None:
    """Become the parent of orphans among our descendants; only Linux has that."""
    if sys.platform == "linux":
        from autograder.sandbox.walls import kernel

        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def children() -> set[int]:
    """The processes whose parent we are, zombies among them; none if the system has no /proc."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except (ChildProcessError, AttributeError):
        return set()  # the kernel says so, far sooner than it shows all processes
    own, found = str(os.getpid()).encode(), set()
    for pid in pids():
        with contextlib.suppress(OSError):
            if stat(pid)[1] == own:
                found.add(pid)
    return found


def sweep(kept: Collection[int] = (), uid: int = 0) -> bool:
    """Kill and reap all children but those kept, and what they leave us; False if some remain.

    With `uid`, everything that runs under it is killed first, all at once.
    """
    deadline = time.monotonic() + _SECONDS
    while not _none_left(kept):
        if uid:
            _kill_all_of(uid)
        for child in children() - set(kept):
            kill(child)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


def new_folder(announce: Callable[[str], object]) -> str:
    """Make a folder for a worker where temporary ones belong. Raises OSError with all that was tried.

    Its path is announced before it is there, so that somebody can remove it if this process dies.
    """
    name, refusals = f"autograder-{os.urandom(12).hex()}", []
    chosen = (os.environ.get(variable) for variable in ("TMPDIR", "TEMP", "TMP"))
    for folder in (*filter(None, chosen), *_FOLDERS):
        path = os.path.join(os.path.abspath(folder), name)
        announce(path)
        try:
            os.mkdir(path, 0o700)
            return path
        except OSError as error:
            refusals.append(f"{folder}: {error.strerror}")
    tried = "; ".join(dict.fromkeys(refusals))
    what = f"no temporary folder can be made ({tried}); set TMPDIR to one with room"
    raise FileNotFoundError(errno.ENOENT, what)


def remove_folder(path: str) -> None:
    """Remove a worker's folder, whatever was put there."""
    with contextlib.suppress(OSError):
        os.rmdir(path)  # which nearly always is enough, because nothing was put there
    if os.path.islink(path):  # which was put there in its place
        os.unlink(path)
    if not os.path.isdir(path):
        return
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
