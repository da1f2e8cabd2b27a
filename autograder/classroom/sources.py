"""The Python sources of one submission, as bytes: read, compared with the starter, sent to a grader."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from autograder.errors import UsageError
from autograder.formats import submission as reading
from autograder.formats.submission import Submission, SubmissionError

_LENGTH: Final = struct.Struct("<I")

Pairs = Iterable[tuple[str, Callable[[], bytes]]]  # a path within the submission, and its content


class Work(NamedTuple):
    """What there is to grade: a submission, or what is wrong with it."""

    submission: Submission | None
    refused: str = ""  # for the student, if it cannot be run at all
    failed: str = ""  # for staff, if it could not be read through no fault of the student's


def read_path(path: Path, filename: str) -> Work:
    """The submission in a folder or a zip."""
    return _work(lambda: reading.read_submission(path, filename))


def read_alone(path: Path, filename: str) -> Work:
    """A single Python file, without what lies beside it: those are other students' files."""
    del filename  # whatever it is called
    found = reading._Found(path.name, lambda: reading._read_regular(path))
    return _work(lambda: reading._collect([found], path.name))


def read_pairs(pairs: Pairs, filename: str) -> Work:
    """A submission of which paths and contents are at hand; as if it were a folder."""
    return _work(lambda: _collect(list(pairs), filename))


def read_limited(read: Callable[[int], bytes], path: str) -> bytes:
    """The content of a file, at most as much as a submission's file may hold."""
    most = reading.MAX_FILE_BYTES
    return reading._within_limit(read(most + 1), PurePosixPath(path).name)


def _collect(pairs: list[tuple[str, Callable[[], bytes]]], filename: str) -> Submission:
    if len(pairs) > reading.MAX_ENTRIES:
        raise SubmissionError(
            f"The submission holds more than {reading.MAX_ENTRIES:,} files. Hand in your own Python "
            "files."
        )
    found: dict[str, reading._Found] = {}
    for path, read in sorted(pairs, key=lambda pair: pair[0]):
        parts = path.split("/")
        if any(part.startswith(".") or part in reading._IGNORED_FOLDERS for part in parts):
            continue
        above = ["/".join(parts[:n]) for n in range(1, len(parts)) if parts[n - 1].endswith(".py")]
        if above:  # a folder that is called like a Python file
            path, read = above[0], _refuses_folder(above[0])
        found[path] = reading._Found(path, read)
    return reading._collect(list(found.values()), filename)


def _refuses_folder(path: str) -> Callable[[], bytes]:
    def read() -> bytes:
        name = PurePosixPath(path).name
        raise SubmissionError(
            f"{name} is a folder or cannot be read. Hand in {name} as a plain Python file."
        )

    return read


def _work(read: Callable[[], Submission]) -> Work:
    try:
        return Work(read())
    except SubmissionError as error:
        return Work(None, refused=str(error))
    except UsageError as error:
        return Work(None, failed=str(error))


# Between the parent and its graders. -------------------------------------------------------------


def encode_work(work: Work) -> bytes:
    """As bytes: the same ones for the same sources, so that their digest is that of the work."""
    fields, sources = None, {}
    if work.submission is not None:
        sources = dict(sorted(work.submission.sources.items()))
        fields = {**work.submission._asdict(), "sources": [[p, len(s)] for p, s in sources.items()]}
    header = json.dumps({"refused": work.refused, "submission": fields}).encode()
    return b"".join([_LENGTH.pack(len(header)), header, *sources.values()])


def decode_work(data: bytes) -> Work:
    (length,) = _LENGTH.unpack_from(data)
    start = _LENGTH.size + length
    header = json.loads(data[_LENGTH.size : start])
    fields = header["submission"]
    if fields is None:
        return Work(None, header["refused"])
    sources = {}
    for path, size in fields["sources"]:
        sources[path] = data[start : start + size]
        start += size
    return Work(Submission(**{**fields, "sources": sources}))


# Starters. ---------------------------------------------------------------------------------------


def starters_of(folder: Path) -> frozenset[bytes]:
    """The Python files that students were given, normalised."""
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else []
    return frozenset(_normal(path.read_bytes()) for path in paths if path.is_file())


def is_untouched(work: Work, starters: frozenset[bytes]) -> bool:
    """Whether what was handed in is what was handed out."""
    submission = work.submission
    return submission is not None and _normal(submission.sources[submission.main]) in starters


def _normal(source: bytes) -> bytes:
    lines = source.removeprefix(b"\xef\xbb\xbf").splitlines()
    return b"\n".join(line.rstrip() for line in lines if line.strip())
