"""Fixtures: the repository's own assignment, sandboxes of both kinds, ways to grade and to run commands.

`--everything` runs what takes minutes too: the whole corpus at every level, and tests marked as slow.
"""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import hypothesis
import pytest

from autograder.cli import main
from autograder.formats.assignment import load_assignment
from autograder.judging.cache import CachedSuite
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report, Verdict
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.sandbox import Sandbox
from autograder.tests import portable

if TYPE_CHECKING:  # it needs Linux
    from autograder.tests.corpus_session import CorpusSession

REPOSITORY = Path(__file__).resolve().parents[2]


class Ran(NamedTuple):
    """What a command did that was run in this process."""

    status: int
    out: str
    err: str


GradeSource = Callable[..., Report]
RunCommand = Callable[..., "subprocess.CompletedProcess[str]"]
RunInProcess = Callable[..., Ran]
_CORPUS_SESSION = pytest.StashKey["CorpusSession"]()

# A busy machine may take its time over an example, and a run of the tests comes to the same each time.
hypothesis.settings.register_profile("any machine", deadline=None, derandomize=True)
hypothesis.settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--everything",
        action="store_true",
        help="run what takes minutes too: all hostile submissions at every level, and slow tests",
    )


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return portable.is_left_out(collection_path) or None


def pytest_itemcollected(item: pytest.Item) -> None:
    portable.mark(item)


def pytest_configure() -> None:
    # Options for this run are not for those of pytest that tests start.
    os.environ.pop("PYTEST_ADDOPTS", None)
    # A shell's background job ignores it, and so would every process that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    everything = config.getoption("--everything")
    if any(map(_attack_of, items)):
        from autograder.tests.corpus_session import CorpusSession

        config.stash[_CORPUS_SESSION] = session = CorpusSession(everything)
    kept: list[pytest.Item] = []
    last: list[pytest.Item] = []
    deselected: list[pytest.Item] = []
    numbers: dict[str, int] = {}
    for item in items:
        if attack := _attack_of(item):
            number = numbers[attack[0]] = numbers.get(attack[0], -1) + 1
            (last if session.is_chosen(attack[0], number) else deselected).append(item)
        elif item.get_closest_marker("slow") and not everything:
            deselected.append(item)
        else:
            kept.append(item)
    items[:] = kept + last  # the corpus at the end: it runs beside the others
    config.hook.pytest_deselected(items=deselected)


def pytest_collection_finish(session: pytest.Session) -> None:
    chosen: dict[str, list[str]] = {}
    for level, name in filter(None, map(_attack_of, session.items)):
        chosen.setdefault(level, []).append(name)
    if chosen and not session.config.option.collectonly:
        session.config.stash[_CORPUS_SESSION].start(chosen)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _CORPUS_SESSION in config.stash:
        config.stash[_CORPUS_SESSION].stop()


def _attack_of(item: pytest.Item) -> tuple[str, str] | None:
    """Level and name of the attack that a test is about."""
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    if not {"level", "attack"} <= set(parameters):
        return None
    return parameters["level"], parameters["attack"].name


@pytest.fixture(scope="session")
def corpus_session(pytestconfig: pytest.Config) -> CorpusSession:
    """What came of the corpus, which runs beside the tests."""
    return pytestconfig.stash[_CORPUS_SESSION]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder of the tests' own: what is in that of whoever runs them does not count."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("caches")))
        yield


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
    suite = CachedSuite(assignment)
    assert suite.mistakes  # so that copies with other settings have them too
    assert suite.pairs
    return suite


@pytest.fixture
def grade_source(tmp_path: Path, suite: Suite, warm_sandbox: Sandbox) -> GradeSource:
    """Grades source text handed in as loss.py."""

    def grade_text(source: str, *, sandbox: Sandbox = warm_sandbox, **settings: Any) -> Report:
        path = tmp_path / "loss.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        changed = suite.assignment._replace(**settings)
        if "cases" in settings:
            return grade(path, CachedSuite(changed), sandbox)
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
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def run_in_process(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> RunInProcess:
    """Runs `autograder ...` in this process, which takes a tenth of the time of one of its own."""

    def run(*arguments: object, cwd: Path = REPOSITORY) -> Ran:
        capsys.readouterr()
        with monkeypatch.context() as context:
            context.chdir(cwd)
            try:
                status = main([*map(str, arguments)])
            except SystemExit as error:  # from argparse
                status = error.code if isinstance(error.code, int) else 1
        return Ran(status, *capsys.readouterr())

    return run


def verdict_of(report: Report, case: str, check: str) -> Verdict:
    """The verdict on one check of a report."""
    return next(v for v in report.verdicts if (v.case, v.check) == (case, check))
