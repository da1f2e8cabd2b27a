"""The walls: what is demanded is enforced, what is missing is told, and nothing is left behind."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.judging.cache import CachedSuite
from autograder.levels import WALLS, level, walls_of
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.sandbox import LaunchError, Sandbox, forkserver, sweep, warm
from autograder.sandbox.sweep import children
from autograder.sandbox.warm import can_fork
from autograder.tests.conftest import GradeSource, RunInProcess, verdict_of
from autograder.tests.test_grade import children_of

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="walls are raised on Linux only")


def printing(expression: str) -> str:
    """A submission that prints the value of an expression, or the error that it raises."""
    return f"""
        import os
        class CrossEntropyLoss:
            def forward(self, A, Y):
                try:
                    print("value:", {expression})
                except Exception as error:
                    print("refused:", type(error).__name__)
                return 0.0
            def backward(self):
                return 0.0
    """


@LINUX
def test_every_wall_is_raised_that_this_kernel_offers(warm_sandbox: Sandbox) -> None:
    offered = []
    if os.geteuid() == 0:
        offered.append("uid")
    landlock_create_ruleset, ask_for_version = 444, 1
    if ctypes.CDLL(None).syscall(landlock_create_ruleset, None, 0, ask_for_version) >= 1:
        offered.append("landlock")
    known = os.uname().machine in ("x86_64", "aarch64")
    if known and Path("/proc/sys/kernel/seccomp/actions_avail").exists():
        offered.append("seccomp")
    assert warm_sandbox.level == level(offered)


@LINUX
@pytest.mark.parametrize(
    "expression",
    [
        "open('/etc/passwd').read()",
        "open('/proc/self/environ').read()",
        "os.listdir('/proc')",
        "open('/tmp/autograder-test-file', 'w')",
        "open('here', 'w')",
        "os.fork()",
        "os.kill(os.getppid(), 0)",
        "os.setresuid(0, 0, 0)",
        "os.chmod('.', 0o777)",
        "__import__('socket').socket()",
        "__import__('subprocess').run(['true'])",
        "os.memfd_create('x')",
    ],
)
def test_what_is_outside_is_out_of_reach(
    grade_source: GradeSource, warm_sandbox: Sandbox, expression: str
) -> None:
    if not {"landlock", "seccomp"} <= set(walls_of(warm_sandbox.level) or ()):
        pytest.skip(f"this machine only has the level {warm_sandbox.level}")
    report = grade_source(printing(expression))
    text = verdict_of(report, "Worked example of the write-up", "forward").text
    assert "refused: " in text
    assert "value:" not in text


@LINUX
def test_memory_and_open_files_are_limited(grade_source: GradeSource) -> None:
    for expression, error in (
        ("len(bytearray(900 * 2**20))", "MemoryError"),
        ("[open('/dev/null') for _ in range(200)]", "OSError"),
    ):
        report = grade_source(printing(expression))
        text = verdict_of(report, "Worked example of the write-up", "forward").text
        assert f"refused: {error}" in text


def test_the_level_in_force_is_in_the_report_and_on_the_terminal(
    tmp_path: Path, run_in_process: RunInProcess
) -> None:
    results = tmp_path / "results.json"
    done = run_in_process(
        "grade", "reference/loss.py", "--results", results, "--isolation", "basic"
    )
    assert "Isolation of the submission's code: basic." in done.out
    assert json.loads(results.read_text())["extra_data"]["isolation"] == "basic"


def test_below_the_required_level_nothing_is_graded_and_everybody_is_told(
    tmp_path: Path, run_in_process: RunInProcess
) -> None:
    marker = tmp_path / "imported"
    submission = tmp_path / "loss.py"
    submission.write_text(f"open({str(marker)!r}, 'x')")
    results, page = tmp_path / "results.json", tmp_path / "report.md"
    demand = ("--isolation", "basic", "--require-isolation", "seccomp")
    done = run_in_process("grade", submission, "--results", results, "--results", page, *demand)
    assert done.status == 2
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert "only basic" in done.err
    assert "seccomp is required" in done.err
    written = json.loads(results.read_text())
    assert [test["max_score"] for test in written["tests"]] == [0]
    assert "not been graded" in written["output"]
    assert "seccomp" in written["extra_data"]["not_graded"]
    assert "seccomp is required" in page.read_text(encoding="utf-8")
    assert not marker.exists()


def test_the_assignment_can_demand_a_level(
    tmp_path: Path, run_in_process: RunInProcess, repository: Path
) -> None:
    for part in ("testcases", "reference"):
        (tmp_path / part).mkdir()
        for path in (repository / part).glob("*.*"):
            (tmp_path / part / path.name).write_bytes(path.read_bytes())
    settings = tmp_path / "testcases" / "assignment.yaml"
    settings.write_text(settings.read_text() + "require_isolation: landlock\n")
    here = ("grade", "reference/loss.py", "--assignment", tmp_path)
    refused = run_in_process(*here, "--isolation", "seccomp")
    assert refused.status == 2
    assert "landlock is required" in refused.err
    settings.write_text(settings.read_text().replace("n: landlock", "n: moat"))
    faulty = run_in_process(*here)
    assert faulty.status == 2
    assert "assignment.yaml:" in faulty.err
    assert "uid+landlock+seccomp" in faulty.err


def test_an_unknown_level_is_told_with_the_known_ones(run_in_process: RunInProcess) -> None:
    done = run_in_process("grade", "reference/loss.py", "--require-isolation", "moat")
    assert done.status == 2
    assert "`moat`" in done.err
    assert all(wall in done.err for wall in WALLS)


@LINUX
def test_the_graders_own_memory_is_closed_to_others_of_its_user(warm_sandbox: Sandbox) -> None:
    pr_get_dumpable = 3
    assert ctypes.CDLL(None).prctl(pr_get_dumpable, 0, 0, 0, 0) == 0


@pytest.mark.skipif(not can_fork(), reason="there is no warm process here")
@pytest.mark.parametrize("walls", [WALLS, ()], ids=level)
def test_a_dead_warm_process_costs_nothing(
    tmp_path: Path, assignment: Assignment, repository: Path, walls: tuple[str, ...]
) -> None:
    with Sandbox(walls=walls) as sandbox:
        assert sandbox._warm is not None
        os.kill(sandbox._warm._pid, signal.SIGKILL)
        report = grade(repository / "reference" / "loss.py", CachedSuite(assignment), sandbox)
    assert report.points == report.max_points


@pytest.mark.skipif(not can_fork(), reason="there is no warm process here")
def test_where_no_worker_can_start_the_grader_says_so_at_once(
    assignment: Assignment, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "warm_up", lambda: None)  # in the grader, but not in the warm process
    monkeypatch.setattr(forkserver, "warm_up", lambda: __import__("no_such_module"))
    monkeypatch.setattr(warm, "fresh_interpreter", lambda _: [sys.executable, "-c", "pass"])
    limits = assignment.limits._replace(total_seconds=20.0)
    with Sandbox() as sandbox, pytest.raises(LaunchError):
        grade(
            repository / "reference" / "loss.py",
            CachedSuite(assignment._replace(limits=limits)),
            sandbox,
        )


@pytest.mark.skipif(not can_fork(), reason="there are no orphans to adopt here")
@pytest.mark.parametrize("fresh", [False, True], ids=["warm", "fresh"])
def test_a_daemon_that_a_submission_forks_away_does_not_outlive_its_worker(
    grade_source: GradeSource, tmp_path: Path, fresh: bool
) -> None:
    before = children()
    source = """
        import os, time
        def leave():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(60)
                os._exit(0)
        leave()
        class CrossEntropyLoss:
            def forward(self, A, Y):
                return 0.0
            def backward(self):
                return 0.0
    """
    with Sandbox(walls=(), fresh=fresh) as sandbox:
        report = grade_source(source, sandbox=sandbox)
        assert "pid" not in report.notice
        warm = {sandbox._warm._pid} if sandbox._warm else set()
        assert children() - before <= warm
    assert children() <= before


@LINUX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize(
    ("walls", "fresh"), [(WALLS, False), ((), False), ((), True)], ids=["walls", "basic", "fresh"]
)
def test_a_grader_that_was_killed_leaves_no_process_and_no_folder(
    tmp_path: Path,
    assignment: Assignment,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    walls: tuple[str, ...],
    *,
    fresh: bool,
) -> None:
    # The code sleeps, so a limit on processor time would never end it; nor does it write to the grader.
    path, temporary = tmp_path / "loss.py", tmp_path / "temporary"
    path.write_text("import os, time\nos.mkdir('inner')\ntime.sleep(1000)\n", encoding="utf-8")
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    grader = os.fork()
    if grader == 0:
        try:
            if number != signal.SIGKILL:
                signal.signal(number, signal.SIG_DFL)  # nohup leaves one of them ignored
            long = assignment.limits._replace(total_seconds=600.0, call_seconds=600.0)
            with Sandbox(walls=walls, fresh=fresh) as sandbox:
                grade(path, CachedSuite(assignment._replace(limits=long)), sandbox)
        finally:
            os._exit(0)
    pattern = "autograder-*" if walls else "autograder-*/inner"
    wait_until(lambda: any(temporary.glob(pattern)))
    (child,) = children_of(grader)
    if not fresh and number != signal.SIGKILL:
        os.kill(child, number)  # as it is sent to all processes of a container, or of one name
    os.kill(grader, number)
    os.waitpid(grader, 0)
    wait_until(lambda: not is_running(child) and not list(temporary.iterdir()))


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that other processes do."""
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.01)


