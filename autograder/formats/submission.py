"""Reading a submission: a file, a folder or a zip becomes source text in memory, and nothing else.

Only regular Python files are taken, as bytes, and links are not followed. What lies beside them
(caches, configuration, data) is never looked at again.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from autograder.errors import UsageError
from autograder.formats.file_kinds import kind_of, sentence
from autograder.formats.members import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_TOTAL_BYTES,
    Member,
    SubmissionError,
    file_member,
    folder_members,
    import_root,
    last,
    neighbours,
    quoted,
    tidy,
)
from autograder.formats.wanted_files import Choice, choose, listed, target_of

__all__ = [
    "Submission",
    "SubmissionError",
    "collect_submission",
    "read_submission",
]


class Submission(NamedTuple):
    """What a student handed in: Python sources by path within the submission.

    `files` has the path of each wanted file that is there, by its wanted name; `missing` tells the
    student about each of the others.
    """

    files: dict[str, str]
    missing: dict[str, str]
    sources: dict[str, bytes]

    @property
    def main(self) -> str:
        """The path of the first wanted file that is there."""
        return next(iter(self.files.values()))

    @property
    def root(self) -> str:
        """The folder below which the wanted files are: empty, or with a slash at its end."""
        for name, path in self.files.items():
            if f"/{path}".endswith(f"/{name}"):
                return path.removesuffix(name)
        return self.main[: self.main.rfind("/") + 1]


def read_submission(path: Path, wanted: tuple[str, ...], *, alone: bool = False) -> Submission:
    """Read the submission at a path: a Python file, a folder, or a zip.

    If one file is wanted, a path that is itself a Python file is that file, whatever its name. What
    stands beside it can be imported, unless it is `alone`, as a student's file is among those of a
    class. Raises SubmissionError if the student must change something, and UsageError if there is
    nothing at the path.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(f"cannot read the submission {path}: {error.strerror}") from None
    if stat.S_ISDIR(mode):
        return collect_submission(folder_members(path, path), wanted)
    if path.suffix.lower() == ".zip":
        from autograder.formats.zip_members import open_zip, zip_members

        with open_zip(path, listed(wanted)) as archive:
            return collect_submission(zip_members(archive), wanted)
    return _read_file(Path(os.path.abspath(path)), wanted, alone=alone)


def collect_submission(members: Iterable[Member], wanted: tuple[str, ...]) -> Submission:
    """Read a submission out of whatever holds its members. Raises SubmissionError."""
    return _take(choose(tidy(members), wanted), wanted)


def _read_file(path: Path, wanted: tuple[str, ...], *, alone: bool) -> Submission:
    """A file with what it may import; if it is one of several wanted ones, it goes to its place."""
    name = target_of(path, wanted)
    if alone:
        root = path.parent
    elif len(wanted) == 1:
        root = import_root(path)
    else:
        root = path.parents[name.count("/") if path.as_posix().endswith(f"/{name}") else 0]
    main = file_member(path, root)
    beside = [] if alone else list(tidy(neighbours(path, root)).kept.values())
    if len(beside) > MAX_FILES:  # a crowded folder: the neighbours are not part of the work
        beside = []
    others = [one for one in beside if one.path.endswith(".py") and one.path != main.path]
    if len(wanted) == 1:
        return _take(Choice({name: main}, {}, others), wanted)
    folder = name[: name.rfind("/") + 1] if "/" not in main.path else ""
    others = [member._replace(path=folder + member.path) for member in others]
    missing = {
        other: f"There is no {other}, because {quoted(path.name)} was handed in alone. Hand in "
        f"{listed(wanted)} together, in a folder or a zip."
        for other in wanted
        if other != name
    }
    return _take(Choice({name: main._replace(path=name)}, missing, others), wanted)


def _take(choice: Choice, wanted: tuple[str, ...]) -> Submission:
    """Read the sources. Raises SubmissionError if no wanted file can be read, or there is too much."""
    number = len(choice.others) + len(choice.chosen)
    if number > MAX_FILES:
        raise SubmissionError(
            f"The submission holds {number:,} Python files; {MAX_FILES} are the most. "
            f"Hand in {listed(wanted)} and what is imported there."
        )
    files: dict[str, str] = {}
    sources: dict[str, bytes] = {}
    missing = dict(choice.missing)
    for name, member in choice.chosen.items():
        try:
            sources[member.path] = _read_whole(member, name)
            files[name] = member.path
        except SubmissionError as error:
            missing[name] = str(error)
    if not files:
        raise SubmissionError(next(text for name, text in missing.items() if name in choice.chosen))
    for member in choice.others:
        with contextlib.suppress(
            SubmissionError, UsageError
        ):  # not graded: if it is needed, its import tells
            sources[member.path] = _read_whole(member)
        if sum(map(len, sources.values())) > MAX_TOTAL_BYTES:
            raise SubmissionError(
                f"The submission's Python files are larger than {MAX_TOTAL_BYTES // 10**6} MB "
                f"together. Hand in {listed(wanted)} and what is imported there."
            )
    return Submission(files, missing, sources)


def _read_whole(member: Member, wanted: str = "") -> bytes:
    """The bytes of a member. Raises SubmissionError if there are too many, or none can be read.

    Nor may a wanted file clearly be something else than Python.
    """
    content = member.read(MAX_FILE_BYTES + 1)
    shown = quoted(last(member.path))
    if wanted and (kind := kind_of(content)):
        raise SubmissionError(sentence(kind, shown, wanted))
    if len(content) > MAX_FILE_BYTES:
        raise SubmissionError(
            f"{shown} is larger than {MAX_FILE_BYTES // 10**6} MB. Hand in your Python code only, "
            "without data."
        )
    return content
