"""HOW_TO_CHECK.md: one page for every handout, with the names of its assignment filled in."""

from __future__ import annotations

import pytest

from autograder.handout.handout_zip import how_to_check
from autograder.model import Assignment


@pytest.fixture
def page(assignment: Assignment) -> str:
    return how_to_check(assignment)


def test_the_page_speaks_of_the_assignments_own_file_and_checks(page: str) -> None:
    assert "This checks `loss.py` in this folder" in page
    assert '"some folder/loss.py"' in page
    assert "pytest -k forward" in page
    assert "more than 5 seconds" in page
    assert "{{" not in page


def test_several_files_are_all_named(assignment: Assignment) -> None:
    page = how_to_check(assignment._replace(submission=("a.py", "nn/b.py", "c.py")))
    assert "This checks `a.py`, `nn/b.py` and `c.py` in this folder" in page
    assert "loss.py" not in page
    assert 'check "some folder"' in page


def test_hidden_cases_are_spoken_of_only_if_there_are_some(assignment: Assignment) -> None:
    more = "more test cases than these"
    assert more in how_to_check(assignment)
    visible = tuple(case for case in assignment.cases if case.visibility == "visible")
    assert more not in how_to_check(assignment._replace(cases=visible))
