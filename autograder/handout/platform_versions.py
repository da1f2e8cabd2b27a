"""The versions that grade on the platform, and what of a submission they would not run.

`bundle` writes them into the handout. At home other versions may run the same code, and "all passed" is
worth little if the platform's Python cannot read the file.
"""

from __future__ import annotations

import ast
import contextlib
import json
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

import autograder
from autograder.formats.submission import Submission, SubmissionError, read_submission
from autograder.handout.newer_syntax import newer_than, parsed
from autograder.text import one_line

FILE: Final = "testcases/platform.json"  # in the handout
_PYTHON: Final = (3, 10)  # of Ubuntu 22.04, the newest system that the platform offers
_PINNED: Final = Path(autograder.__file__).parent / "gradescope" / "image" / "requirements.txt"
_MOST_LINES: Final = 10


class Versions(NamedTuple):
    """The Python and the numpy that grade."""

    python: tuple[int, int]
    numpy: str

    def __str__(self) -> str:
        return f"Python {self.python[0]}.{self.python[1]} and numpy {self.numpy}"


class Outlook(NamedTuple):
    """What to expect of the platform."""

    differs: str  # a line on the versions, if they are others than here
    faults: tuple[str, ...]  # what its Python lacks, each with its place


def pinned_versions() -> Versions:
    """Those that the platform's image is built with."""
    match = re.search(r"^numpy==([\w.]+)", _PINNED.read_text(encoding="utf-8"), re.MULTILINE)
    assert match, "the image's requirements name numpy"
    return Versions(_PYTHON, match[1])


def versions_text(versions: Versions) -> str:
    """The content of the handout's file."""
    python = f"{versions.python[0]}.{versions.python[1]}"
    return json.dumps({"python": python, "numpy": versions.numpy}) + "\n"


def platform_versions(folder: Path) -> Versions | None:
    """Those that grade an assignment: as its handout says, or else as pinned; None if unknown."""
    try:
        told = json.loads((folder / FILE).read_bytes())
        major, minor = told["python"].split(".")
        return Versions((int(major), int(minor)), one_line(str(told["numpy"]), 20))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return pinned_versions() if _PINNED.is_file() else None


def outlook(path: Path, wanted: tuple[str, ...], folder: Path) -> Outlook:
    """What the submission at a path, for the assignment in a folder, has to expect of the platform."""
    versions = platform_versions(folder)
    if versions is None:
        return Outlook("", ())
    faults = []
    with contextlib.suppress(SubmissionError):  # the report says so
        faults = faults_on(versions, read_submission(path, wanted))
    return Outlook(_difference(versions), tuple(faults))


def _difference(versions: Versions) -> str:
    from numpy import __version__ as numpy_here

    same_numpy = versions.numpy.split(".")[:2] == numpy_here.split(".")[:2]
    if versions.python == sys.version_info[:2] and same_numpy:
        return ""
    here = f"Python {platform.python_version()} and numpy {numpy_here}"
    return f"The platform grades with {versions}; this run used {here}."


def faults_on(versions: Versions, submission: Submission) -> list[str]:
    """Lines of the files asked for, and of what they import, that the platform's Python lacks."""
    found = []
    for path in _imported(list(submission.files.values()), submission.sources):
        name, newer = one_line(path, 120), newer_than(versions.python, submission.sources[path])
        for line, (major, minor), what, instead in newer:
            needs = f"{name}, line {line}: {what} needs Python {major}.{minor}."
            found.append(f"{needs} {instead}".rstrip())
    more = len(found) - _MOST_LINES
    return [*found[:_MOST_LINES], f"... and {more} more"] if more > 0 else found


def _imported(main: list[str], sources: Mapping[str, bytes]) -> list[str]:
    """The files asked for and all that they may import; what lies beside them is not read."""
    found = list(main)
    for path in found:  # which grows on the way
        words = _imported_words(sources[path])
        for other in sources:
            pure = PurePosixPath(other)
            module = pure.parent.name if pure.stem == "__init__" else pure.stem
            if other not in found and module in words:
                found.append(other)
    return found


def _imported_words(source: bytes) -> set[str]:
    """The words by which a file imports: of `from nn.linear import Linear` all three."""
    try:
        nodes = list(ast.walk(parsed(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    imports = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name for node in imports for alias in node.names}
    names |= {node.module for node in imports if isinstance(node, ast.ImportFrom) and node.module}
    return {word for name in names for word in name.split(".")}
