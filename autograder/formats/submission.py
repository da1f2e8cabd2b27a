"""Reading a submission: a file, a folder or a zip becomes source text in memory, and nothing else.

Only regular Python files are taken, as bytes, and links are not followed. What lies beside them
(caches, configuration, data) is never looked at again.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from autograder.errors import UsageError
from autograder.text import one_line

MAX_FILE_BYTES: Final = 1_000_000
MAX_TOTAL_BYTES: Final = 8_000_000
MAX_FILES: Final = 500
MAX_ENTRIES: Final = 20_000

_MOST_PARENTS: Final = 4  # in which a package that the file imports by name is looked for
_IGNORED_FOLDERS: Final = ("__pycache__", "__MACOSX", "node_modules", "site-packages")


class Submission(NamedTuple):
    """What a student handed in: Python sources by path within the submission; `main` is one of them."""

    main: str
    sources: dict[str, bytes]


class SubmissionError(Exception):
    """The submission cannot be run; the text tells the student what is wrong and what to do."""


class _Found(NamedTuple):
    """A file or whatever else stands at a path within the submission; `read` gives its bytes."""

    path: str
    read: Callable[[], bytes]


def read_submission(path: Path, filename: str) -> Submission:
    """Read a submission, the main file of which is called `filename`.

    A path that is itself a Python file is the main file, whatever its name. Raises SubmissionError
    where the student must mend something, and UsageError where there is nothing at the path.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(f"cannot read the submission {path}: {error.strerror}") from None
    if stat.S_ISDIR(mode):
        return _collect(list(_walk(path, path)), filename)
    if path.suffix.lower() == ".zip":
        return _read_zip(path, filename)
    return _read_file(path)


def _collect(found: list[_Found], filename: str) -> Submission:
    main = _find_main([item.path for item in found], filename)
    sources = {item.path: item.read() for item in found if item.path == main}
    python_files = [item for item in found if item.path.endswith(".py")]
    if len(python_files) > MAX_FILES:
        raise SubmissionError(
            f"The submission holds {len(python_files):,} Python files; {MAX_FILES} are the most. "
            f"Hand in {filename} and the files that it imports."
        )
    for item in python_files:
        if item.path != main:
            try:
                sources[item.path] = item.read()
            except SubmissionError:
                continue  # not the file that is graded: where it is needed, its import tells
        if sum(map(len, sources.values())) > MAX_TOTAL_BYTES:
            raise SubmissionError(
                f"The submission's Python files are larger than {MAX_TOTAL_BYTES // 10**6} MB "
                f"together. Hand in {filename} and the files that it imports."
            )
    return Submission(main, sources)


def _find_main(paths: list[str], filename: str) -> str:
    if filename in paths:
        return filename
    matches = [path for path in paths if PurePosixPath(path).name == filename]
    if len(matches) == 1:
        return matches[0]
    if matches:
        shown = ", ".join(one_line(match, 80) for match in sorted(matches)[:5])
        raise SubmissionError(
            f"The submission holds {len(matches)} files called {filename} ({shown}). Hand in one."
        )
    if not paths:
        raise SubmissionError(f"The submission is empty. Hand in your {filename}.")
    shown = ", ".join(one_line(path, 80) for path in sorted(paths, key=_depth)[:5])
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    raise SubmissionError(
        f"There is no {filename} in the submission; it holds {shown}{more}. "
        f"Call your file {filename}, in small letters as here, and hand it in again."
    )


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


# Folders and files. ------------------------------------------------------------------------------


def _walk(folder: Path, root: Path) -> Iterator[_Found]:
    """Everything below a folder but for what is hidden, generated, or behind a link."""
    folders, seen = [folder], 0
    while folders:
        try:
            with os.scandir(folders.pop()) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            continue  # not to be read: what is missed by it, its import tells
        seen += len(entries)
        if seen > MAX_ENTRIES:
            raise SubmissionError(
                f"The submission holds more than {MAX_ENTRIES:,} files. Hand in your own Python files."
            )
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _IGNORED_FOLDERS:
                continue
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False) and not entry.name.endswith(".py"):
                folders.append(path)
            else:
                yield _file(path, path.relative_to(root))


