"""Checking at home, from handout.zip alone: the same verdicts as on the platform, on any system."""

from __future__ import annotations

import ast
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from autograder.cli import main
from autograder.explain.summary import things_to_fix
from autograder.formats.assignment import load_assignment
from autograder.handout.handout_zip import handout_zip
from autograder.judging.cache import CachedSuite
from autograder.judging.verdicts import Report, forfeit
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.reports.terminal import print_report
from autograder.sandbox import Sandbox
from autograder.tests.solutions import ENDLESS, FORMULAS, IN_EXAMPLE, solution

HALF_DONE = solution(backward='raise NotImplementedError("to do")')

SUBMISSIONS = {
    "correct": solution("np.array([[loss]])"),
    "formulas only": FORMULAS,
    "not divided": solution(gradient="self.P - self.Y"),
    "endless loop": solution(forward=f"{IN_EXAMPLE}\n            {ENDLESS}"),
    "syntax error": solution(forward="if True print(A)"),
    "raises": solution(backward="print('in backward'); return self.softmax"),
    "in place": solution(forward="A -= A.max(axis=1, keepdims=True)"),
}

Outcomes = dict[tuple[str, str], tuple[bool, str]]  # passed, and the text, by case and check


class Home(NamedTuple):
    """An unzipped handout, and the assignment that it was made of."""

    folder: Path
    assignment: Assignment


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Home:
    """A handout in a folder as students have them; a call has half a second here."""
    course = tmp_path_factory.mktemp("course")
    for part in ("testcases", "reference", "handout"):
        shutil.copytree(repository / part, course / part)
    settings = course / "testcases" / "assignment.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "call_seconds: 5" in text
    settings.write_text(text.replace("call_seconds: 5", "call_seconds: 0.5"), encoding="utf-8")
    assignment = load_assignment(course)
    folder = tmp_path_factory.mktemp("übung") / "Kopie von „Übung 3“ (2)"
    with zipfile.ZipFile(io.BytesIO(handout_zip(assignment))) as archive:
        archive.extractall(folder)
    return Home(folder, assignment)


@pytest.fixture
def at_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The handout's folder, as the current one."""
    monkeypatch.chdir(home.folder)
    monkeypatch.setenv("COLUMNS", "1000")  # so that nothing is wrapped
    return home.folder


