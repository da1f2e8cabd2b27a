"""handout.zip: what students get, with which they can check their work on their own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from autograder.archive import Member, engine_members, file_member, folder_members, zip_bytes
from autograder.errors import AssignmentError, Fault, Place
from autograder.formats.wanted_files import listed
from autograder.handout.case_files import case_file_texts, settings_text
from autograder.handout.platform_versions import FILE, pinned_versions, versions_text
from autograder.judging.storing import store
from autograder.judging.suite import Suite
from autograder.model import Assignment, visible_part

# What the engine needs at home besides numpy, with the same lower bounds as in pyproject.toml.
REQUIREMENTS: Final = ("PyYAML>=6.0", "pytest>=7.4")
# For which systems a numpy that the platform may have pinned has wheels, and which numpy is the first
# that has them for the others. Windows on ARM (not its emulation of x86) says "ARM64".
WHEELS: Final = {
    "2.2.6": (
        'python_version < "3.14" and (sys_platform != "win32" or platform_machine != "ARM64")',
        'python_version >= "3.14" or (sys_platform == "win32" and platform_machine == "ARM64")',
        "2.3.2",
    ),
}

_HOW_TO_CHECK: Final = Path(__file__).resolve().parent / "HOW_TO_CHECK.md"

# As __main__.py, this is read by any Python from 2.7 on, and by as old a pytest. Found only when
# pytest is in the midst of collecting, it cannot use `pytest_plugins`.
_CONFTEST: Final = '''\
"""Makes `pytest` run the test cases in testcases/ on your file."""

import os
import sys
import warnings

import pytest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, FOLDER)

from autograder.needs import complaint, complaint_about_imports

# From here on, a file of yours in this folder is not mistaken for a library of the same name.
sys.path[:] = [path for path in sys.path if path != FOLDER] + [FOLDER]
COMPLAINT = complaint("python -m pytest", pytest.__version__) or complaint_about_imports()


class NotReady(pytest.UsageError, pytest.Collector.CollectError):
    """What is missing, shown without a traceback at any time."""


if COMPLAINT:
    warnings.simplefilter("ignore")  # those of an old pytest about how it is ended

    def pytest_addoption(parser):
        raise NotReady(COMPLAINT)

else:

    def pytest_addoption(parser, pluginmanager):
        pluginmanager.import_plugin("autograder.handout.pytest_plugin")
'''
_PYTEST_INI: Final = """\
# This file makes pytest use this folder alone, whatever the folders above contain.
[pytest]
"""


def handout_zip(assignment: Assignment) -> bytes:
    """The content of handout.zip. Raises AssignmentError if the assignment lacks a part of it.

    Expected values are stored in it; the reference, the known mistakes and everything about hidden cases
    stay behind.
    """
    own = _students_files(assignment)
    if assignment.properties:
        own.setdefault("testcases/properties.py", file_member(assignment.properties_path))
    given = visible_part(assignment)
    more_cases = len(given.cases) < len(assignment.cases)
    texts = {
        "requirements.txt": "".join(f"{line}\n" for line in requirements()),
        "conftest.py": _CONFTEST,
        "pytest.ini": _PYTEST_INI,
        FILE: versions_text(pinned_versions()),
        "HOW_TO_CHECK.md": how_to_check(assignment),
        "testcases/assignment.yaml": settings_text(assignment),
        **{f"testcases/{name}": text for name, text in case_file_texts(assignment).items()},
    }
    return zip_bytes(
        {
            **engine_members(),
            **{path: Member(text.encode()) for path, text in texts.items()},
            "testcases/answers.bin": Member(store(Suite(given), more_cases=more_cases)),
            **own,
        }
    )


def requirements() -> list[str]:
    """The lines of requirements.txt, with the platform's numpy for every system that has its wheel."""
    numpy = pinned_versions().numpy
    has_wheel, has_none, newer = WHEELS[numpy]
    return [f"numpy=={numpy}; {has_wheel}", f"numpy>={newer}; {has_none}", *REQUIREMENTS]


def how_to_check(assignment: Assignment) -> str:
    """The page HOW_TO_CHECK.md, for an assignment with all of its cases, the hidden ones too."""
    names = tuple(f"`{name}`" for name in assignment.submission)
    one = len(names) == 1
    hidden = any(case.visibility != "visible" for case in assignment.cases)
    visible = [case for case in assignment.cases if case.visibility == "visible"]
    seconds = assignment.limits.call_seconds
    words = {
        "files": listed(names),
        "they": "it imports" if one else "they import",
        "path": f"/{assignment.submission[0]}" if one else "",
        "check": next((check for case in visible for check in case.points), "checks"),
        "seconds": "1 second" if seconds == 1 else f"{seconds:g} seconds",
        "hidden": (
            "The platform runs more test cases than these. They follow from the same write-up, so "
            "read it\n  once more before you hand in."
            if hidden
            else "These are all the test cases that there are."
        ),
    }
    text = _HOW_TO_CHECK.read_text(encoding="utf-8")
    for word, meaning in words.items():
        text = text.replace(f"{{{{{word}}}}}", meaning)
    return text


def _students_files(assignment: Assignment) -> dict[str, Member]:
    """What the assignment's own folder `handout/` holds: the write-up, its pictures, the starter."""
    folder = assignment.folder / "handout"
    faults = [
        Fault(Place(folder / name), f"the handout needs {what} here; write it")
        for name, what in (
            ("README.md", "its write-up"),
            *((file, "a starter") for file in assignment.submission),
        )
        if not (folder / name).is_file()
    ]
    if faults:
        raise AssignmentError(faults)
    members = folder_members(folder, "handout")
    return {path.removeprefix("handout/"): member for path, member in members.items()}
