"""results.json and the table on the terminal, as the command `autograder grade` writes them."""

from __future__ import annotations

import functools
import json
import math
import operator
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

import autograder
from autograder import __version__
from autograder.formats.assignment import load_assignment
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report, Verdict
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.reports.results_json import most_points, results_of
from autograder.sandbox import Sandbox
from autograder.tests.conftest import Ran, RunInProcess

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema knows the format")

WRONG = """
    import numpy as np

    class CrossEntropyLoss:
        def forward(self, A, Y):
            P = np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)
            self.gradient = P - Y
            return -np.sum(Y * np.log(P)) / len(A)

        def backward(self):
            return self.gradient
"""
CRASH = """
    import os

    class CrossEntropyLoss:
        def forward(self, A, Y):
            os._exit(1)

        def backward(self):
            return 0
"""
SYNTAX_ERROR = "class CrossEntropyLoss\n    pass\n"

Results = dict[str, Any]
Graded = tuple[Results, Ran]
GradeFile = Callable[..., Graded]


@pytest.fixture
def grade_file(run_in_process: RunInProcess, tmp_path: Path, schema: Any) -> GradeFile:
    """Grades a path, or source text, by the command; gives results.json, which must be valid."""

    def run(submission: Path | str, *options: object) -> Graded:
        if isinstance(submission, str):
            source = textwrap.dedent(submission)
            submission = tmp_path / "loss.py"
            submission.write_text(source, encoding="utf-8")
        target = tmp_path / "results.json"
        done = run_in_process("grade", submission, "--results", target, *options)
        assert (done.status, done.err) == (0, "")
        assert "\x1b" not in done.out  # which is no terminal
        results = read_results(target)
        schema.validate(results)
        assert "Traceback" not in json.dumps(results)
        return results, done

    return run


@pytest.fixture
def graded(name: str, grade_file: GradeFile, repository: Path) -> Graded:
    """What comes of one of the submissions below, which is graded once."""
    if name not in _GRADED:
        sources: dict[str, Path | str] = {
            "reference": repository / "reference" / "loss.py",
            "starter": repository / "handout" / "loss.py",
            "wrong": WRONG,
            "syntax error": SYNTAX_ERROR,
            "crash": CRASH,
            "no such file in the folder": repository / "testcases",
        }
        _GRADED[name] = grade_file(sources[name])
    return _GRADED[name]


_GRADED: dict[str, Graded] = {}


def read_results(path: Path) -> Results:
    """Read strictly: UTF-8, finite numbers, no key twice."""

    def refuse(constant: str) -> NoReturn:
        raise AssertionError(f"{constant} breaks the upload")

    def unique(pairs: list[tuple[str, Any]]) -> Results:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    data = path.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    results = json.loads(data.decode("utf-8"), parse_constant=refuse, object_pairs_hook=unique)
    assert isinstance(results, dict)
    return results


@pytest.mark.parametrize(
    ("test", "fault"),
    [
        ({"score": 1, "max_score": 1, "number": 1.1}, "1.1 is not of type 'string'"),
        ({"score": "1", "max_score": 1}, "'1' is not of type 'number'"),
        ({"score": 1}, "'max_score' is a dependency"),
        ({"score": 1, "max_score": 1, "status": "ok"}, "'ok' is not one of"),
        ({"score": 1, "max_score": 1, "visibility": "secret"}, "'secret' is not one of"),
        ({"score": 1, "max_score": 1, "points": 1}, "'points' was unexpected"),
        ({"score": 1, "max_score": 1, "output": "\0"}, "does not match"),
        ({"score": 1, "max_score": 1, "output": "\ud800"}, "does not match"),
    ],
)
def test_the_schema_refuses_what_gradescope_would(test: Results, fault: str, schema: Any) -> None:
    with pytest.raises(jsonschema.ValidationError, match=re.escape(fault)):
        schema.validate({"tests": [test]})


