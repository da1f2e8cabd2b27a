"""Where an export lies: a folder, or a zip that is read in place. Nothing is unpacked to disk."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from autograder.classroom.sources import Work, read_limited, read_pairs, read_path
from autograder.errors import UsageError
from autograder.formats.submission import SubmissionError
from autograder.text import one_line

LISTING: Final = "submission_metadata.yml"
MOST_ENTRIES: Final = 5_000_000
_MOST_DIRECTORY: Final = 2**30  # bytes of a zip's table of contents
_TAIL: Final = 65_536 + 22 + 20  # in which that table is announced
_METHODS: Final = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
)  # others expand before they are measured
_IGNORED: Final = ("__MACOSX",)


class Stream(Protocol):
    """A file that is read from its start to its end."""

    def read(self, size: int = -1, /) -> bytes: ...

    def __enter__(self) -> Stream: ...

    def __exit__(self, *error: Any) -> None: ...


class Tree(NamedTuple):
    """An export: its listing, and the folders of submissions by name."""

    listing: Callable[[], Stream]
    listing_name: str
    listing_bytes: int
    folders: dict[str, Callable[[str], Work]]
    passed_over: int


def is_ignored(name: str) -> bool:
    """Whether a file or folder beside submissions means nothing: hidden, or made by a packer."""
    return name.startswith(".") or name in _IGNORED


def folder_tree(path: Path) -> Tree | None:
    """The export in a folder, or in the one export that the folder holds; None if there is none."""
    inner = [path] if (path / LISTING).is_file() else []
    inner = inner or [one.parent for one in sorted(path.glob(f"assignment_*_export/{LISTING}"))]
    if not inner:
        return None
    if len(inner) > 1:
        raise UsageError(f"{path} holds {len(inner)} exports; name one of them")
    folders: dict[str, Callable[[str], Work]] = {}
    passed_over = 0
    with os.scandir(inner[0]) as scan:
        for entry in sorted(scan, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False) and not is_ignored(entry.name):
                folders[entry.name] = _reads_folder(Path(entry.path))
            elif entry.name != LISTING:
                passed_over += 1
    listing = inner[0] / LISTING

    def open_listing() -> Stream:
        return listing.open("rb")

    return Tree(open_listing, str(listing), listing.stat().st_size, folders, passed_over)


def _reads_folder(path: Path) -> Callable[[str], Work]:
    return lambda filename: read_path(path, filename)


# Zips. -------------------------------------------------------------------------------------------


def zip_tree(path: Path) -> Tree:
    """The export in a zip. Raises UsageError if it is not one, or is not sound."""
    _check_size(path)
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UsageError(f"{path} is a damaged zip: {one_line(str(error))}") from None
    infos = archive.infolist()
    _check_entries(path, infos)
    names = [info.filename.replace("\\", "/") for info in infos]
    listings = sorted(
        (name.count("/"), n) for n, name in enumerate(names) if name.split("/")[-1] == LISTING
    )
    listings = [one for one in listings if not names[one[1]].startswith(_IGNORED) and one[0] < 2]
    if not listings:
        raise UsageError(
            f"{path} is not an export of Gradescope: it holds no {LISTING}; of other zips, unpack the "
            "files and name the folder"
        )
    if len(listings) > 1 and listings[0][0] == listings[1][0]:
        raise UsageError(f"{path} holds more than one export; unpack it and name one of them")
    listing = infos[listings[0][1]]
    prefix = names[listings[0][1]].removesuffix(LISTING)
    members: dict[str, list[tuple[str, zipfile.ZipInfo]]] = {}
    passed_over = 0
    for name, info in zip(names, infos):
        folder, slash, inside = name.removeprefix(prefix).partition("/")
        if not name.startswith(prefix) or not slash or is_ignored(folder):
            passed_over += info is not listing and not info.is_dir()
            continue
        within = members.setdefault(folder, [])
        if inside and not info.is_dir():
            within.append((inside, info))
    folders = {name: _reads_members(archive, members[name]) for name in sorted(members)}

    def open_listing() -> Stream:
        return _Member(archive, listing, path)

    shown = f"{path}/{listing.filename}"
    return Tree(open_listing, shown, listing.file_size, folders, passed_over)


def _check_size(path: Path) -> None:
    """Refuse a table of contents that would not fit into memory, before it is read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            tail = file.read()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        return  # which the reader will find
    count = int.from_bytes(tail[end + 10 : end + 12], "little")
    length = int.from_bytes(tail[end + 12 : end + 16], "little")
    wide = tail.rfind(b"PK\6\6", 0, end)
    if wide >= 0 and b"PK\6\7" in tail[wide:end]:
        count = max(count, int.from_bytes(tail[wide + 32 : wide + 40], "little"))
        length = int.from_bytes(tail[wide + 40 : wide + 48], "little")
    if count > MOST_ENTRIES or length > _MOST_DIRECTORY:
        raise UsageError(f"{path} holds more than {MOST_ENTRIES:,} entries")


def _check_entries(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_ENTRIES:
        raise UsageError(f"{path} holds more than {MOST_ENTRIES:,} entries")
    seen: set[str] = set()
    for info in infos:
        name = info.filename.replace("\\", "/")
        shown = one_line(name, 80)
        if ".." in name.split("/") or name.startswith("/") or ":" in name.split("/")[0]:
            raise UsageError(f"{path} has an entry that leads out of it: {shown}")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UsageError(f"{path} has a link in it: {shown}; unpack it and name the folder")
        if info.flag_bits & 1:
            raise UsageError(f"{path} is encrypted; make a zip without a password")
        if name in seen:
            raise UsageError(f"{path} has an entry twice: {shown}")
        seen.add(name)


def _reads_members(
    archive: zipfile.ZipFile, members: list[tuple[str, zipfile.ZipInfo]]
) -> Callable[[str], Work]:
    def read(filename: str) -> Work:
        try:
            return read_pairs([(path, _reads(archive, info)) for path, info in members], filename)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
            return Work(None, failed=f"the zip is damaged: {one_line(str(error))}")

    return read


def _reads(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        if info.compress_type not in _METHODS:
            name = one_line(info.filename, 80)
            raise SubmissionError(f"{name} is packed in an unusual way and cannot be read.")
        with archive.open(info) as file:
            return read_limited(file.read, info.filename)

    return read


class _Member:
    """The listing in a zip; damage to it is told as such."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> None:
        self._path = path
        try:
            self._file = archive.open(info)
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise self._damaged(error) from None

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *error: Any) -> None:
        self._file.close()

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._file.read(size)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception) -> UsageError:
        return UsageError(f"{self._path} is a damaged zip: {one_line(str(error))}")
