"""A pytest plugin: case files are collected, and every check of a test case is a test.

A run that meets no case file pays nothing for it: all else is imported once there is one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.judging.verdicts import Report, Verdict
    from autograder.model import Assignment, TestCase


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `--submission`."""
    parser.getgroup("autograder").addoption(
        "--submission",
        type=Path,
        metavar="FILE",
        help="the file to run the test cases on (default: the one that the assignment asks for, in "
        "the current folder or beside testcases/)",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CaseFile | None:
    """Collect the case files of an assignment."""
    settings = file_path.with_name("assignment.yaml")
    if file_path.suffix not in (".yaml", ".yml") or file_path.parent.name != "testcases":
        return None
    if file_path == settings or not settings.is_file():
        return None
    file: CaseFile = CaseFile.from_parent(parent, path=file_path)
    return file


def pytest_collection_finish(session: pytest.Session) -> None:
    """Find the submission before the first test. Raises pytest.UsageError."""
    # Before the first test, so that a submission which is not there is reported once.
    if not session.config.option.collectonly:
        for grading in {item.grading for item in session.items if isinstance(item, Check)}:
            grading.find_submission(session.config)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Say where the cases are, if none was collected."""
    root = config.rootpath
    nothing = exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and _GRADINGS not in config.stash
    if nothing and (root / "testcases" / "assignment.yaml").is_file():
        terminalreporter.write_line(
            f'The test cases are elsewhere: type `cd "{root}"`, then `pytest`.'
        )


class CaseFile(pytest.File):
    """A case file of an assignment."""

    def collect(self) -> Iterator[CaseNode]:
        gradings = self.config.stash.setdefault(_GRADINGS, {})
        folder = self.path.parent.parent
        if folder not in gradings:
            from autograder.threads import use_one_thread

            use_one_thread()
            gradings[folder] = None  # so that its faults, if any, are told with the first file only
            gradings[folder] = Grading(_read_assignment(folder))
        grading = gradings[folder]
        if grading is None:
            return
        for case in grading.assignment.cases:
            if case.place.path == self.path:
                node: CaseNode = CaseNode.from_parent(self, name=case.name)
                node.case, node.grading = case, grading
                yield node


class CaseNode(pytest.Collector):
    """A test case."""

    case: TestCase
    grading: Grading

    def collect(self) -> Iterator[Check]:
        for name in self.case.points:
            check: Check = Check.from_parent(self, name=name)
            check.case, check.grading = self.case, self.grading
            check.extra_keyword_matches.update(self.case.tags)
            yield check


class Check(pytest.Item):
    """A check of a test case."""

    case: TestCase
    grading: Grading

    def runtest(self) -> None:
        verdict = self.grading.verdict_on(self)
        if not verdict.passed:
            pytest.fail(verdict.text, pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.place.line - 1, f"{self.case.name}: {self.name}"


class Grading:
    """An assignment, and the verdicts on a submission, which is graded when the first is asked for."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._submission: Path | None = None
        self._verdicts: dict[tuple[str, str], Verdict] = {}  # by case and check

    def find_submission(self, config: pytest.Config) -> None:
        """Find the submission to run on. Raises pytest.UsageError."""
        from autograder.errors import UsageError
        from autograder.pipeline import find_submission

        # Without the option if this folder was found only after the command line was read.
        named: Path | None = getattr(config.option, "submission", None)
        here = config.invocation_params.dir
        try:
            self._submission = here / named if named else find_submission(self.assignment, here)
        except UsageError as error:
            raise pytest.UsageError(f"{error} with --submission=FILE") from None
        if not self._submission.exists():
            raise pytest.UsageError(f"there is no submission at {self._submission}")

    def verdict_on(self, check: Check) -> Verdict:
        """The verdict on a check; the first one has the submission graded."""
        if not self._verdicts:
            self._verdicts = {(v.case, v.check): v for v in self._grade().verdicts}
        return self._verdicts[check.case.name, check.name]

    def _grade(self) -> Report:
        """The report on all cases, whichever are chosen: hints draw on how the others went."""
        from autograder.errors import AssignmentError, UsageError
        from autograder.judging.suite import Suite
        from autograder.pipeline import report_on
        from autograder.sandbox import Sandbox

        assert self._submission is not None
        assignment = self.assignment._replace(require_isolation=())
        # Fresh interpreters, because nobody knows what else is in this one, which would be forked.
        with Sandbox(fresh=True) as sandbox:
            try:
                return report_on(self._submission, Suite(assignment), sandbox)
            except (AssignmentError, UsageError) as error:
                pytest.exit(str(error), returncode=2)


_GRADINGS: Final = pytest.StashKey["dict[Path, Grading | None]"]()


def _read_assignment(folder: Path) -> Assignment:
    from autograder.errors import AssignmentError
    from autograder.judging.suite import faults_of_answers
    from autograder.pipeline import faultless_assignment

    try:
        assignment = faultless_assignment(folder)
        faults = faults_of_answers(assignment)
        if faults:
            raise AssignmentError(faults)
    except AssignmentError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    return assignment