@pytest.mark.parametrize(
    ("name", "score", "told", "not_run"),
    [
        ("reference", 100, "56 of 56 points", ""),
        ("starter", 0, "not implemented yet", ""),
        ("wrong", None, "things to fix", ""),
        ("syntax error", 0, "line 1", "SyntaxError"),
        ("crash", 0, "status 1", ""),
        ("no such file in the folder", 0, "no loss.py", "no loss.py"),
    ],
)
def test_results_are_valid_complete_and_add_up(
    name: str,
    score: float | None,
    told: str,
    not_run: str,
    graded: Graded,
    assignment: Assignment,
) -> None:
    results, _ = graded
    tests = results["tests"]
    if score is None:
        assert 0 < results["score"] < 100
    else:
        assert results["score"] == score
    assert math.fsum(test["score"] for test in tests) == results["score"]
    assert math.fsum(test["max_score"] for test in tests) == 100
    expected = [(case, check) for case in assignment.cases for check in case.points]
    assert [test["name"] for test in tests] == [
        f"{case.name}: {check.replace('_', ' ')}" for case, check in expected
    ]
    for test, (case, check) in zip(tests, expected):
        assert test["number"] == case.number
        assert test["visibility"] == case.visibility
        assert test["max_score"] == case.points[check]
        assert 0 <= test["score"] <= test["max_score"]
        assert test["status"] == ("passed" if test["score"] == test["max_score"] else "failed")
        assert test["output"].strip()
        assert len(test["output"]) <= 4000
        assert test["output_format"] == "text"
    assert results["output_format"] == "text"
    assert told in results["output"]  # above the tests
    assert not_run in results["extra_data"].get("not_run", "")
    assert ("not_run" in results["extra_data"]) == bool(not_run)


@pytest.mark.parametrize("name", ["reference", "wrong"])
def test_staff_learn_by_what_a_result_was_made(name: str, graded: Graded) -> None:
    results, _ = graded
    facts = results["extra_data"]
    assert facts["engine"] == __version__
    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))
    assert re.fullmatch(r"\d+\.\d+.*", facts["numpy"])
    assert re.fullmatch(r"[0-9a-f]{64}", facts["suite"])
    assert isinstance(facts["isolation"], str)
    assert facts["isolation"]
    assert isinstance(results["execution_time"], float)
    assert 0 < results["execution_time"] < 120
    # The same, whatever was handed in.
    assert facts == _GRADED["reference"][0]["extra_data"]


@pytest.mark.parametrize("name", ["wrong"])
def test_the_terminal_and_the_file_agree(name: str, graded: Graded) -> None:
    results, done = graded
    pattern = re.compile(r"  (pass|FAIL)  (\S+) +(.*\S) +([\d.]+) / ([\d.]+)(?:  \((\w+)\))?")
    rows = [match.groups() for match in map(pattern.fullmatch, done.out.splitlines()) if match]
    assert rows == [
        (
            "pass" if test["status"] == "passed" else "FAIL",
            test["number"],
            test["name"],
            f"{test['score']:g}",
            f"{test['max_score']:g}",
            None if test["visibility"] == "visible" else test["visibility"],
        )
        for test in results["tests"]
    ]
    failed = sum(test["status"] == "failed" for test in results["tests"])
    total = f"{results['score']:g} of 100 points; {failed} checks failed."
    assert total in done.out.splitlines()
    # Each mistake is explained once, in the words that one of its checks has in the file.
    explained = re.findall(r"^\d\.  (\S+)  (.*)$", done.out, re.MULTILINE)
    assert 0 < len(explained) < failed
    texts = {(test["number"], test["name"]): test["output"] for test in results["tests"]}
    for check in explained:
        assert textwrap.indent(texts[check], "  ") in done.out


# Reports made by hand.


def report_of(*verdicts: Verdict, **fields: Any) -> Report:
    """A report of these verdicts."""
    known = {"title": "T", "notice": "", "seconds": 2.0, "facts": {"isolation": "basic"}}
    return Report(verdicts=verdicts, **{**known, **fields})


def verdict(case: str, points: float, most: float, visibility: str = "visible") -> Verdict:
    return Verdict(case, "forward", "1.1", visibility, (), points, most, points == most, "text")


def test_tenths_add_up_to_whole_points() -> None:
    verdicts = [verdict(f"case {n}", 0.1, 0.1) for n in range(100)]
    assert functools.reduce(operator.add, (v.points for v in verdicts)) != 10
    results = results_of(report_of(*verdicts))
    assert results["score"] == 10
    assert most_points(results) == 10
    assert results_of(report_of(verdict("a", 0.7 * 3 / 7, 0.7)))["tests"][0]["score"] == 0.3


