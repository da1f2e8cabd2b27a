"""Seccomp: system calls that no numpy exercise needs are refused.

A filter in classic BPF, built from the policy's tables; see seccomp(2). It refuses with an error
instead of killing, so that what is refused becomes an ordinary OSError in the student's report.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from typing import Final

from autograder.sandbox.walls import kernel, policy

_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_KILL_PROCESS: Final = 0x80000000
_ERRNO: Final = 0x00050000

# The audit numbers of the architectures, and their columns in the policy's tables.
_ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_CLONE_THREAD: Final = 0x00010000

# Offsets in struct seccomp_data; of an argument the low half, on little-endian machines.
_NUMBER: Final = 0
_ARCHITECTURE: Final = 4
_FIRST_ARGUMENT: Final = 16
_ARGUMENT_SIZE: Final = 8

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_RETURN: Final = 0x06  # BPF_RET | BPF_K
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_GREATER: Final = 0x25  # BPF_JMP | BPF_JGT | BPF_K
_ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K


def is_known() -> bool:
    """Whether the tables have the system calls of this machine."""
    return os.uname().machine in _ARCHITECTURES


def restrict() -> bool:
    """Install the filter for good; False if the system has none."""
    program = _program(*_ARCHITECTURES[os.uname().machine], os.getpid())
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a length, padding, and a pointer.
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    buffer = ctypes.create_string_buffer(header, len(header))
    try:
        kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(buffer))
    except OSError:
        return False
    return True


def _program(architecture: int, column: int, own_pid: int) -> bytes:
    refuse = _ERRNO | errno.EPERM
    missing = _ERRNO | errno.ENOSYS
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NUMBER),
        # Later calls than we know, and with them the x32 ones, which have a high bit set.
        _step(_GREATER, policy.LAST_KNOWN_CALL, 0, 1),
        _step(_RETURN, missing),
        _step(_EQUAL, policy.CLONE3[column], 0, 1),
        _step(_RETURN, missing),
        _step(_EQUAL, policy.CLONE[column], 0, 4),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_ANY_BIT, _CLONE_THREAD, 0, 1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, refuse),
    ]
    for numbers, argument, allowed in policy.RESTRICTED.values():
        values = [own_pid if value == policy.OWN_PID else value for value in allowed]
        to_last_step = range(len(values), 0, -1)
        steps += [
            _step(_EQUAL, numbers[column], 0, len(values) + 3),
            _step(_LOAD, _FIRST_ARGUMENT + argument * _ARGUMENT_SIZE),
            *(_step(_EQUAL, value, left) for left, value in zip(to_last_step, values)),
            _step(_RETURN, refuse),
            _step(_RETURN, _ALLOW),
        ]
    for call in policy.REFUSED.values():
        if call[column] is not None:
            steps += [_step(_EQUAL, call[column] or 0, 0, 1), _step(_RETURN, refuse)]
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One struct sock_filter; the jumps count from the next step."""
    return struct.pack("<HBBI", code, if_true, if_false, value)
