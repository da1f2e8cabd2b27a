"""Landlock: of the file system, only what Python and numpy need to read is there.

See landlock(7). It does not cover stat, chmod and chown; seccomp refuses the last two.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterable
from typing import Final

import numpy as np

from autograder.sandbox.walls import kernel
from autograder.sandbox.walls.policy import READABLE, WRITABLE

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_GET_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_EXECUTE: Final = 1 << 0
_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
# By version of the interface: how many rights it knows.
_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_RIGHTS: Final = 16
_NET_BIND_AND_CONNECT: Final = 0b11  # from version 4
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS: Final = 0b11  # from version 6


def version() -> int:
    """The version of the kernel's interface; 0 if it has none."""
    try:
        return kernel.syscall(_CREATE_RULESET, None, 0, _GET_VERSION)
    except OSError:
        return 0


def readable_paths() -> list[str]:
    """The folders and files that a student's process may read."""
    python = [os.path.dirname(os.__file__), os.path.join(sys.base_prefix, "lib")]
    numpy = os.path.dirname(np.__file__)
    return [*python, numpy, f"{numpy}.libs", *READABLE]


def restrict(readable: Iterable[str], folder: str) -> bool:
    """Restrict this process, which has no_new_privs, for good; False if the kernel cannot."""
    known = version()
    rights = (1 << _RIGHTS.get(known, _ALL_RIGHTS)) - 1
    # The structure has grown by a field twice; a kernel refuses one longer than it knows.
    fields = 1 + (known >= 4) + (known >= 6)
    attributes = (rights, _NET_BIND_AND_CONNECT, _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS)
    structure = (ctypes.c_uint64 * fields)(*attributes[:fields])
    try:
        ruleset = kernel.syscall(_CREATE_RULESET, structure, ctypes.sizeof(structure), 0)
    except OSError:
        return False
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR | _EXECUTE)
        for path in WRITABLE:
            _allow(ruleset, path, _READ_FILE | _WRITE_FILE)
        _allow(ruleset, folder, _READ_DIR)
        kernel.syscall(_RESTRICT_SELF, ruleset, 0)
    except OSError:
        return False
    finally:
        os.close(ruleset)
    return True


def _allow(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, PermissionError, NotADirectoryError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):
                rights &= ~_READ_DIR  # which the kernel refuses for a file
            # The structure is packed: 64 bits of rights and 32 of a descriptor.
            rule = rights.to_bytes(8, "little") + descriptor.to_bytes(4, "little")
            kernel.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.c_char_p(rule), 0)
        finally:
            os.close(descriptor)