@pytest.mark.parametrize(
    ("failed", "named"),
    [
        (("Seen",), "in `Seen`,"),
        (("Seen", "Secret"), "in `Seen` and 1 test case not shown here,"),
        (("Secret", "Also secret"), "in 2 test cases not shown here,"),
    ],
)
def test_a_score_that_is_not_final_says_so(
    failed: tuple[str, ...], named: str, schema: Any
) -> None:
    verdicts = [verdict("Seen", 0, 1), verdict("Fine", 1, 1)]
    verdicts += [verdict("Secret", 0, 1, "hidden"), verdict("Also secret", 0, 1, "after_published")]
    results = results_of(report_of(*verdicts, not_graded=failed, notice="And more."))
    schema.validate(results)
    assert results["score"] == 1
    assert results["extra_data"]["not_graded"] == list(failed)
    assert results["output"].startswith("This score is not final: the grader failed " + named)
    assert "ecret" not in results["output"]
    assert results["output"].endswith("And more.")


def test_a_submission_of_which_one_function_is_missing_was_run(
    tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    template = Path(autograder.__file__).parent / "authoring" / "template"
    source = (template / "reference" / "mse.py").read_text(encoding="utf-8")
    path = tmp_path / "mse.py"
    path.write_text(source.replace("def mean_squared_error", "def mse"), encoding="utf-8")
    report = grade(path, Suite(load_assignment(template)), warm_sandbox)
    assert 0 < report.points < report.max_points
    results = results_of(report)
    assert "not_run" not in results["extra_data"]
    assert "thing to fix" in results["output"]


# Partial credit, tags and numbers, in an assignment made for it.


@pytest.fixture
def small_assignment(tmp_path: Path) -> Path:
    folder = tmp_path / "assignment"
    files = {
        "testcases/assignment.yaml": """
            title: Doubling
            submission: double.py
            program: forward = Double().forward(x)
            """,
        "testcases/cases.yaml": """
            visibility: hidden
            cases:
              - name: Part by part
                number: A.1
                visibility: visible
                scoring: proportional
                tags: [partial, "two words"]
                random: {seed: 1, batches: 8, n: 3}
                inputs: {x: {normal: [n]}}
                points: {forward: 10}
              - name: All of it
                number: 7
                visibility: after_due_date
                random: {seed: 1, batches: 8, n: 3}
                inputs: {x: {normal: [n]}}
                points: {forward: 2.5}
              - name: For no points
                inputs: {x: [1, 2]}
                points: {forward: 0}
            """,
        "reference/double.py": """
            class Double:
                def forward(self, x):
                    return x * 2
            """,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


WRONG_AT_FIRST = """
    made = []

    class Double:
        def __init__(self):
            made.append(self)

        def forward(self, x):
            return x * 2 if len(made) > {count} else x
"""


@pytest.mark.parametrize(("count", "points"), [(1, 8.75), (7, 1.25), (8, 0)])
def test_proportional_scoring_gives_the_share_of_the_batches(
    count: int, points: float, grade_file: GradeFile, small_assignment: Path
) -> None:
    source = WRONG_AT_FIRST.format(count=count)
    results, done = grade_file(source, "--assignment", small_assignment)
    first, second, _ = results["tests"]
    assert (first["score"], first["max_score"], first["status"]) == (points, 10, "failed")
    assert results["score"] == math.fsum(test["score"] for test in results["tests"])
    assert f"{points:g} / 10" in done.out
    if points:
        assert f"in {count} of 8 batches" in first["output"]
    # And all or nothing gives nothing for a part.
    assert (second["score"], second["max_score"], second["status"]) == (0, 2.5, "failed")


def test_what_a_case_file_says_of_a_case_arrives(
    grade_file: GradeFile, small_assignment: Path
) -> None:
    results, _ = grade_file(WRONG_AT_FIRST.format(count=99), "--assignment", small_assignment)
    first, second, third = results["tests"]
    assert first["tags"] == ["partial", "two words"]
    assert "tags" not in second
    assert [test["number"] for test in results["tests"]] == ["A.1", "7", "1.3"]
    assert [test["visibility"] for test in results["tests"]] == [
        "visible",
        "after_due_date",
        "hidden",
    ]
    assert first["name"] == "Part by part: forward"
    # Gradescope takes a test of 0 of 0 points for passed unless it is told otherwise.
    assert (third["score"], third["max_score"], third["status"]) == (0, 0, "failed")


# Text that would break the file, or disturb who reads it.


ODD = r"""
    class CrossEntropyLoss:
        def forward(self, A, Y):
            print("\0 \x1b[31mred\x1b[0m \x9b2J \u202eright to left\u2066 \ud800 \udfff \ufeff \x07")
            print("<b>bold</b> & 交叉熵 🙂 é")
            raise ValueError("\0\x1b]0;title\x07\u202e\udc80" + type("\0\ud800", (), {}).__name__)

        def backward(self):
            return 0
"""


def test_control_characters_surrogates_and_reordering_marks_arrive_as_escapes(
    grade_file: GradeFile,
) -> None:
    results, done = grade_file(ODD)
    unsafe = re.compile(
        "[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
    )
    for text in texts_in(results):
        assert not unsafe.search(text)
    assert not unsafe.search(done.out)
    output = results["tests"][0]["output"]
    assert r"\x00 \x1b[31mred" in output
    assert r"\u202eright to left" in output
    assert r"\ud800" in output
    assert "<b>bold</b> & 交叉熵 🙂 é" in output  # as text, which Gradescope does not take for HTML


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts_in(key)
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)


def test_the_longest_results_stay_far_below_what_gradescope_cuts(grade_file: GradeFile) -> None:
    source = """
        class CrossEntropyLoss:
            def forward(self, A, Y):
                print("first" + "\\n" * 900 + "last")
                raise ValueError("\\u202e" * 100_000)
    """
    results, _ = grade_file(source)
    assert all(len(test["output"]) <= 4000 for test in results["tests"])
    assert "cut here" in results["tests"][0]["output"]


# Exit status and files.


def test_a_terminal_gets_colours(repository: Path) -> None:
    pytest.importorskip("termios", reason="there are no pseudo-terminals on this system")
    ours, theirs = os.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "autograder", "grade", "reference/loss.py"],
            cwd=repository,
            env={**os.environ, "NO_COLOR": "", "PYTHONPATH": str(repository)},
            stdin=subprocess.DEVNULL,
            stdout=theirs,
        ) as process:
            os.close(theirs)
            shown = b""
            while chunk := read_or_end(ours):
                shown += chunk
        assert process.returncode == 0
    finally:
        os.close(ours)
    assert b"100 of 100 points" in shown
    assert b"\x1b[" in shown


