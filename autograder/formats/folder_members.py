"""Folders and single files: what stands in them, read without following links."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from autograder.formats.members import (
    IGNORED_FOLDERS,
    MAX_ENTRIES,
    MAX_FILE_BYTES,
    Member,
    SubmissionError,
    decoded,
    too_many_entries,
)
from autograder.text import one_line

_MOST_PARENTS: Final = 4  # in which a package that the file imports by name is looked for


def folder_members(folder: Path, root: Path) -> Iterator[Member]:
    """Everything below a folder, by its path from `root`; hidden and generated folders unopened."""
    folders, seen = [folder], 0
    while folders:
        try:
            with os.scandir(folders.pop()) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            continue  # not to be read: what is missed by it, its import tells
        seen += len(entries)
        if seen > MAX_ENTRIES:
            raise too_many_entries()
        for entry in entries:
            path = Path(entry.path)
            is_folder = entry.is_dir(follow_symlinks=False) and not entry.name.endswith(".py")
            if is_folder and not entry.name.startswith(".") and entry.name not in IGNORED_FOLDERS:
                folders.append(path)
            else:
                yield file_member(path, root)


def file_member(path: Path, root: Path) -> Member:
    """What stands at a path, by its path from `root`."""
    return Member(
        decoded(path.relative_to(root).as_posix()), lambda size: _read_regular(path, size)
    )


def neighbours(path: Path, root: Path) -> Iterator[Member]:
    """What a file below `root` may import: the other modules of its package, or those beside it."""
    parts = path.relative_to(root).parts
    if len(parts) > 1:
        yield from folder_members(root / parts[0], root)
    else:
        yield from (file_member(other, root) for other in sorted(root.glob("*.py")))


def import_root(path: Path) -> Path:
    """The folder above the outermost package that a file is in, or that it imports by name."""
    root = path.parent
    while (root / "__init__.py").is_file() and root != root.parent:
        root = root.parent
    source = _read_regular(path, MAX_FILE_BYTES)
    imported = re.findall(rb"^[ \t]*(?:from|import)[ \t]+(\w+)", source, re.MULTILINE)
    for folder in path.parents[:_MOST_PARENTS]:
        if os.fsencode(folder.name) in imported and root.is_relative_to(folder):
            root = folder.parent
    return root


def not_plain(name: str, what: str) -> SubmissionError:
    """What to raise if something else than a file has the name of one."""
    return SubmissionError(
        f"{name} is a {what} or cannot be read. Hand in {name} as a plain Python file."
    )


def _read_regular(path: Path, size: int) -> bytes:
    flags = os.O_RDONLY
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # each where it exists
        flags |= getattr(os, flag, 0)
    try:
        # Without O_NOFOLLOW, as on Windows, a link is looked for before.
        is_link = not hasattr(os, "O_NOFOLLOW") and path.is_symlink()
        descriptor = -1 if is_link else os.open(path, flags)
    except OSError:
        descriptor = -1
    if descriptor < 0 or not stat.S_ISREG(os.fstat(descriptor).st_mode):
        if descriptor >= 0:
            os.close(descriptor)
        name = one_line(path.name, 80)
        what = "folder" if path.is_dir() else "link" if path.is_symlink() else "special file"
        raise not_plain(name, what)
    with open(descriptor, "rb") as file:
        return file.read(size)
