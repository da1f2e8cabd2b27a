"""The few system calls that Python does not offer, through ctypes."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Final

PR_SET_DUMPABLE: Final = 4
PR_SET_KEEPCAPS: Final = 8
PR_SET_SECCOMP: Final = 22
PR_SET_CHILD_SUBREAPER: Final = 36
PR_SET_NO_NEW_PRIVS: Final = 38

_libc: Any = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
# Written out, as ctypes takes a plain int for 32 bits, and the kernel looks at all 64.
_libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


def prctl(option: int, first: int = 0, second: int = 0) -> None:
    """Call prctl(2). Raises OSError."""
    if _libc.prctl(option, first, second, 0, 0) != 0:
        _raise()


def syscall(number: int, *arguments: Any) -> int:
    """Make a system call; integers are passed as 64 bits. Raises OSError."""
    passed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result: int = _libc.syscall(ctypes.c_long(number), *passed)
    if result < 0:
        _raise()
    return result


def _raise() -> None:
    error = ctypes.get_errno()
    raise OSError(error, os.strerror(error))
