"""Who a student's process is: a user that owns nothing, with no way back."""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
from collections.abc import Iterable
from typing import Final

from autograder.sandbox.walls import kernel
from autograder.sandbox.walls.policy import UIDS
from autograder.sandbox.walls.processes import owners

_CAP_DAC_READ_SEARCH: Final = 2
_CLONE_NEWIPC: Final = 0x08000000
_CLAIMS: Final[dict[int, socket.socket]] = {}  # by uid, those of this process


def unused_uid() -> int:
    """A uid without account or process, which is ours until `release_uid`; 0 if there is none.

    No other grader of this machine takes it as long as this process lives, or one forked from it.
    """
    if os.getresuid() != (0, 0, 0):
        return 0
    running = set(owners().values())
    start = int.from_bytes(os.urandom(4), "little")
    for number in range(start, start + len(UIDS)):
        uid = UIDS[number % len(UIDS)]
        if uid not in running and not _has_account(uid) and _claim(uid):
            if _can_become(uid):
                return uid
            release_uid(uid)
            break
    return 0


def release_uid(uid: int) -> None:
    """Let others have a uid of `unused_uid`, once none of our processes has it."""
    if uid in _CLAIMS:
        _CLAIMS.pop(uid).close()


def _has_account(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


def _claim(uid: int) -> bool:
    # An abstract address: the kernel gives it to one only, and frees it once nobody holds it.
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0autograder-uid-{uid}")
    except OSError:
        claim.close()
        return False
    _CLAIMS[uid] = claim
    return True


def _can_become(uid: int) -> bool:
    """Whether the change is allowed; root in a container may lack the capability, or the uid.

    Tried here, with a way back, and not in a child: after a fork every page that is written to costs
    a fault, of this process too.
    """
    before = os.getegid()
    try:
        os.setgroups(os.getgroups())
        os.setresgid(-1, uid, -1)
        os.setresuid(-1, uid, -1)
        return True
    except OSError:
        return False
    finally:
        os.setresuid(-1, 0, -1)
        os.setresgid(-1, before, -1)


def _change_to(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


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


def become(uid: int, folder: str, *, keep_reading: bool) -> bool:
    """Be another user, for good, and the owner of the folder. Raises OSError."""
    with contextlib.suppress(OSError):  # without CAP_CHOWN it is a folder that it cannot list
        os.chown(folder, uid, uid)
    with contextlib.suppress(OSError):  # System V objects of its own, gone with the process
        kernel.unshare(_CLONE_NEWIPC)
    if keep_reading:
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    _change_to(uid)
    drop_capabilities(keep_reading=keep_reading)
    return True


def drop_capabilities(*, keep_reading: bool) -> None:
    """Give up every capability, but for that of reading if it is to be kept and is there."""
    kept = 1 << _CAP_DAC_READ_SEARCH if keep_reading else 0
    try:
        kernel.capset(kept)
    except PermissionError:
        kernel.capset(0)


def keep_memory_private() -> None:
    """Close /proc/PID/{mem,environ,maps,fd} and ptrace to other processes of the same user."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