def _read_file(path: Path) -> Submission:
    """A file with what it may import: the other modules of its package, or those beside it."""
    path = Path(os.path.abspath(path))
    root = _import_root(path)
    main = path.relative_to(root)
    alone = _file(path, main)
    if len(main.parts) > 1:
        neighbours = list(_walk(root / main.parts[0], root))
    else:
        neighbours = [_file(other, Path(other.name)) for other in sorted(root.glob("*.py"))]
    if len(neighbours) > MAX_FILES:  # a crowded folder: the neighbours are not part of the work
        neighbours = []
    others = [item for item in neighbours if item.path != alone.path]
    return _collect([alone, *others], alone.path)


def _import_root(path: Path) -> Path:
    """The folder above the outermost package that the file is in, or that it imports by name."""
    root = path.parent
    while (root / "__init__.py").is_file() and root != root.parent:
        root = root.parent
    imported = re.findall(rb"^[ \t]*(?:from|import)[ \t]+(\w+)", _read_regular(path), re.MULTILINE)
    for folder in path.parents[:_MOST_PARENTS]:
        if os.fsencode(folder.name) in imported and root.is_relative_to(folder):
            root = folder.parent
    return root


def _file(path: Path, relative: Path) -> _Found:
    return _Found(relative.as_posix(), lambda: _read_regular(path))


def _read_regular(path: Path) -> bytes:
    name = one_line(path.name, 80)
    flags = os.O_RDONLY
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # each where it exists
        flags |= getattr(os, flag, 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        descriptor = -1
    if descriptor < 0 or not stat.S_ISREG(os.fstat(descriptor).st_mode):
        if descriptor >= 0:
            os.close(descriptor)
        what = "folder" if path.is_dir() else "link" if path.is_symlink() else "special file"
        raise SubmissionError(
            f"{name} is a {what} or cannot be read. Hand in {name} as a plain Python file."
        )
    with open(descriptor, "rb") as file:
        return _within_limit(file.read(MAX_FILE_BYTES + 1), name)


def _within_limit(content: bytes, name: str) -> bytes:
    if len(content) > MAX_FILE_BYTES:
        raise SubmissionError(
            f"{name} is larger than {MAX_FILE_BYTES // 10**6} MB. Hand in your Python code only, "
            "without data."
        )
    return content


# Zips. -------------------------------------------------------------------------------------------


def _read_zip(path: Path, filename: str) -> Submission:
    import zipfile

    def reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
        def read() -> bytes:
            name = one_line(PurePosixPath(info.filename).name, 80)
            if stat.S_ISLNK(info.external_attr >> 16) or info.is_dir():
                raise SubmissionError(
                    f"{name} is not a plain file in the zip. Hand in the file itself."
                )
            if info.flag_bits & 1:
                raise SubmissionError("The zip has a password. Hand in a zip without one.")
            with archive.open(info) as file:
                return _within_limit(file.read(MAX_FILE_BYTES + 1), name)

        return read

    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_ENTRIES:
                raise SubmissionError(
                    f"The zip holds more than {MAX_ENTRIES:,} files. Hand in your own Python files."
                )
            found = [
                _Found(info.filename, reader(archive, info))
                for info in infos
                if _is_plain(info.filename) and not info.is_dir()
            ]
            return _collect(found, filename)
    except SubmissionError:
        raise
    except Exception:  # each kind of compression has errors of its own for damaged bytes
        raise SubmissionError(
            "The zip cannot be read; it is damaged or of an unusual kind. Make it again, and look "
            "into it before you hand it in."
        ) from None


def _is_plain(name: str) -> bool:
    """Whether a zip's entry stays below the root, and is neither hidden nor generated."""
    parts = name.split("/")
    return not any(
        part in ("", "..", *_IGNORED_FOLDERS) or part.startswith(".") or "\\" in part or ":" in part
        for part in parts
    )
