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
from autograder.tests.conftest import RunCommand

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
Graded = tuple[Results, "subprocess.CompletedProcess[str]"]
GradeFile = Callable[..., Graded]


@pytest.fixture
def grade_file(run_command: RunCommand, tmp_path: Path, schema: Any) -> GradeFile:
    """Grades a path, or source text, by the command; gives results.json, which must be valid."""

    def run(submission: Path | str, *options: object) -> Graded:
        if isinstance(submission, str):
            source = textwrap.dedent(submission)
            submission = tmp_path / "loss.py"
            submission.write_text(source, encoding="utf-8")
        target = tmp_path / "results.json"
        done = run_command("grade", submission, "--results", target, *options)
        assert (done.returncode, done.stderr) == (0, "")
        results = read_results(target)
        schema.validate(results)
        return results, done

    return run


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


def submission_of(name: str, repository: Path) -> Path | str:
    sources: dict[str, Path | str] = {
        "reference": repository / "reference" / "loss.py",
        "starter": repository / "handout" / "loss.py",
        "wrong": WRONG,
        "syntax error": SYNTAX_ERROR,
        "crash": CRASH,
        "no such file in the folder": repository / "testcases",
    }
    return sources[name]


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("reference", 100),
        ("starter", 0),
        ("wrong", None),
        ("syntax error", 0),
        ("crash", 0),
        ("no such file in the folder", 0),
    ],
)
def test_results_are_valid_complete_and_add_up(
    name: str,
    score: float | None,
    grade_file: GradeFile,
    assignment: Assignment,
    repository: Path,
) -> None:
    results, _ = grade_file(submission_of(name, repository))
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
    assert "Traceback" not in json.dumps(results)


def test_a_fault_of_the_whole_submission_is_told_above_the_tests(
    grade_file: GradeFile, repository: Path
) -> None:
    assert "line 1" in grade_file(SYNTAX_ERROR)[0]["output"]
    assert "no loss.py" in grade_file(repository / "testcases")[0]["output"]
    assert "56 of 56 points" in grade_file(repository / "reference" / "loss.py")[0]["output"]


def test_staff_learn_by_what_a_result_was_made(grade_file: GradeFile, repository: Path) -> None:
    results, _ = grade_file(repository / "reference" / "loss.py")
    facts = results["extra_data"]
    assert facts["engine"] == __version__
    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))
    assert re.fullmatch(r"\d+\.\d+.*", facts["numpy"])
    assert re.fullmatch(r"[0-9a-f]{64}", facts["suite"])
    assert isinstance(facts["isolation"], str)
    assert facts["isolation"]
    assert isinstance(results["execution_time"], float)
    assert 0 < results["execution_time"] < 120
    again, _ = grade_file(WRONG)
    assert again["extra_data"] == facts


def test_the_terminal_and_the_file_agree(grade_file: GradeFile) -> None:
    results, done = grade_file(WRONG)
    pattern = re.compile(r"  (pass|FAIL)  (\S+) +(.*\S) +([\d.]+) / ([\d.]+)(?:  \((\w+)\))?")
    rows = [match.groups() for match in map(pattern.fullmatch, done.stdout.splitlines()) if match]
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
    assert total in done.stdout.splitlines()
    # Each mistake is explained once, in the words that one of its checks has in the file.
    explained = re.findall(r"^\d\.  (\S+)  (.*)$", done.stdout, re.MULTILINE)
    assert 0 < len(explained) < failed
    texts = {(test["number"], test["name"]): test["output"] for test in results["tests"]}
    for check in explained:
        assert textwrap.indent(texts[check], "  ") in done.stdout


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


def test_only_a_submission_that_could_not_be_run_is_noted_as_such(
    grade_file: GradeFile, repository: Path
) -> None:
    for name, words in (
        ("syntax error", "SyntaxError"),
        ("no such file in the folder", "no loss.py"),
    ):
        results, _ = grade_file(submission_of(name, repository))
        assert words in results["extra_data"]["not_run"]
    for name in ("starter", "wrong", "crash", "reference"):
        results, _ = grade_file(submission_of(name, repository))
        assert "not_run" not in results["extra_data"]


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


