"""Reproducible zips: the same files give the same bytes, whoever packs them, when and where."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_UNIX: Final = 3
_IGNORED: Final = ("__pycache__", "tests")
_FOR_STAFF: Final = ("docs", "authoring", "classroom", "schemas")
_TEXTS: Final = (".py", ".md", ".yaml", ".yml", ".txt", ".sh", ".svg", ".json", ".toml", ".css", "")


class Member(NamedTuple):
    """A file in a zip."""

    data: bytes
    executable: bool = False


Members = Mapping[str, Member]  # by path within the zip


def zip_bytes(members: Members) -> bytes:
    """A zip of the members, sorted by path, with fixed times and modes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, member in sorted(members.items()):
            info = zipfile.ZipInfo(path, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = _UNIX  # on Windows too, so that the modes count
            info.external_attr = (0o100755 if member.executable else 0o100644) << 16
            archive.writestr(info, member.data)
    return buffer.getvalue()


def file_member(path: Path, *, executable: bool = False) -> Member:
    """A file as it goes into a zip; texts with LF endings, however they were checked out."""
    data = path.read_bytes()
    if path.suffix in _TEXTS:
        data = data.replace(b"\r\n", b"\n")
    return Member(data, executable)


def folder_members(folder: Path, prefix: str) -> dict[str, Member]:
    """The files below a folder, under a prefix; caches, tests and hidden files stay behind."""
    members = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in _IGNORED for part in parts)
        if path.is_file() and not hidden:
            members["/".join([prefix, *parts])] = file_member(path)
    return members


def engine_members() -> dict[str, Member]:
    """The engine itself, as the package `autograder`, without what only staff use on their machines."""
    members = folder_members(Path(__file__).resolve().parent, "autograder")
    left_out = tuple(f"autograder/{folder}/" for folder in _FOR_STAFF)
    return {path: member for path, member in members.items() if not path.startswith(left_out)}
