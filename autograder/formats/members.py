"""What stands in a submission before anybody knows which file is graded: names, and how to read them.

Names come from zips, folders and exports of many systems. Here they become relative paths with
forward slashes that stay within the submission, or are left out with a reason.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from autograder.text import one_line

MAX_FILE_BYTES: Final = 1_000_000
MAX_TOTAL_BYTES: Final = 8_000_000
MAX_FILES: Final = 500
MAX_ENTRIES: Final = 20_000

IGNORED_FOLDERS: Final = ("__pycache__", "__MACOSX", "node_modules", "site-packages")

# Japanese and Chinese as Windows writes them into zips, told from the bytes of other alphabets by
# what those would become: half-width letters, or a lone character in the midst of a Latin word.
_CJK: Final = "\u3000-\u30ff\u3400-\u9fff\uff01-\uff5e"
_EAST_ASIAN: Final = f"(?=.*(?:[{_CJK}]{{2}}|(?<![A-Za-z])[{_CJK}](?![A-Za-z])))[ -~{_CJK}]+"
_LEFT_OUT: Final = (  # the first that a part of the path matches, with what the student reads
    (re.compile(r"\.\."), "leads out of the submission"),
    (re.compile(r"\..+\.icloud"), "a placeholder of iCloud; download the file first"),
    (re.compile(r"\._.*"), "added by macOS, holds no code"),
    (re.compile(r"\..*"), "hidden, because its name begins with a dot"),
    (re.compile("|".join(IGNORED_FOLDERS)), "generated or installed, not written by you"),
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
        if number > MAX_ENTRIES:
            raise too_many_entries()
        path, reason = _plain(member.path)
        if reason:
            left_out[path] = reason
        elif path:
            kept.pop(path, None)
            kept[path] = member._replace(path=path)
    return Members(kept, left_out)


def legacy_name(raw: bytes) -> str:
    """A name written by a system that does not say in which encoding."""
    for encoding in ("utf-8", "cp932", "gbk"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or re.fullmatch(_EAST_ASIAN, text):
            return text
    return raw.decode("cp437")


def decoded(name: str) -> str:
    """A file's name on this system as text, if another system wrote it in an encoding of its own."""
    if any("\ud800" <= character <= "\udfff" for character in name):
        return legacy_name(os.fsencode(name))
    return name


def quoted(path: str) -> str:
    """A path as texts show it, in quotes if spaces around it would not be seen."""
    shown = one_line(path, 80)
    if all(part == part.strip() for part in path.split("/")):
        return shown
    return f'"{" " * path[0].isspace()}{shown}{" " * path[-1].isspace()}"'


def read_whole(member: Member) -> bytes:
    """The bytes of a member. Raises SubmissionError if there are too many, or none can be read."""
    return within_limit(member.read(MAX_FILE_BYTES + 1), quoted(member.path.rpartition("/")[2]))


def within_limit(content: bytes, name: str) -> bytes:
    """The bytes of a file, if they are not too many. Raises SubmissionError."""
    if len(content) > MAX_FILE_BYTES:
        raise SubmissionError(
            f"{name} is larger than {MAX_FILE_BYTES // 10**6} MB. Hand in your Python code only, "
            "without data."
        )
    return content


def too_many_entries() -> SubmissionError:
    """What to raise if a submission holds more than MAX_ENTRIES files and folders."""
    return SubmissionError(
        f"The submission holds more than {MAX_ENTRIES:,} files. Hand in your own Python files."
    )


def _plain(name: str) -> tuple[str, str]:
    """The path, and why it is left out if it is."""
    name = unicodedata.normalize("NFC", decoded(name))  # macOS writes letters and accents apart
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
