"""Results kept on disk, each under the digest of all that it depends on, and the folder for them.

Whatever is found there and is not whole, or not of this version, counts as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, Any, Final, NamedTuple
from urllib.parse import quote

from autograder.errors import UsageError
from autograder.files import write_atomically

MARKER: Final = ".autograder-class"  # in a folder that this command made; locked while it runs
_VERSION: Final = b"autograder class, result 2"
_MOST_NAME: Final = 150  # bytes of a file's name that come from outside
_FORBIDDEN: Final = '<>:"/\\|?*%'


class Record(NamedTuple):
    """What a grader found out about a submission."""

    summary: dict[str, Any]
    results: bytes  # the content of results.json


def encode_record(record: Record) -> bytes:
    """A record as bytes: its summary as a line of JSON, then results.json."""
    summary = json.dumps(record.summary, allow_nan=False).encode()
    return summary + b"\n" + record.results


def decode_record(data: bytes) -> Record:
    """The record in these bytes. Raises ValueError if they are not one."""
    summary, newline, results = data.partition(b"\n")
    read = json.loads(summary)
    if not newline or not isinstance(read, dict):
        raise ValueError("not a record")
    return Record(read, results)


class Store:
    """Results by digest, each in a file of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, digest: str) -> Record | None:
        """The record of a digest; None if there is none that can be read."""
        try:
            head, _, data = self._path(digest).read_bytes().partition(b"\n")
            return decode_record(data) if head == _head(digest, data) else None
        except (OSError, ValueError):
            return None

    def put(self, digest: str, record: Record) -> None:
        """Keep a record under a digest. Raises UsageError if it cannot be written."""
        data = encode_record(record)
        write(self._path(digest), _head(digest, data) + b"\n" + data)

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.json"


def _head(digest: str, data: bytes) -> bytes:
    return b" ".join([_VERSION, digest.encode(), hashlib.sha256(data).hexdigest().encode()])


def write(path: Path, data: bytes) -> None:
    """Write a file whole. Raises UsageError, also if the disk is full."""
    try:
        write_atomically(path, data)
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror}; what has been stored stays, and the same command "
            "continues from there"
        ) from error


def update(path: Path, data: bytes) -> None:
    """Write a file unless it holds just this."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == data:
            return
    write(path, data)


def keep_only(folder: Path, names: Collection[str]) -> None:
    """Delete what earlier runs have written to a folder, but for these files, and nothing of others."""
    try:
        for path in folder.iterdir():
            if path.name not in names and path.suffix in (".json", ".html") and path.is_file():
                path.unlink()
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}") from error


def result_name(submission: str) -> str:
    """The name of a submission's file in `results/`, which any system can write."""
    safe = "".join(
        c if c.isprintable() and c not in _FORBIDDEN else quote(c, safe="", errors="surrogatepass")
        for c in submission
    )
    if len(safe.encode()) <= _MOST_NAME:
        return f"{safe}.json"
    digest = hashlib.sha256(submission.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return f"{safe.encode()[: _MOST_NAME - 13].decode('utf-8', 'ignore')}-{digest}.json"


# The folder. -------------------------------------------------------------------------------------


@contextlib.contextmanager
def claimed(out: Path, export: Path) -> Iterator[Store]:
    """Make the folder of a run, or take it over from an earlier one, for this process alone.

    Raises UsageError if it is another's, in use, not writable, or inside the export.
    """
    if export.is_dir() and out.resolve().is_relative_to(export.resolve()):
        raise UsageError(f"{out} is inside the export; name another folder with --out")
    try:
        if out.exists() and not out.is_dir():
            raise UsageError(f"{out} is not a folder; name another with --out")
        if out.exists() and os.listdir(out) and not (out / MARKER).is_file():
            raise UsageError(
                f"{out} holds files that are not of this command; name another folder with --out"
            )
        for folder in (out, out / "store", out / "results"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        out.chmod(0o700)
        marker = (out / MARKER).open("a+b")
    except OSError as error:
        raise UsageError(f"cannot write to {out}: {error.strerror}") from error
    with marker:
        if not _lock(marker):
            raise UsageError(f"another run is writing to {out}; wait for it, or name another --out")
        for folder in (out, out / "store", out / "results"):
            for left in folder.glob(".*.tmp"):  # by a run that was killed
                left.unlink(missing_ok=True)
        yield Store(out / "store")


def _lock(file: IO[bytes]) -> bool:
    """Lock a file until this process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
