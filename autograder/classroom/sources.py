"""The Python sources of one submission, as bytes: read, compared with the starter, sent to a grader."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from autograder.errors import UsageError
from autograder.formats.submission import Submission, SubmissionError


class Work(NamedTuple):
    """What there is to grade: a submission, or what is wrong with it."""

    submission: Submission | None
    refused: str = ""  # for the student, if it cannot be run at all
    failed: str = ""  # for staff, if it could not be read through no fault of the student's

    @property
    def wanted(self) -> dict[str, bytes]:
        """The contents of the wanted files that are there."""
        found = self.submission
        return {name: found.sources[path] for name, path in found.files.items()} if found else {}


def work_of(read: Callable[[], Submission]) -> Work:
    """The work that reading a submission gives; `read` does that."""
    try:
        return Work(read())
    except SubmissionError as error:
        return Work(None, refused=str(error))
    except (UsageError, OSError) as error:
        return Work(None, failed=str(error))


def encode_work(work: Work) -> bytes:
    """As bytes: the same ones for the same sources, so that their digest is that of the work."""
    fields: list[Any] = [work.refused]
    if work.submission is not None:
        files, missing, sources = work.submission
        fields += [
            files,
            missing,
            {path: sources[path].decode("latin-1") for path in sorted(sources)},
        ]
    return json.dumps(fields).encode()


def decode_work(data: bytes) -> Work:
    """The work that `encode_work` made into these bytes."""
    refused, *fields = json.loads(data)
    if not fields:
        return Work(None, refused)
    files, missing, texts = fields
    sources = {path: text.encode("latin-1") for path, text in texts.items()}
    return Work(Submission(files, missing, sources))


def starters_of(folder: Path) -> frozenset[bytes]:
    """The Python files that students were given, normalised."""
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else []
    return frozenset(_normal(path.read_bytes()) for path in paths if path.is_file())


def is_untouched(work: Work, starters: frozenset[bytes]) -> bool:
    """Whether what was handed in is what was handed out."""
    contents = work.wanted.values()
    return bool(contents) and all(_normal(source) in starters for source in contents)


def _normal(source: bytes) -> bytes:
    lines = source.removeprefix(b"\xef\xbb\xbf").splitlines()
    return b"\n".join(line.rstrip() for line in lines if line.strip())
