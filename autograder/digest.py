"""Digests of all that a result depends on, so that nothing is graded twice and nothing is stale."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

import autograder
from autograder.errors import UsageError

SETTINGS: Final = "assignment.yaml"
_READ: Final = ("testcases", "reference", "handout")  # of an assignment's folder
_NOT_READ: Final = ("tests", "docs")  # of the engine


def files_of_assignment(folder: Path) -> dict[str, bytes]:
    """Everything that is read below an assignment's folder. Raises UsageError."""
    return dict(_files(str(folder), _READ))


def digest_of_assignment(folder: Path) -> str:
    """A digest of all that is read below an assignment's folder. Raises UsageError."""
    return digest(part for file in files_of_assignment(folder).items() for part in file)


def case_files(testcases: Path) -> list[Path]:
    """The case files of an assignment, in order."""
    return sorted(
        path
        for path in testcases.iterdir()
        if path.suffix in {".yaml", ".yml"} and path.name != SETTINGS and path.name[0] != "."
    )


def digest_of_suite(folder: Path) -> str:
    """A digest of the case files, the properties and the reference, to tell two reports apart."""
    testcases = folder / "testcases"
    paths = [
        testcases / SETTINGS,
        *case_files(testcases),
        testcases / "properties.py",
        *sorted((folder / "reference").rglob("*.py")),
    ]
    found = hashlib.sha256()
    for path in filter(Path.is_file, paths):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        name = path.relative_to(folder).as_posix()
        found.update(f"{name}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


@cache
def digest_of_engine() -> str:
    """A digest of the sources that grade."""
    engine = os.path.dirname(os.path.abspath(autograder.__file__))
    parts = sorted(name for name in os.listdir(engine) if name not in _NOT_READ)
    return digest(part for file in _files(engine, parts) for part in file)


def digest(parts: Iterable[str | bytes]) -> str:
    """A digest of texts, or bytes, in this order."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        found.update(f"{len(data)}\0".encode() + data)
    return found.hexdigest()


def _files(folder: str, parts: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    # Not by Path.rglob, which takes three times as long as all the reading.
    below = (os.walk(os.path.join(folder, part)) for part in filter(_is_read, parts))
    for top, folders, names in chain([(folder, list[str](), list(parts))], *below):
        folders[:] = sorted(filter(_is_read, folders))
        for path in (os.path.join(top, name) for name in sorted(filter(_is_read, names))):
            if os.path.isfile(path):
                try:
                    with open(path, "rb") as file:
                        yield (
                            path[len(os.path.join(folder, "")) :].replace(os.sep, "/"),
                            file.read(),
                        )
                except OSError as error:
                    raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _is_read(name: str) -> bool:
    return not name.startswith(".") and name != "__pycache__"
