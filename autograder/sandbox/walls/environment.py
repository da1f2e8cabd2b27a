"""A clean environment: no variables, and no packages but the standard library and numpy."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

from autograder.sandbox.walls.policy import ENVIRONMENT, PACKAGES
from autograder.sandbox.walls.processes import stat


def clean_environment() -> None:
    """Forget the variables and the packages that this process was started with."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    library = os.path.dirname(os.__file__)
    dynamic = os.path.join(library, "lib-dynload"), os.path.join(sys.base_prefix, "DLLs")
    sys.path[:] = [path for path in sys.path if path in (library, *dynamic)]
    # The finders of the interpreter only: an installed package may have added one of its own.
    own = [f for f in sys.meta_path if getattr(f, "__module__", "").startswith("_frozen")]
    sys.meta_path[:] = own
    kept = {*sys.stdlib_module_names, *PACKAGES, "__main__", "autograder"}
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
