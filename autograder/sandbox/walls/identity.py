"""Who a student's process is: a user that owns nothing, with no way back."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from typing import TYPE_CHECKING, Final

from autograder.sandbox.walls import kernel
from autograder.sandbox.walls.policy import UIDS

if TYPE_CHECKING:
    from collections.abc import Iterable

_CAPSET: Final = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3: Final = 0x20080522
_CAP_DAC_READ_SEARCH: Final = 2
_CLONE_NEWIPC: Final = 0x08000000
_UNSHARE: Final = {"x86_64": 272, "aarch64": 97}


def unused_uid() -> int:
    """A uid without account or process; 0 where this process may not change its own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return 0
    import pwd

    running = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                running.add(os.stat(f"/proc/{name}").st_uid)
    for _ in range(100):
        uid = UIDS[int.from_bytes(os.urandom(4), "little") % len(UIDS)]
        if uid in running:
            continue
        try:
            pwd.getpwuid(uid)
        except KeyError:
            return uid
    return 0


def is_reachable(paths: Iterable[str]) -> bool:
    """Whether any user may go down to each of the paths that exist, and read what is there."""
    for path in filter(os.path.exists, paths):
        path = os.path.realpath(path)
        needed = 0o005 if os.path.isdir(path) else 0o004
        while True:
            if os.stat(path).st_mode & needed != needed:
                return False
            if path == os.path.dirname(path):
                break
            path, needed = os.path.dirname(path), 0o001
    return True


def become(uid: int, *, keep_reading: bool) -> None:
    """Be another user, for good. Raises OSError."""
    with contextlib.suppress(OSError):  # System V objects of its own, gone with the process
        kernel.syscall(_UNSHARE[os.uname().machine], _CLONE_NEWIPC)
    if keep_reading:
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    drop_capabilities(keep_reading=keep_reading)


def drop_capabilities(*, keep_reading: bool) -> None:
    """Give up every capability, but for that of reading where the interpreter needs it."""
    number = _CAPSET.get(os.uname().machine)
    if sys.platform != "linux" or number is None:
        return
    kept = 1 << _CAP_DAC_READ_SEARCH if keep_reading else 0
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    for held in (kept, 0):  # where it is not there to be kept, none is
        sets = (ctypes.c_uint32 * 6)(held, held, 0, 0, 0, 0)
        with contextlib.suppress(OSError):
            kernel.syscall(number, header, sets)
            return


def forgo_privileges() -> None:
    """Gain nothing by running other programs, and keep others of the same user out of our memory."""
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        keep_memory_private()


def keep_memory_private() -> None:
    """Close /proc/PID/{mem,environ,maps,fd} and ptrace to other processes of the same user."""
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
