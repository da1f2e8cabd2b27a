"""What stands in a submission before anybody knows which file is graded: names, and how to read them.

Names come from zips, folders and exports of many systems. Here they become relative paths with
forward slashes that stay within the submission, or are left out with a reason. Links are not followed.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from autograder.errors import UsageError
from autograder.text import one_line

MAX_FILE_BYTES: Final = 1_000_000
MAX_TOTAL_BYTES: Final = 8_000_000
MAX_FILES: Final = 500
_MAX_ENTRIES: Final = 20_000
_MOST_PARENTS: Final = 4  # in which a package that a file imports by name is looked for

_IGNORED_FOLDERS: Final = ("__pycache__", "__MACOSX", "node_modules", "site-packages")

# Japanese and Chinese as Windows writes them into zips, told from the bytes of other alphabets by
# what those would become: half-width letters, or a lone character in the midst of a Latin word.
_CJK: Final = "\u3000-\u30ff\u3400-\u9fff\uff01-\uff5e"
_EAST_ASIAN: Final = f"(?=.*(?:[{_CJK}]{{2}}|(?<![A-Za-z])[{_CJK}](?![A-Za-z])))[ -~{_CJK}]+"
_LEFT_OUT: Final = (  # the first that a part of the path matches, with what the student reads
    (re.compile(r"\.\."), "leads out of the submission"),
    (re.compile(r"\..+\.icloud"), "a placeholder of iCloud; download the file first"),
    (re.compile(r"\._.*"), "added by macOS, holds no code"),
    (re.compile(r"\..*"), "hidden, because its name begins with a dot"),
    (re.compile("|".join(_IGNORED_FOLDERS)), "generated or installed, not written by you"),
    (re.compile(r".*:Zone\.Identifier"), "added by Windows, holds no code"),
)


class SubmissionError(Exception):
    """The submission cannot be run; the text tells the student what is wrong and what to do."""


class Member(NamedTuple):
    """A file or whatever else stands at a path within a submission; `read(n)` gives its first n bytes.

    `read` raises SubmissionError if the file cannot be read.
    """

    path: str
    read: Callable[[int], bytes]


class Members(NamedTuple):
    """The members of a submission by path, and the reasons why others were left out, by path."""

    kept: dict[str, Member]
    left_out: dict[str, str]


def tidy(members: Iterable[Member]) -> Members:
    """The members under plain relative paths; of several at one path the last counts."""
    kept: dict[str, Member] = {}
    left_out: dict[str, str] = {}
    for number, member in enumerate(members, 1):
        _check_number(number)
        path, reason = _plain(member.path)
        if reason:
            left_out[path] = reason
        elif path:
            kept.pop(path, None)
            kept[path] = member._replace(path=path)
    return Members(kept, left_out)


def _check_number(entries: int) -> None:
    if entries > _MAX_ENTRIES:
        raise SubmissionError(
            f"The submission holds more than {_MAX_ENTRIES:,} files. Hand in your own Python files."
        )


def _plain(name: str) -> tuple[str, str]:
    """The path, and why it is left out if it is."""
    name = unicodedata.normalize("NFC", name)  # macOS writes letters and accents apart
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:/", name):
        return name, "leads out of the submission, because it begins at the top of a disk"
    parts: list[str] = []
    for part in name.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
            for pattern, reason in _LEFT_OUT:
                if pattern.fullmatch(part):
                    return (name if part == ".." else "/".join(parts)), reason
    return "/".join(parts), ""


# Names and bytes. --------------------------------------------------------------------------------


def legacy_name(raw: bytes) -> str:
    """A name written by a system that does not say in which encoding."""
    for encoding in ("utf-8", "cp932", "gbk"):
        with contextlib.suppress(UnicodeDecodeError):
            text = raw.decode(encoding)
            if encoding == "utf-8" or re.fullmatch(_EAST_ASIAN, text):
                return text
    return raw.decode("cp437")


def quoted(path: str) -> str:
    """A path as texts show it, in quotes if spaces around it would not be seen."""
    shown = one_line(path, 80)
    if all(part == part.strip() for part in path.split("/")):
        return shown
    return f'"{" " * path[0].isspace()}{shown}{" " * path[-1].isspace()}"'


def last(path: str) -> str:
    """The name at the end of a path."""
    return path.rpartition("/")[2]


# Folders. ----------------------------------------------------------------------------------------


def folder_members(folder: Path, root: Path) -> Iterator[Member]:
    """Everything below a folder, by its path from `root`; hidden and generated folders unopened.

    Raises UsageError if the folder may not be read, which is not the student's fault.
    """
    folders, seen = [folder], 0
    while folders:
        here = folders.pop()
        try:
            with os.scandir(here) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            if here == folder:
                raise UsageError(f"cannot read {folder}: {error.strerror}") from None
            continue  # not to be read: what is missed by it, its import tells
        seen += len(entries)
        _check_number(seen)
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False) and not entry.name.endswith(".py")
            if is_folder and entry.name[0] != "." and entry.name not in _IGNORED_FOLDERS:
                folders.append(Path(entry.path))
            else:
                yield file_member(Path(entry.path), root)


def file_member(path: Path, root: Path) -> Member:
    """What stands at a path, by its path from `root`, whatever system wrote the name."""
    name = path.relative_to(root).as_posix()
    if any("\ud800" <= character <= "\udfff" for character in name):
        name = legacy_name(os.fsencode(name))
    return Member(name, lambda size: _read_regular(path, size))


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
    """The first bytes of a file. Raises UsageError if it may not be read, else SubmissionError."""
    flags = os.O_RDONLY
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # each where it exists
        flags |= getattr(os, flag, 0)
    try:
        # Without O_NOFOLLOW, as on Windows, a link is looked for before.
        if hasattr(os, "O_NOFOLLOW") or not path.is_symlink():
            descriptor = os.open(path, flags)
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                with open(descriptor, "rb") as file:
                    return file.read(size)
            os.close(descriptor)
    except OSError as error:
        if path.is_file() and not path.is_symlink():
            raise UsageError(f"cannot read {path}: {error.strerror}") from None
    what = "folder" if path.is_dir() else "link" if path.is_symlink() else "special file"
    raise not_plain(one_line(path.name, 80), what)
