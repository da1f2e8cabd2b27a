"""An export in a zip, which is read in place. Nothing is unpacked to disk."""

from __future__ import annotations

import contextlib
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from autograder.classroom.roster import LISTING, Read, Tree, is_ignored
from autograder.classroom.sources import work_of
from autograder.errors import UsageError
from autograder.formats.members import Member, not_plain
from autograder.formats.submission import collect_submission
from autograder.formats.zip_members import name_of
from autograder.text import one_line

MOST_ENTRIES: Final = 5_000_000
_MOST_DIRECTORY: Final = 2**30  # bytes of a zip's table of contents
_TAIL: Final = 65_536 + 22 + 20  # in which that table is announced
# Others are expanded by Python in one piece, whatever size that has.
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE: Final = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)


def zip_tree(path: Path) -> Tree:
    """The export in a zip. Raises UsageError if it is not one, or is not sound."""
    if not zipfile.is_zipfile(path) and path.suffix.lower() != ".zip":
        raise UsageError(f"{path} is neither a folder nor a zip")
    _check_size(path)
    with _damage_told(path):
        archive = zipfile.ZipFile(path)
    infos = archive.infolist()
    names = [name_of(info).replace("\\", "/").removeprefix("./") for info in infos]
    _check_entries(path, infos, names)
    split = [name.split("/") for name in names]
    found = [n for n, s in enumerate(split) if s[-1] == LISTING and not is_ignored(s[0])]
    depth = min((len(split[n]) for n in found), default=3)
    if depth > 2:
        raise UsageError(
            f"{path} is not an export of Gradescope: it holds no {LISTING} at its top "
            "or one folder down; of other zips, unpack the files and name the folder"
        )
    at, *others = [n for n in found if len(split[n]) == depth]
    if others:
        raise UsageError(f"{path} holds more than one export; unpack it and name one of them")
    prefix = names[at].removesuffix(LISTING)
    members: dict[str, list[Member]] = {}
    passed_over = 0
    for n, name in enumerate(names):
        folder, slash, inside = name.removeprefix(prefix).partition("/")
        is_file = not name.endswith("/")
        if not name.startswith(prefix) or not slash or is_ignored(folder):
            passed_over += is_file and n != at
            continue
        within = members.setdefault(folder, [])
        if is_file:
            within.append(_member(inside, _reader(archive, infos[n], path)))
    return Tree(
        lambda: _opened(archive, infos[at], path),
        f"{path}/{names[at]}",
        infos[at].file_size,
        {name: _reads(members[name]) for name in sorted(members)},
        passed_over,
    )


def _check_size(path: Path) -> None:
    """Refuse a table of contents that would not fit into memory, before it is read."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        tail = file.read()
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


def _check_entries(path: Path, infos: list[zipfile.ZipInfo], names: list[str]) -> None:
    seen: set[str] = set()
    for info, name in zip(infos, names):
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


def _member(inside: str, read: Callable[[int], bytes]) -> Member:
    """A member as a folder would have it: a folder that is called like a Python file is one member."""
    stem, is_in_folder, _ = inside.partition(".py/")
    if not is_in_folder:
        return Member(inside, read)

    def refuse(_: int) -> bytes:
        raise not_plain(one_line(f"{stem.rpartition('/')[2]}.py", 80), "folder")

    return Member(f"{stem}.py", refuse)


def _reads(members: list[Member]) -> Read:
    return lambda wanted: work_of(lambda: collect_submission(members, wanted))


def _reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> Callable[[int], bytes]:
    def read(size: int) -> bytes:
        with _opened(archive, info, path) as file:
            return file.read(size)

    return read


@contextlib.contextmanager
def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> Iterator[IO[bytes]]:
    """A file in the zip."""
    if info.compress_type not in _METHODS:
        name = one_line(info.filename, 80)
        raise UsageError(f"{path}: {name} is compressed by a method that is not read here")
    with _damage_told(path), archive.open(info) as file:
        yield file


@contextlib.contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Damage is the zip's fault, and not a student's."""
    try:
        yield
    except _DAMAGE as error:
        if isinstance(error, RecursionError):
            raise
        raise UsageError(f"{path} is a damaged zip: {one_line(str(error))}") from None
