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
_CAPABILITY_VERSION_3: Final = 0x20080522

_libc: Any = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
# Written out, as ctypes takes a plain int for 32 bits, and the kernel looks at all 64.
_libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


def prctl(option: int, first: int = 0, second: int = 0) -> None:
    """Call prctl(2). Raises OSError."""
    _checked(_libc.prctl(option, first, second, 0, 0))


def unshare(flags: int) -> None:
    """Call unshare(2), which Python has from 3.12 on. Raises OSError."""
    _checked(_libc.unshare(flags))


def capset(capabilities: int) -> None:
    """Have these capabilities, permitted and in effect, and no others. Raises OSError."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = capabilities & 0xFFFFFFFF, capabilities >> 32
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    _checked(_libc.capset(header, sets))


def syscall(number: int, *arguments: Any) -> int:
    """Make a system call; integers are passed as 64 bits. Raises OSError."""
    passed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *passed))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
