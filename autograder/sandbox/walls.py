"""The walls around a student's process: what is put up between its birth and its first line of code.

Policy stands here, mechanism too while there is little of it. Further walls (an own uid, Landlock,
seccomp) go into `raise_walls`, outermost first, and raise the level that is reported.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVEL: Final = "basic"

# Third-party packages that a submission may use; all others are out of reach, as on the platform.
PACKAGES: Final = ("numpy",)

_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}


def raise_walls(limits: Mapping[str, int]) -> None:
    """Shut this process in. Called in the worker, which has read its request by now."""
    os.umask(0o077)
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    _forget_other_packages()
    _limit_resources(limits)


def _forget_other_packages() -> None:
    """Leave the standard library and numpy importable, and no other package."""
    library = os.path.dirname(os.__file__)
    standard = (
        library,
        os.path.join(library, "lib-dynload"),
        os.path.join(sys.base_prefix, "DLLs"),
    )
    sys.path[:] = [path for path in sys.path if path in standard]
    # The finders of the interpreter only: an installed package may have added one of its own.
    sys.meta_path[:] = [
        finder
        for finder in sys.meta_path
        if getattr(finder, "__module__", "").startswith("_frozen")
    ]
    kept = {*sys.stdlib_module_names, *PACKAGES, "__main__", "autograder"}
    for name in list(sys.modules):
        if name.partition(".")[0] not in kept:
            del sys.modules[name]


def _limit_resources(limits: Mapping[str, int]) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    memory = limits["memory_mb"] * 2**20
    for name, limit in (("RLIMIT_AS", memory), ("RLIMIT_CORE", 0)):
        with contextlib.suppress(ValueError, OSError, AttributeError):  # macOS refuses some
            resource.setrlimit(getattr(resource, name), (limit, limit))
