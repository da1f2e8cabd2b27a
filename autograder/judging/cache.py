"""The user's cache: what texts need of an assignment, kept from one run to the next.

An entry is known by a digest of all that it follows from, and holds nothing that points depend on. It
is plain data, so one that somebody else has put there could spoil a text at most. Whatever goes wrong
with the cache costs time only.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from autograder.errors import UsageError
from autograder.files import write_atomically
from autograder.judging.suite import Suite
from autograder.model import Assignment

if TYPE_CHECKING:
    from autograder.judging.stored import Part

MOST_BYTES: Final = 6 * 2**20  # of all entries; the oldest go first


class CachedSuite(Suite):
    """A suite that keeps in the user's cache what texts need, and nothing that points depend on."""

    def _find_part(self, name: str) -> Part | None:
        part = super()._find_part(name)
        if part is not None or self.assignment.is_frozen:
            return part
        path = self._path(name)
        if path is None:
            return None
        from autograder.judging.stored import Stored

        with contextlib.suppress(Exception):  # it is damaged, or not there
            _use(path)
            stored = Stored(lambda: path.open("rb"))
            if stored.suite == self.digest:
                return stored.part(name)
        from autograder.judging.storing import store_part

        content = store_part(self, name)
        _write(path, content)
        return Stored(lambda: io.BytesIO(content)).part(name)

    def _path(self, name: str) -> Path | None:
        """The file of an entry; None if there is no folder for it."""
        import numpy as np

        from autograder.digest import digest, digest_of_assignment, digest_of_engine

        folder = cache_folder()
        if folder is None:
            return None
        try:
            parts = [digest_of_assignment(self.assignment.folder), digest_of_engine()]
        except UsageError:
            return None
        cases = [case.name for case in self.assignment.cases]  # perhaps not all of them
        key = digest([*parts, sys.version, np.__version__, *cases])
        return folder / f"{key[:40]}-{name}.bin"


def suite_of(assignment: Assignment, *, cached: bool) -> Suite:
    """The suite of an assignment, with the user's cache or without."""
    return CachedSuite(assignment) if cached else Suite(assignment)


def cache_folder() -> Path | None:
    """The folder of the user's for our entries, made if it is missing; None if it cannot be trusted."""
    try:
        folder = _users_folder() / "autograder"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return None
        if os.name == "posix":
            if status.st_uid != os.geteuid():
                return None
            folder.chmod(0o700)
        return folder
    except (OSError, RuntimeError):  # there is no home
        return None


def _users_folder() -> Path:
    """Where this system keeps a user's caches."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():
        return given
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _use(path: Path) -> None:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
        raise ValueError
    os.utime(path)  # so that it is not the oldest


def _write(path: Path, content: bytes) -> None:
    if len(content) > MOST_BYTES // 2:
        return
    with contextlib.suppress(OSError):
        _make_room(path.parent, len(content))
        write_atomically(path, content)


def _make_room(folder: Path, size: int) -> None:
    """Remove the oldest entries, and what a writer that was killed has left."""
    files = [(path.lstat(), path) for path in folder.iterdir()]
    files.sort(key=lambda file: file[0].st_mtime, reverse=True)
    for status, path in files:
        size += status.st_size
        if size > MOST_BYTES:
            with contextlib.suppress(OSError):
                path.unlink()