def read_or_end(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux tells that nobody writes any more
        return b""


def test_the_file_is_written_whole_if_asked_for_and_nothing_beside_it(
    grade_file: GradeFile, run_in_process: RunInProcess, repository: Path, tmp_path: Path
) -> None:
    submission = repository / "handout" / "loss.py"
    assert run_in_process("grade", submission, "--assignment", repository, cwd=tmp_path).status == 0
    assert list(tmp_path.iterdir()) == []
    target = tmp_path / "results.json"
    target.write_text("an older and longer file " * 10_000, encoding="utf-8")
    grade_file(submission)
    assert list(tmp_path.iterdir()) == [target]


LITTLE_ROOM = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
runpy.run_module("autograder", run_name="__main__", alter_sys=True)
"""


def test_a_disk_without_room_leaves_the_older_file_whole(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="this system has no limit on the size of files")
    starter, target = repository / "handout" / "loss.py", tmp_path / "results.json"
    target.write_bytes(b"older")
    done = subprocess.run(
        [sys.executable, "-B", "-c", LITTLE_ROOM, "grade", starter, "--results", target],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "File too large" in done.stderr
    assert target.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_not_there_is_the_commands_fault(
    run_in_process: RunInProcess, repository: Path, tmp_path: Path
) -> None:
    missing, submission = tmp_path / "loss.py", repository / "reference" / "loss.py"
    target = ("--results", tmp_path / "results.json")
    for done, told in (
        (run_in_process("grade", missing, *target), f"{missing}: No such file"),
        (run_in_process("grade", submission, "--assignment", tmp_path, *target), "assignment.yaml"),
        (run_in_process("grade", submission, *target, cwd=tmp_path), "testcases/assignment.yaml"),
    ):
        assert done.status == 2
        assert len(done.err.splitlines()) == 1
        assert told in done.err
        assert done.out == ""
    assert "--assignment" in done.err
    assert list(tmp_path.iterdir()) == []
