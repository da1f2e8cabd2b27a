"""handout.zip: what students get, with which they can check their work on their own machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from autograder.archive import (
    Member,
    engine_members,
    folder_members,
    zip_bytes,
)
from autograder.errors import AssignmentError, Fault, Place
from autograder.handout.case_files import case_file_texts, settings_text
from autograder.judging.stored import freeze
from autograder.model import visible_part

if TYPE_CHECKING:
    from autograder.model import Assignment

# What the engine needs at home, with the same lower bounds as in pyproject.toml.
REQUIREMENTS: Final = ("numpy>=1.26", "PyYAML>=6.0", "pytest>=7.4")

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
# This file makes pytest take this folder for itself, whatever stands in those above.
[pytest]
"""


def handout_zip(assignment: Assignment) -> bytes:
    """The content of handout.zip. Raises AssignmentError where the assignment lacks a part of it.

    Expected values are frozen in; the reference, the known mistakes and everything about hidden cases
    stay behind.
    """
    own = _students_files(assignment)
    texts = {
        "requirements.txt": "".join(f"{line}\n" for line in REQUIREMENTS),
        "conftest.py": _CONFTEST,
        "pytest.ini": _PYTEST_INI,
        "testcases/assignment.yaml": settings_text(assignment),
        **{f"testcases/{name}": text for name, text in case_file_texts(assignment).items()},
    }
    return zip_bytes(
        {
            **engine_members(),
            **{path: Member(text.encode()) for path, text in texts.items()},
            "testcases/answers.npz": Member(freeze(visible_part(assignment))),
            **own,
        }
    )


def _students_files(assignment: Assignment) -> dict[str, Member]:
    """What the assignment's own folder `handout/` holds: the write-up, its pictures, the starter."""
    folder = assignment.folder / "handout"
    faults = [
        Fault(Place(folder / name), f"the handout needs {what} here; write it")
        for name, what in (("README.md", "its write-up"), (assignment.submission, "a starter"))
        if not (folder / name).is_file()
    ]
    if faults:
        raise AssignmentError(faults)
    members = folder_members(folder, "handout")
    return {path.removeprefix("handout/"): member for path, member in members.items()}
