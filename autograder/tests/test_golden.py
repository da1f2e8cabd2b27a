"""One whole text for each kind of failure, as a student reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.sandbox import Sandbox
from autograder.tests.golden import golden_files, parts, text_now


@pytest.mark.parametrize("path", golden_files(), ids=lambda path: path.stem)
def test_a_text_is_as_it_was_read_and_found_good(path: Path, warm_sandbox: Sandbox) -> None:
    head, text = parts(path)
    assert text_now(head, warm_sandbox) == text, "`python -m autograder.tests.golden` renews it"


def test_there_is_a_text_for_every_kind_of_failure() -> None:
    assert len(golden_files()) >= 16