@pytest.mark.parametrize("fresh", [False, True], ids=["warm", "fresh"])
def test_an_unusable_temporary_folder_is_passed_over(
    grade_source: GradeSource,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    repository: Path,
    *,
    fresh: bool,
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    source = (repository / "reference" / "loss.py").read_text(encoding="utf-8")
    with Sandbox(walls=(), fresh=fresh) as sandbox:
        report = grade_source(source, sandbox=sandbox)
    assert report.points == report.max_points


@pytest.mark.skipif(not can_fork(), reason="there is no warm process here")
def test_without_any_temporary_folder_one_sentence_says_so(
    grade_source: GradeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("TMPDIR", str(file))
    monkeypatch.setattr(sweep, "_FOLDERS", (str(tmp_path / "missing"),))
    with Sandbox() as sandbox, pytest.raises(UsageError) as caught:
        grade_source("", sandbox=sandbox)
    message = str(caught.value)
    assert "TMPDIR" in message
    assert f"{file}: Not a directory" in message
    assert "missing: No such file" in message
    assert message.count("\n") == 0


@LINUX
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change to another uid")
def test_two_sandboxes_of_one_grader_have_a_uid_each(grade_source: GradeSource) -> None:
    with Sandbox() as first, Sandbox() as second:
        if "uid" not in first.level:
            pytest.skip(f"this machine only has the level {first.level}")
        shown = set()
        for sandbox in (first, second, first):
            report = grade_source(printing("os.getuid()"), sandbox=sandbox)
            text = verdict_of(report, "Worked example of the write-up", "forward").text
            shown.add(text.partition("value: ")[2].split()[0])
    assert len(shown) == 2
    assert all(int(uid) >= 60_000 for uid in shown)


def test_signals_do_to_a_worker_what_they_do_in_python(grade_source: GradeSource) -> None:
    report = grade_source(printing("__import__('signal').getsignal(15).name"))
    text = verdict_of(report, "Worked example of the write-up", "forward").text
    assert "value: SIG_DFL" in text


def is_running(process: int) -> bool:
    """Whether a process is there, and not merely waiting to be reaped."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