@pytest.mark.parametrize(("count", "points"), [(0, 10), (1, 8.75), (3, 6.25), (7, 1.25), (8, 0)])
def test_proportional_scoring_gives_the_share_of_the_batches(
    count: int, points: float, grade_file: GradeFile, small_assignment: Path
) -> None:
    source = WRONG_AT_FIRST.format(count=count)
    results, done = grade_file(source, "--assignment", small_assignment)
    first = results["tests"][0]
    assert (first["score"], first["max_score"]) == (points, 10)
    assert first["status"] == ("passed" if points == 10 else "failed")
    assert results["score"] == math.fsum(test["score"] for test in results["tests"])
    assert f"{points:g} / 10" in done.stdout
    if 0 < points < 10:
        assert f"in {count} of 8 batches" in first["output"]


def test_all_or_nothing_gives_nothing_for_a_part(
    grade_file: GradeFile, small_assignment: Path
) -> None:
    source = WRONG_AT_FIRST.format(count=1)
    results, _ = grade_file(source, "--assignment", small_assignment)
    second = results["tests"][1]
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
    assert not unsafe.search(done.stdout)
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


def test_no_escape_codes_where_the_output_is_no_terminal(
    run_command: RunCommand, repository: Path
) -> None:
    for submission in ("reference", "handout"):
        done = run_command("grade", repository / submission / "loss.py")
        assert done.returncode == 0
        assert "\x1b" not in done.stdout
        assert done.stderr == ""


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colours_unless_no_color_is_set(
    no_color: str, coloured: bool, repository: Path
) -> None:
    pytest.importorskip("termios", reason="there are no pseudo-terminals on this system")
    ours, theirs = os.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "autograder", "grade", "reference/loss.py"],
            cwd=repository,
            env={**os.environ, "NO_COLOR": no_color, "PYTHONPATH": str(repository)},
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
    assert (b"\x1b[" in shown) == coloured


def read_or_end(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux tells that nobody writes any more
        return b""


def test_the_file_is_written_whole_and_nothing_beside_it(
    grade_file: GradeFile, tmp_path: Path
) -> None:
    target = tmp_path / "results.json"
    target.write_text("an older and longer file " * 10_000, encoding="utf-8")
    grade_file(WRONG)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loss.py", "results.json"]


def test_without_results_nothing_is_written(run_command: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "loss.py").write_text(textwrap.dedent(WRONG), encoding="utf-8")
    assert run_command("grade", tmp_path / "loss.py").returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["loss.py"]


@pytest.mark.parametrize("target", ["missing/results.json", "folder"])
def test_a_target_that_cannot_be_written_is_told_in_one_line(
    target: str, run_command: RunCommand, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    path = tmp_path / target
    done = run_command("grade", repository / "handout" / "loss.py", "--results", path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert str(path) in done.stderr
    assert "cannot write" in done.stderr
    assert "0 of 100 points" in done.stdout  # the table is not lost with the file
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


LITTLE_ROOM = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
runpy.run_module("autograder", run_name="__main__", alter_sys=True)
"""


def test_a_disk_without_room_leaves_the_older_file_whole(
    run_command: RunCommand, repository: Path, tmp_path: Path
) -> None:
    pytest.importorskip("resource", reason="this system has no limit on the size of files")
    starter, target = repository / "handout" / "loss.py", tmp_path / "results.json"
    assert run_command("grade", starter, "--results", target).returncode == 0
    older = target.read_bytes()
    done = subprocess.run(
        [
            *(sys.executable, "-B", "-c", LITTLE_ROOM.format(size=len(older) - 1000)),
            *("grade", str(starter), "--results", str(target)),
        ],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "File too large" in done.stderr
    assert target.read_bytes() == older
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_a_missing_submission_is_the_commands_fault(
    run_command: RunCommand, tmp_path: Path
) -> None:
    done = run_command("grade", tmp_path / "loss.py", "--results", tmp_path / "results.json")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path / "loss.py") in done.stderr
    assert "No such file" in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_an_assignment_that_is_not_there_is_the_commands_fault(
    run_command: RunCommand, repository: Path, tmp_path: Path
) -> None:
    submission = repository / "reference" / "loss.py"
    for done in (
        run_command("grade", submission, "--assignment", tmp_path),
        run_command("grade", submission, cwd=tmp_path),
    ):
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert "assignment.yaml" in done.stderr
        assert done.stdout == ""
