"""The walls around a student's process, raised between its birth and its first line of code.

Three of them have names and make up the level of isolation; `table` says how each is raised. The rest
(limits, a clean environment, no capabilities, no new privileges) is raised wherever the system has it.
An unavailable wall lowers the level, and nothing else.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Collection, Mapping

from autograder.sandbox.walls import policy
from autograder.sandbox.walls.processes import owners, stat


def raise_walls(
    walls: Collection[str], uid: int, limits: Mapping[str, float], folder: str
) -> list[str]:
    """Raise these walls around this process as far as they are available; returns those that stand.

    `uid` is the one to change to, 0 for none; `folder` becomes the working folder. By then
    `clean_environment` has been called, here or in the process that this one was forked from.
    """
    os.umask(0o077)
    _limit_resources(limits, own_uid=uid != 0)
    os.chdir(folder)
    if sys.platform != "linux":
        return []
    from autograder.sandbox.walls import table  # there is nothing in it for other systems

    return table.raise_all(walls, uid, folder)


def clean_environment() -> None:
    """Forget all variables, and all packages but the standard library and numpy."""
    os.environ.clear()
    os.environ.update(policy.ENVIRONMENT)
    library = os.path.dirname(os.__file__)
    dynamic = os.path.join(library, "lib-dynload"), os.path.join(sys.base_prefix, "DLLs")
    sys.path[:] = [path for path in sys.path if path in (library, *dynamic)]
    # The finders of the interpreter only: an installed package may have added one of its own.
    own = [f for f in sys.meta_path if getattr(f, "__module__", "").startswith("_frozen")]
    sys.meta_path[:] = own
    kept = {*sys.stdlib_module_names, *policy.PACKAGES, "__main__", "autograder"}
    for name in list(sys.modules):
        if name.partition(".")[0] not in kept:
            del sys.modules[name]


def wipe_variables() -> None:
    """Overwrite the environment's variables in memory; a token in one may be worth stealing.

    The kernel's copy lies where the process began, and Python has copied it; clearing a dictionary
    leaves both where they are.
    """
    for value in list(getattr(os.environ, "_data", {}).values()):
        if isinstance(value, bytes) and len(value) > 1:  # single characters are shared
            ctypes.memset(id(value) + bytes.__basicsize__ - 1, 0, len(value))
    os.environ.clear()
    with contextlib.suppress(OSError):
        start, end = map(int, stat("self")[47:49])  # env_start and env_end
        if 0 < start < end:
            ctypes.memset(start, 0, end - start)


def be_first_to_go() -> None:
    """Be what the kernel ends when memory runs out, with all that is forked from here.

    To be called while memory is not private: a private process may not set this without being root.
    """
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(policy.OOM_SCORE))


def _limit_resources(limits: Mapping[str, float], *, own_uid: bool) -> None:
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
        "RLIMIT_NOFILE": policy.OPEN_FILES,
        # Counted for all processes of a user: for one of its own from 0.
        "RLIMIT_NPROC": policy.PROCESSES + (0 if own_uid else _threads_of_this_user()),
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
    return max(0, size - policy.USUAL_BYTES)


def _threads_of_this_user() -> int:
    """How many threads the user runs; a large number if that is unknown."""
    own, threads = os.getuid(), 0
    for pid, uid in owners().items():
        if uid == own:
            with contextlib.suppress(OSError):
                threads += len(os.listdir(f"/proc/{pid}/task"))
    return threads or 10_000
