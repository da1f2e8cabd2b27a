"""Fixtures: the repository's own assignment, sandboxes of both kinds, and ways to grade source text."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.formats.assignment import load_assignment
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report, Verdict
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.sandbox import Sandbox

REPOSITORY = Path(__file__).resolve().parents[2]

GradeSource = Callable[..., Report]
RunCommand = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    """The cross-entropy assignment."""
    return load_assignment(REPOSITORY)


@pytest.fixture(scope="session", params=["warm", "fresh"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of each kind: workers forked from a warm process, and fresh interpreters."""
    with Sandbox(fresh=request.param == "fresh") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def warm_sandbox() -> Iterator[Sandbox]:
    """One sandbox of the default kind, for what does not depend on it."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def schema(repository: Path) -> Any:
    """A validator of Gradescope's results.json."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema knows the format")
    path = repository / "autograder" / "tests" / "gradescope_results.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="session")
def suite(assignment: Assignment) -> Suite:
    """The cross-entropy assignment with its answers, which are worked out once."""
    return Suite(assignment)


@pytest.fixture
def grade_source(tmp_path: Path, suite: Suite, warm_sandbox: Sandbox) -> GradeSource:
    """Grades source text handed in as loss.py."""

    def grade_text(source: str, *, sandbox: Sandbox = warm_sandbox, **settings: Any) -> Report:
        path = tmp_path / "loss.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        changed = suite.assignment._replace(**settings)
        if "cases" in settings:
            return grade(path, Suite(changed), sandbox)
        with_answers = copy.copy(suite)
        with_answers.assignment = changed
        return grade(path, with_answers, sandbox)

    return grade_text


@pytest.fixture
def run_command(tmp_path: Path) -> RunCommand:
    """Runs `python -m autograder ...` as a user would, in the repository's folder."""

    def run(*arguments: object, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1"}
        return subprocess.run(
            [sys.executable, "-m", "autograder", *map(str, arguments)],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def verdict_of(report: Report, case: str, check: str) -> Verdict:
    """The verdict on one check of a report."""
    return next(v for v in report.verdicts if (v.case, v.check) == (case, check))
