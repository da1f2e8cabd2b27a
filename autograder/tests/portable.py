"""The part of the tests that is for every system: on macOS and Windows nothing else is collected.

The rest needs Linux: walls, forked workers, a POSIX shell. On Linux `pytest -m portable` runs this part.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import pytest

# To have a module of tests run everywhere, put it here.
PORTABLE: Final = (
    "test_at_home.py",
    "test_class_table.py",
    "test_docs.py",
    "test_draws.py",
    "test_english.py",
    "test_faulty_yaml.py",
    "test_handout.py",
    "test_layers.py",
    "test_lint.py",
    "test_matrix.py",
    "test_mistakes.py",
    "test_program.py",
    "test_reference_loss.py",
    "test_schemas.py",
    "test_show.py",
    "test_steps.py",
    "test_submission.py",
    "test_summary.py",
    "test_text.py",
)


def is_left_out(path: Path, platform: str = sys.platform) -> bool:
    """Whether a module of tests is not for this system; importing it may fail there."""
    is_module = path.name.startswith("test_") and path.suffix == ".py"
    return platform != "linux" and is_module and path.name not in PORTABLE


def mark(item: pytest.Item) -> None:
    """Mark a test of this part."""
    if item.path.name in PORTABLE:
        item.add_marker(pytest.mark.portable)
