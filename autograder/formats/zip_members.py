"""Zips as students' systems make them: the names in them, and how to read what stands there."""

from __future__ import annotations

import contextlib
import stat
import zipfile
from functools import partial
from pathlib import Path
from typing import Final

from autograder.errors import UsageError
from autograder.formats.file_kinds import kind_of, sentence
from autograder.formats.members import Member, SubmissionError, last, legacy_name
from autograder.text import one_line

# Other ways to compress are expanded by Python in one piece, whatever size that has.
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OTHERS: Final = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd"}
_HEAD_BYTES: Final = 4_096
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1


def open_zip(path: Path, wanted: str) -> zipfile.ZipFile:
    """A zip, to be closed by whoever opened it. Raises SubmissionError if it is not one."""
    try:
        return zipfile.ZipFile(path)
    except PermissionError as error:  # which is not the student's fault
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except Exception:  # damaged bytes meet every kind of error in there
        head = b""
        with contextlib.suppress(OSError), path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    kind = kind_of(head)
    if kind and not head.startswith(b"PK"):
        raise SubmissionError(sentence(kind, one_line(path.name, 80), wanted))
    raise SubmissionError(
        "The zip cannot be read; it is damaged or of an unusual kind. Make it again, and open "
        "it once before you hand it in."
    )


def zip_members(archive: zipfile.ZipFile) -> list[Member]:
    """What stands in a zip, but for its folders."""
    members = [Member(name_of(info), partial(_read, archive, info)) for info in archive.infolist()]
    return [member for member in members if not member.path.endswith(("/", "\\"))]


def name_of(info: zipfile.ZipInfo) -> str:
    """The name of what stands in a zip, whatever system wrote it."""
    name = info.filename
    if name.isascii() or info.flag_bits & _UTF8_NAME:
        return name
    try:
        return legacy_name(name.encode("cp437"))  # as which the bytes were read
    except UnicodeEncodeError:
        return name  # zipfile knew better: some tools keep the name in Unicode beside


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> bytes:
    name = one_line(last(name_of(info).replace("\\", "/")), 80)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise SubmissionError(f"{name} is not a plain file in the zip. Hand in the file itself.")
    if info.flag_bits & _ENCRYPTED:
        raise SubmissionError("The zip has a password. Hand in a zip without one.")
    if info.compress_type not in _METHODS:
        method = _OTHERS.get(info.compress_type, "an unknown one")
        raise SubmissionError(
            f"{name} is compressed by a method that is not read here ({method}). Make the zip "
            f"with your system's own tool, or choose the method deflate, or hand in {name} itself."
        )
    try:
        with archive.open(info) as file:
            return file.read(size)
    except Exception:  # as above
        raise SubmissionError(
            f"{name} is damaged in the zip. Make the zip again, and open it once before you "
            "hand it in."
        ) from None