def check(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit status and the output of `autograder check`."""
    capsys.readouterr()
    status = main(["check", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out + captured.err


class Recorder:
    """A pytest plugin that keeps what a run has to say."""

    def __init__(self) -> None:
        self.status = -1
        self.outcomes: Outcomes = {}
        self.collected: list[str] = []
        self.collection_errors: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            _, case, name = report.nodeid.split("::")
            self.outcomes[case, name] = (report.passed, report.longreprtext)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collection_errors.append(report.longreprtext)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected = [item.nodeid for item in session.items]


@pytest.fixture
def run_pytest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Recorder]:
    """Runs pytest in the current folder, in this process."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    options = "-p autograder.handout.pytest_plugin -p no:faulthandler --noconftest --rootdir=."
    cache = f"cache_dir={tmp_path / 'cache'}"

    def run(*arguments: object) -> Recorder:
        recorder = Recorder()
        recorder.status = pytest.main(
            [*options.split(), "-c", os.devnull, "-o", cache, *map(str, arguments)],
            plugins=[recorder],
        )
        return recorder

    return run


# The same everywhere.


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("correct", "endless loop") else pytest.mark.slow)
        for name in SUBMISSIONS
    ],
)
def test_the_platform_check_and_pytest_give_the_same_verdicts_and_texts(
    name: str,
    home: Home,
    at_home: Path,
    tmp_path: Path,
    warm_sandbox: Sandbox,
    run_pytest: Callable[..., Recorder],
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "loss.py"
    path.write_text(textwrap.dedent(SUBMISSIONS[name]), encoding="utf-8")
    report = grade(path, CachedSuite(home.assignment), warm_sandbox)
    visible = [verdict for verdict in report.verdicts if verdict.visibility == "visible"]
    assert 10 < len(visible) < len(report.verdicts)

    status, output = check(path, capsys=capsys)
    assert status == (0 if all(verdict.passed for verdict in visible) else 1)
    rows = re.findall(r"^  (pass|FAIL)  (\S+)  (.+?) +([\d.]+) / ([\d.]+)$", output, re.MULTILINE)
    assert rows == [
        ("pass" if v.passed else "FAIL", v.number, v.name, f"{v.points:g}", f"{v.max_points:g}")
        for v in visible
    ]
    if report.notice:
        assert report.notice.splitlines()[0] in output
    for thing in things_to_fix(visible):  # each mistake is explained once, by one of its checks
        assert thing.sentence in output
        if not report.notice:
            text = without_versions(thing.best.text)
            assert f"\n{textwrap.indent(text, '  ')}\n" in output

    run = run_pytest("--submission", path)
    assert run.status == status
    assert run.outcomes == {
        (v.case, v.check): (v.passed, "" if v.passed else without_versions(v.text)) for v in visible
    }


def without_versions(text: str) -> str:
    """A text without the line on the versions that graded, which at home would say nothing new."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if not line.startswith("This was graded with Python"))


def test_the_starter_is_not_implemented_yet(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output = check(capsys=capsys)
    assert status == 1
    # Two methods are to be written, and each is told of once.
    assert "2 things to fix, 56 points:" in output
    assert re.search(
        r"^1\. `loss\.forward\(A, Y\)` is not implemented yet.* \(7 checks", output, re.MULTILINE
    )
    assert re.search(
        r"^2\. `loss\.backward\(\)` is not implemented yet.* \(5 checks", output, re.MULTILINE
    )
    assert output.count("loss.py, line ") == 2
    assert "pass" not in output.split("points;")[0].split()
    assert "Next: fix thing 1 (see 10.1 Worked example of the write-up: forward)" in output


def test_a_half_done_one_passes_forward_and_not_yet_backward(
    at_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "loss.py"
    path.write_text(HALF_DONE, encoding="utf-8")
    status, output = check(path, capsys=capsys)
    assert status == 1
    assert re.findall(r"^  (\w+)  .*: forward ", output, re.MULTILINE) == ["pass"] * 5
    assert re.findall(r"^  (\w+)  .*: backward ", output, re.MULTILINE) == ["FAIL"] * 5
    assert "1. `loss.backward()` is not implemented yet" in output
    assert "This also costs backward of " in output
    assert "inputs unchanged of 50.2" in output


# `autograder check`.


def test_all_passed_says_what_is_next(
    home: Home, at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = home.assignment.reference_paths[0]
    status, output = check(reference, capsys=capsys)
    assert status == 0
    hidden, last = output.splitlines()[-2:]
    assert output.startswith(f"Checking {reference} ...\n")
    assert "hidden" in hidden
    assert last == f"Next: hand in {reference}."


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("loss.py", "Next: hand in loss.py."),
        ("my loss.py", 'Next: hand in "my loss.py", under the name loss.py.'),
        ("all of it/loss.py", 'Next: hand in "all of it/loss.py".'),
        ("all of it", 'Next: hand in loss.py from the folder "all of it", with the files that'),
        ("loss.zip", "Next: hand in loss.zip."),
    ],
)
def test_what_to_hand_in_is_what_was_checked(
    name: str,
    told: str,
    home: Home,
    at_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = home.assignment.reference_paths[0].read_bytes()
    shutil.copytree(at_home / "testcases", tmp_path / "testcases")
    (tmp_path / "all of it").mkdir()
    for path in ("loss.py", "my loss.py", "all of it/loss.py"):
        (tmp_path / path).write_bytes(source)
    with zipfile.ZipFile(tmp_path / "loss.zip", "w") as archive:
        archive.writestr("loss.py", source)
    monkeypatch.chdir(tmp_path)
    status, output = check(name, capsys=capsys)
    assert status == 0
    assert output.splitlines()[-1].startswith(told)


def test_where_there_are_hidden_cases_they_are_left_out(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = home.assignment.folder
    status, output = check(
        home.assignment.reference_paths[0], "--assignment", folder, capsys=capsys
    )
    assert status == 0
    for case in home.assignment.cases:
        assert (case.name in output) == (case.visibility == "visible")


def test_an_assignment_without_visible_cases_is_told_in_a_line(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("testcases", "reference"):
        shutil.copytree(home.assignment.folder / part, tmp_path / part)
    for path in (tmp_path / "testcases").glob("*.yaml"):
        if "40_" not in path.name and path.name != "assignment.yaml":
            path.unlink()
    reference = home.assignment.reference_paths[0]
    status, output = check(reference, "--assignment", tmp_path, capsys=capsys)
    assert (status, output.count("\n")) == (2, 1)
    assert "no visible test case" in output


@pytest.mark.parametrize(
    ("here", "found"),
    [(".", "beside the cases"), ("work", "in work"), ("testcases", "beside the cases")],
)
def test_the_file_in_the_current_folder_is_checked_or_else_the_one_beside_the_cases(
    here: str,
    found: str,
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(home.folder / "testcases", tmp_path / "testcases")
    (tmp_path / "work").mkdir()
    (tmp_path / "loss.py").write_text("raise ValueError('beside the cases')", encoding="utf-8")
    (tmp_path / "work" / "loss.py").write_text("raise ValueError('in work')", encoding="utf-8")
    monkeypatch.chdir(tmp_path / here)
    status, output = check(capsys=capsys)
    assert status == 1
    assert found in output
    assert "Next: fix what is said above" in output


def test_a_file_that_is_not_there_is_told_in_a_line(
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(home.folder / "testcases", tmp_path / "testcases")
    monkeypatch.chdir(tmp_path)
    for arguments, words in [((), "no loss.py here"), (("los.py",), "los.py")]:
        status, output = check(*arguments, capsys=capsys)
        assert status == 2
        assert words in output.splitlines()[-1]
        assert "Traceback" not in output


def test_colours_are_for_terminals_that_want_them(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report("Title", tuple(forfeit(assignment.cases[0], "Text.")), "", 0.0, {})
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert "\x1b[31mFAIL\x1b[0m" in printed(report, terminal=True)
    assert "\x1b" not in printed(report, terminal=False)
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in printed(report, terminal=True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in printed(report, terminal=True)


def printed(report: Report, *, terminal: bool) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    stream.isatty = lambda: terminal  # type: ignore[method-assign]
    print_report(report, [], stream)
    stream.flush()
    stream.seek(0)
    return stream.read()


# pytest.


def test_pytest_shows_a_test_for_each_check_and_takes_its_usual_options(
    at_home: Path, tmp_path: Path, run_pytest: Callable[..., Recorder]
) -> None:
    path = tmp_path / "loss.py"
    path.write_text(HALF_DONE, encoding="utf-8")
    submission = f"--submission={path}"
    example = "testcases/10_worked_example.yaml::Worked example of the write-up"

    run = run_pytest("--collect-only")
    assert (run.status, run.outcomes) == (0, {})
    assert len(run.collected) == 12
    assert run.collected[:2] == [f"{example}::forward", f"{example}::backward"]

    run = run_pytest(submission, "-k", "forward and soft")
    assert run.status == 0
    assert list(run.outcomes) == [("Soft targets", "forward")]

    run = run_pytest(submission, "-x")
    assert run.status == 1
    assert [passed for passed, _ in run.outcomes.values()] == [True, False]

    run = run_pytest(submission, "--lf")
    assert list(run.outcomes) == [("Worked example of the write-up", "backward")]

    run = run_pytest(submission, f"{example}::forward")
    assert (run.status, len(run.outcomes)) == (0, 1)


def test_pytest_shows_the_text_and_no_traceback(
    at_home: Path, run_pytest: Callable[..., Recorder], capsys: pytest.CaptureFixture[str]
) -> None:
    run_pytest("-k", "worked and forward")
    output = capsys.readouterr().out
    assert "_ Worked example of the write-up: forward _" in output
    assert "`loss.forward(A, Y)` is not implemented yet: it raised NotImplementedError.\n" in output
    assert not re.search(r"Traceback|pytest_plugin|^E |^>", output, re.MULTILINE)


def test_faults_of_the_files_are_one_collection_error_each_run(
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_pytest: Callable[..., Recorder],
) -> None:
    shutil.copytree(home.folder / "testcases", tmp_path / "testcases")
    for name in ("10_worked_example.yaml", "20_random_batches.yaml"):
        path = tmp_path / "testcases" / name
        text = path.read_text(encoding="utf-8").replace("points:", "point:", 1)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    run = run_pytest()
    assert run.status == pytest.ExitCode.INTERRUPTED
    [error] = run.collection_errors
    assert re.findall(r"^.*testcases.(\w+)\.yaml:\d+:\d+: .*point", error, re.MULTILINE) == [
        "10_worked_example",
        "20_random_batches",
    ]
    assert "Traceback" not in error


def test_figures_that_the_reference_misses_are_a_collection_error(
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_pytest: Callable[..., Recorder],
) -> None:
    for part in ("testcases", "reference"):
        shutil.copytree(home.assignment.folder / part, tmp_path / part)
    path = tmp_path / "testcases" / "10_worked_example.yaml"
    text = path.read_text(encoding="utf-8").replace("2.019", "2.091")
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    run = run_pytest("testcases/20_random_batches.yaml")
    assert run.status == pytest.ExitCode.INTERRUPTED
    line = text[: text.index("2.091")].count("\n") + 1
    told = f"10_worked_example.yaml:{line}:16: the reference gives 2.01"
    assert told in run.collection_errors[0]


@pytest.mark.parametrize("arguments", [(), ("--submission=los.py",)])
def test_a_submission_that_is_not_there_is_told_once(
    arguments: tuple[str, ...],
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_pytest: Callable[..., Recorder],
    capfd: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(home.folder / "testcases", tmp_path / "testcases")
    monkeypatch.chdir(tmp_path)
    assert run_pytest(*arguments).status == pytest.ExitCode.USAGE_ERROR
    errors = capfd.readouterr().err.strip()
    assert errors.startswith("ERROR: there is no ")
    assert errors.count("\n") == 0
    assert run_pytest("--collect-only", *arguments).status == 0


def test_in_an_assignments_own_folder_all_cases_are_run(
    home: Home, monkeypatch: pytest.MonkeyPatch, run_pytest: Callable[..., Recorder]
) -> None:
    monkeypatch.chdir(home.assignment.folder)
    run = run_pytest("testcases", "--submission=reference/loss.py")
    assert run.status == 0
    assert len(run.outcomes) == sum(len(case.points) for case in home.assignment.cases)


# In processes of their own, which find nothing of ours but what is in the zip.


def run_python(*arguments: object, cwd: Path, **environment: str) -> tuple[int, str]:
    """The exit status and the output of an interpreter started in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PY")}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode("ascii", "replace")


def test_check_runs_from_the_zip_alone_on_a_console_that_knows_only_ascii(
    home: Home, tmp_path: Path
) -> None:
    path = tmp_path / "lösung.py"
    source = solution(gradient="self.P - self.Y", backward="print('→ λ')")
    path.write_text(source, encoding="utf-8")
    where = "import autograder; print(ascii(autograder.__file__))"
    run = f"import runpy, sys; sys.argv[1:] = ['check', {str(path)!r}]"
    status, output = run_python(
        "-c",
        f"{where}; {run}; runpy.run_module('autograder', run_name='__main__')",
        cwd=home.folder,
        PYTHONIOENCODING="ascii",
    )
    assert status == 1
    assert "(2)/autograder/__init__.py" in output
    assert "\\u2192 \\u03bb" in output
    assert "5 checks failed" in output


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_told_in_a_line(unbuffered: str, home: Home) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "autograder", "check", home.assignment.reference_paths[0]],
            cwd=home.folder,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("autograder: the output cannot be written")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_closed_output_changes_nothing_of_the_exit_status(home: Home) -> None:
    path = home.assignment.reference_paths[0]
    for closed in (">&-", ">&- 2>&-"):
        command = f'exec "$0" -m autograder check "$1" {closed}'
        done = subprocess.run(
            ["sh", "-c", command, sys.executable, str(path)],
            cwd=home.folder,
            stderr=subprocess.PIPE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")


def test_a_handout_without_its_answers_says_to_unpack_it_anew(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(home.folder / "testcases", tmp_path / "testcases")
    (tmp_path / "testcases" / "answers.npz").unlink()
    assert main(["check", "loss.py", "--assignment", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "unpack" in told
    assert "answers.npz" in told


def test_pytest_runs_from_the_zip_alone_below_a_project_with_its_own_settings(home: Home) -> None:
    (home.folder.parent / "pytest.ini").write_text(
        "[pytest]\naddopts = --no-such-option\n", encoding="utf-8"
    )
    status, output = run_python("-m", "pytest", "-k", "worked", cwd=home.folder / "testcases")
    assert status == 1
    assert "2 failed, 10 deselected" in output


def test_a_handout_on_a_machine_that_has_the_package_installed_as_well(home: Home) -> None:
    status, output = run_python(
        *("-m", "pytest", "--collect-only", "-q", "-p", "autograder.handout.pytest_plugin"),
        cwd=home.folder,
    )
    assert status == 0
    assert "12 tests collected" in output


def test_other_runs_of_pytest_pay_nothing(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "testcases").mkdir()
    (tmp_path / "testcases" / "case.yaml").write_text("no assignment.yaml here\n", encoding="utf-8")
    (tmp_path / "test_it.py").write_text(
        "import sys\n\n\ndef test_it():\n"
        "    ours = {n for n in sys.modules if n.startswith('autograder.')}\n"
        "    assert ours == {'autograder.handout', 'autograder.handout.pytest_plugin'}\n"
        "    assert not {'numpy', 'yaml'} & set(sys.modules)\n",
        encoding="utf-8",
    )
    command = (
        "-W",
        "error",
        "-m",
        "pytest",
        "-W",
        "error",
        "-p",
        "autograder.handout.pytest_plugin",
    )
    status, output = run_python(*command, cwd=tmp_path)
    assert (status, "1 passed" in output) == (0, True), output


# Started in a way that does not work yet: a sentence says what to type.

OLD = "import sys; sys.path.insert(0, {!r}); from autograder import needs; needs.PYTHON = (3, 99)"
BARE = "import sys; sys.modules['numpy'] = sys.modules['yaml'] = None"
RUN = {
    "module": "import runpy; runpy.run_module('autograder', run_name='__main__', alter_sys=True)",
    "folder": "import runpy; runpy.run_path('autograder', run_name='__main__')",
    "pytest": "import pytest; sys.exit(pytest.main(['-p', 'no:cacheprovider']))",
}
PIP = re.escape(f"{sys.executable} -m pip install -r requirements.txt")


def one_sentence(output: str) -> str:
    """The only line of an output."""
    assert "Traceback" not in output
    [line] = output.split("\n\n")[0].strip().splitlines()
    return line


@pytest.fixture
def handout(home: Home, tmp_path: Path) -> Path:
    """A handout to change, in a folder of its own."""
    return shutil.copytree(home.folder, tmp_path / "week 1" / "handout")


def old_pythons() -> list[str]:
    """Interpreters older than the engine takes, as far as this machine has them."""
    folders = [*Path.home().glob(".pyenv/versions/*/bin")]
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)])
    names = ["python2.7", *(f"python3.{minor}" for minor in range(4, 10))]
    return [found for name in names if (found := shutil.which(name, path=path))]


@pytest.mark.parametrize("way", RUN)
def test_too_old_a_python_is_told_what_to_type(way: str, handout: Path) -> None:
    status, output = run_python("-c", f"{OLD.format(str(handout))}; {RUN[way]}", cwd=handout)
    assert status in (2, 4)
    line = one_sentence(output)
    assert f"Python 3.99 or newer is needed, and this is Python {platform.python_version()}" in line
    assert "python.org" in line or re.search(r"`\S+ -m venv .venv`.*activate`.* -r requ", line)


@pytest.mark.parametrize("way", ["-m", "folder"])
def test_real_old_pythons_print_it_too(way: str, handout: Path) -> None:
    pythons = old_pythons()
    if not pythons:
        pytest.skip("there is no Python before 3.10 here")
    command = ["-m", "autograder"] if way == "-m" else ["autograder"]
    for python in pythons:
        done = subprocess.run(
            [python, *command, "check"],
            cwd=handout,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output = done.stdout.decode()
        if "No module named" in output or "command not found" in output:
            continue  # a stub, which starts nothing
        assert done.returncode == 2
        assert "Python 3.10 or newer is needed" in one_sentence(output)


def test_every_file_that_an_old_python_meets_is_read_by_it(handout: Path) -> None:
    for name in ("__init__.py", "__main__.py", "needs.py", "../conftest.py"):
        source = (handout / "autograder" / name).read_text(encoding="ascii")
        ast.parse(source, feature_version=(3, 4))
        code = re.sub("#.*", "", source)
        assert not re.search(r"\bf[\"']|:=|->|, \*|nonlocal|from __future__", code), name


@pytest.mark.parametrize("way", RUN)
def test_missing_packages_are_named_with_the_line_that_installs_them(
    way: str, handout: Path
) -> None:
    status, output = run_python("-c", f"{BARE}; {RUN[way]}", cwd=handout)
    assert status in (2, 4)
    line = one_sentence(output)
    assert "numpy and PyYAML are missing" in line
    assert re.search(f"`{PIP}`", line)
    only = BARE.replace(" = sys.modules['yaml']", "")
    assert "numpy is missing" in one_sentence(
        run_python("-c", f"{only}; {RUN[way]}", cwd=handout)[1]
    )


@pytest.mark.parametrize("way", RUN)
@pytest.mark.parametrize("start", [OLD, BARE], ids=["old", "bare"])
def test_a_forgotten_activate_is_told(way: str, start: str, handout: Path) -> None:
    (handout / ".venv").mkdir()
    (handout / ".venv" / "pyvenv.cfg").write_text("version = 3.100.1\n", encoding="ascii")
    line = one_sentence(
        run_python("-c", f"{start.format(str(handout))}; {RUN[way]}", cwd=handout)[1]
    )
    activate = (
        r"`\.venv\\Scripts\\activate`" if os.name == "nt" else r"`source \.venv/bin/activate`"
    )
    again = "`python -m pytest`" if way == "pytest" else "`python -m autograder check`"
    assert re.search(f"{activate}, and then {again}", line)
    # One that was made with too old a Python itself is of no use.
    (handout / ".venv" / "pyvenv.cfg").write_text("version = 3.9.18\n", encoding="ascii")
    line = one_sentence(run_python("-c", f"{BARE}; {RUN[way]}", cwd=handout)[1])
    assert "activate" not in line


def test_an_older_pytest_is_told(handout: Path) -> None:
    start = "import sys, pytest; pytest.__version__ = '6.2.5'"
    line = one_sentence(run_python("-c", f"{start}; {RUN['pytest']}", cwd=handout)[1])
    assert "pytest 7.4 or newer is missing" in line
    assert re.search(f"`{PIP}`", line)


@pytest.mark.parametrize("way", RUN)
def test_a_broken_package_is_told(way: str, handout: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "numpy"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('no libfoo')", encoding="ascii")
    start = f"import sys; sys.path.insert(1, {str(broken.parent)!r}); sys.argv[1:] = ['check']"
    status, output = run_python("-c", f"{start}; {RUN[way]}", cwd=handout)
    assert status in (2, 4)
    line = one_sentence(output)
    assert "numpy cannot be imported" in line
    assert "--force-reinstall -r requirements.txt" in line


@pytest.mark.parametrize("start", ["import sys", OLD, BARE], ids=["ready", "old", "bare"])
def test_pytest_from_the_folder_above(start: str, handout: Path) -> None:
    status, output = run_python(
        "-c", f"{start.format(str(handout))}; {RUN['pytest']}", cwd=handout.parent
    )
    assert "Traceback" not in output
    assert "INTERNALERROR" not in output
    if start == "import sys":
        assert (status, "12 failed" in output) == (1, True)
    else:
        assert status == 2
        assert re.search(r"is needed.*`|are missing.* -r handout.requirements\.txt`", output)


def test_pytest_elsewhere_in_the_handout_says_where_the_cases_are(handout: Path) -> None:
    output = run_python("-m", "pytest", cwd=handout / "autograder" / "hints")[1]
    assert f'cd "{handout}"' in output


@pytest.mark.parametrize("way", ["-m", "folder"])
def test_files_of_ones_own_are_not_mistaken_for_libraries(way: str, handout: Path) -> None:
    for name in ("random", "json", "numpy", "yaml", "tempfile", "copy"):
        (handout / f"{name}.py").write_text("raise SystemExit('mistaken')", encoding="ascii")
    command = ["-m", "autograder"] if way == "-m" else ["autograder"]
    status, output = run_python(*command, "check", cwd=handout)
    assert (status, "12 checks failed" in output) == (1, True)
    # Nor in the interpreters that are started for the student's code if there is no fork.
    start = "import sys; sys.platform = 'elsewhere'; sys.argv[1:] = ['check']"
    status, output = run_python("-c", f"{start}; {RUN['module']}", cwd=handout)
    assert (status, "12 checks failed" in output) == (1, True)


WITHOUT_POSIX = Path(__file__).with_name("without_posix.py")
START = f"exec(open({str(WITHOUT_POSIX)!a}).read())"


@pytest.mark.parametrize("command", ["check", "pytest"])
def test_nothing_that_only_posix_has_is_needed(command: str, home: Home, tmp_path: Path) -> None:
    # Workers are interpreters of their own: started by a script that poses as the interpreter.
    path = tmp_path / "loss.py"
    path.write_text(SUBMISSIONS["endless loop"], encoding="utf-8")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -c "{START}; $3"\n', encoding="utf-8")
    python.chmod(0o755)
    run, failed = {
        "check": (
            f"from autograder.cli import main as run; command = 'check', {str(path)!r}",
            "2 checks failed",
        ),
        "pytest": (
            f"from pytest import main as run; command = '--submission={path}',",
            "2 failed, 10 passed",
        ),
    }[command]
    statement = (
        f"{START}; sys.executable = {str(python)!r}; {run}; raise SystemExit(run([*command]))"
    )
    status, output = run_python("-c", statement, cwd=home.folder)
    assert status == 1, output
    assert failed in output
