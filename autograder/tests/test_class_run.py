"""Grading a class: every submission as `grade` would, nothing lost, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.classroom.class_run import basis_of
from autograder.classroom.grade_all import Options
from autograder.classroom.grader import Grader
from autograder.classroom.sources import Work, encode_work
from autograder.classroom.store import Record, Store, decode_record
from autograder.cli import main
from autograder.errors import UsageError
from autograder.formats.assignment import load_assignment
from autograder.formats.submission import Submission
from autograder.judging.evidence import Evidence
from autograder.judging.suite import Suite
from autograder.pipeline import grade
from autograder.reports.results_json import results_of
from autograder.sandbox import Sandbox
from autograder.tests import classes
from autograder.tests.classes import (
    ABORTS,
    HANGS,
    NOT_DIVIDED,
    NOT_PYTHON,
    RAISES,
    RIGHT,
    class_command,
    class_environment,
    hurried_assignment,
    listing_entry,
    read_table,
    run_class,
    write_export,
    write_files,
    zipped,
)
from autograder.tests.corpus_files import Run, load_corpus, source_of

HOSTILE = (
    "break_dies_in_one_case",
    "break_frame_nan",
    "break_hangs_in_one_case",
    "break_os_exit_in_call",
    "gain_scalar_gradient",
    "break_sys_exit_at_import",
    "gain_forged_frames",
    "gain_nan_inputs",
    "gain_patches_allclose",
    "gain_patches_json",
    "gain_reads_reference",
    "gain_zeroed_inputs",
    "leak_remembers_in_global",
    "reader_bidi_in_exception",
    "reader_surrogates_in_print",
)
NAMES = ("Ana", "=1+1", "\"'Zoë 💯'\"", '"two\\nlines"', "'@SUM(1)'", "Null", "Li, Bo")
CASES = ("10_worked_example.yaml", "20_random_batches.yaml")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, signals processes")


def class_of_60() -> dict[str, dict[str, str | bytes]]:
    """By submission, its files: of every sort that there is."""
    mistakes = (classes.REPOSITORY / "reference" / "mistakes.py").read_text(encoding="utf-8")
    names = [line[6:].split("(")[0] for line in mistakes.splitlines() if line[:6] == "class "]
    names = [name for name in names if not name.startswith("_")]
    mistakes = mistakes.replace("from loss import", "from model import")
    attacks = {attack.name: attack for attack in load_corpus()}
    found: dict[str, dict[str, str | bytes]] = {}

    def add(**files: str | bytes) -> None:
        content = {path.replace("__", "/").replace("_py", ".py"): f for path, f in files.items()}
        found[f"submission_{len(found) + 1}"] = content

    for n in range(14):
        add(loss_py=f"# Number {n}\n{RIGHT}")
    for name in names[:: len(names) // 20][:20]:
        main = f"from mistakes import {name} as CrossEntropyLoss\n"
        add(loss_py=main, mistakes_py=mistakes, model_py=RIGHT)
    for source in (NOT_DIVIDED, RAISES, ABORTS, HANGS, NOT_PYTHON, RIGHT, RIGHT):
        add(loss_py=source)
    for name in HOSTILE:
        add(loss_py=source_of(attacks[name], Run(os.getpid())))
    add(loss_py=(classes.REPOSITORY / "handout" / "loss.py").read_bytes())
    add(readme_py="x = 1\n")
    add(a__loss_py=RIGHT, b__loss_py=RIGHT)
    add(Homework__loss_py=RIGHT.replace("\n", "\r\n"))
    assert len(found) == 60
    return found


def listing_of(submissions: list[str]) -> str:
    text = ""
    for n, submission in enumerate(submissions):
        name = NAMES[n % len(NAMES)]
        people = [(name, f"{n:05}", f"s{n}@example.org"), (f"Mate {n}", "", "")]
        text += listing_entry(submission, *people[: 2 if n % 10 == 0 else 1])
    return text


def without_times(results: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(results)
    del read["execution_time"]
    return read


def results_in(out: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: without_times(path.read_bytes()) for path in (out / "results").iterdir()}


def rows_without_times(out: Path) -> list[dict[str, str]]:
    return [{**row, "Seconds": ""} for row in read_table(out)]


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hurried_assignment(tmp_path_factory.mktemp("assignment"), *CASES)


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An assignment with a single case, for what does not depend on them."""
    return hurried_assignment(tmp_path_factory.mktemp("brief"), CASES[0])


# The same as `grade`. ----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_class_of_60_is_graded_as_each_would_be_alone(hurried: Path, tmp_path: Path) -> None:
    submissions = class_of_60()
    export = tmp_path / "assignment_1_export"
    files = {f"{name}/{path}": f for name, fs in submissions.items() for path, f in fs.items()}
    write_export(export, listing_of(list(submissions)), files)
    runs = {"one": (export, 1), "two": (zipped(export, tmp_path / "export.zip"), 2)}
    for name, (path, jobs) in runs.items():
        done = run_class(path, "--assignment", hurried, "--out", tmp_path / name, "--jobs", jobs)
        assert done.returncode == 0, name
        assert "warning" not in done.stderr
    expected = {}
    with Sandbox() as sandbox:
        suite = Suite(load_assignment(hurried))
        for name in submissions:
            report = grade(export / name, suite, sandbox)
            expected[name] = without_times(json.dumps(results_of(report)).encode())
    for name in runs:
        found = results_in(tmp_path / name)
        assert [s for s in expected if found[s] != expected[s]] == [], name
        assert found == expected, name
    rows = rows_without_times(tmp_path / "one")
    assert rows == rows_without_times(tmp_path / "two")
    assert len(rows) == 66
    for row in rows:
        results = expected[row["Submission"]]
        assert float(row["Total"]) == results["score"]
    notes = {row["Submission"]: row["Note"] for row in rows}
    numbers = {source: n for n, source in enumerate((NOT_DIVIDED, RAISES, ABORTS, HANGS), 35)}
    assert notes[f"submission_{numbers[ABORTS]}"] == "crash"
    assert notes[f"submission_{numbers[HANGS]}"] == "time-out"
    assert notes[f"submission_{numbers[HANGS] + 1}"] == "could not be imported"
    assert notes["submission_57"] == "untouched starter"
    assert "There is no loss.py" in notes["submission_58"]
    mistakes = {row["Submission"]: row["Mistakes"] for row in rows}
    assert mistakes[f"submission_{numbers[NOT_DIVIDED]}"] == "GradientNotDividedByN"
    assert [row["Name"] for row in rows[:4]] == ["Ana", "Mate 0", "'=1+1", "\"'Zoë 💯'\""[1:-1]]


def test_several_files_are_handed_in_together(tmp_path: Path) -> None:
    assignment = Path(__file__).parent / "assignments" / "sgd"
    export, out = tmp_path / "class", tmp_path / "out"
    for name, folder in (
        ("right", assignment / "reference"),
        ("starter", assignment / "handout"),
        ("wrong", assignment / "wrong" / "no_momentum"),
    ):
        shutil.copytree(folder, export / name, ignore=shutil.ignore_patterns("mistakes.py"))
    write_files(export, {"part/sgd.py": (assignment / "reference" / "sgd.py").read_bytes()})
    write_files(export, {"linear.py": (assignment / "reference" / "linear.py").read_bytes()})
    assert run_class(export, "--assignment", assignment, "--out", out).returncode == 0
    suite = Suite(load_assignment(assignment))
    rows = {row["Name"]: row for row in read_table(out)}
    with Sandbox() as sandbox:
        for name in ("right", "starter", "wrong", "part"):
            report = grade(export / name, suite, sandbox)
            assert float(rows[name]["Total"]) == report.points, name
    assert rows["right"]["Total"] == rows["right"]["Max"]
    assert rows["starter"]["Note"] == "untouched starter"
    assert rows["part"]["Note"] == "without linear.py; could not be imported"  # needs it
    assert "without sgd.py" in rows["linear"]["Note"]
    assert rows["wrong"]["Mistakes"]


# Kept, and gone on with. -------------------------------------------------------------------------


def twenty(folder: Path) -> Path:
    """Twenty submissions in files of their own, each with a mark of its own."""
    return write_files(folder, {f"s{n:02}.py": f"# {n}\n{RIGHT}" for n in range(20)})


def start_class(*arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        class_command(*arguments),
        env=class_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(what: str, happened: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


def stored(out: Path) -> int:
    with contextlib.suppress(OSError):
        return sum(name.endswith(".json") for name in os.listdir(out / "store"))
    return 0


def parent_of(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
    return 0


def ours() -> list[int]:
    """Graders, and what they have forked, of this copy of the project."""
    here = f"[{str(classes.REPOSITORY)!r}"  # the first of the paths that a grader is told
    graders = classes.processes_with("classroom import grader_process")
    return [pid for pid in graders if pid in classes.processes_with(here)]


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(brief: Path, tmp_path: Path) -> None:
    folder, out = twenty(tmp_path / "class"), tmp_path / "out"
    common = ("--assignment", brief, "--jobs", 2)
    assert run_class(folder, *common, "--out", tmp_path / "whole").returncode == 0
    for k in range(1, 20, 2):
        process = start_class(folder, *common, "--out", out)
        wait_for(f"result {k}", lambda k=k, p=process: stored(out) >= k or p.poll() is not None)
        process.kill()
        process.wait()
        wait_for("the end of all processes", lambda: not ours())
    before = stored(out)
    assert before >= 19
    done = run_class(folder, *common, "--out", out)
    assert done.returncode == 0
    assert f"reused {before}" in done.stdout
    assert results_in(out) == results_in(tmp_path / "whole")
    assert rows_without_times(out) == rows_without_times(tmp_path / "whole")
    assert not ours()


@pytest.mark.slow
def test_a_killed_grader_is_replaced(brief: Path, tmp_path: Path) -> None:
    folder, out = twenty(tmp_path / "class"), tmp_path / "out"
    common = ("--assignment", brief, "--jobs", 1)
    assert run_class(folder, *common, "--out", tmp_path / "whole").returncode == 0
    process = start_class(folder, *common, "--out", out)
    wait_for("a grader", ours)  # the first is killed at its start, others after some results
    results, killed = 0, 0
    while process.poll() is None:
        wait_for("results", lambda n=results: stored(out) >= n or process.poll() is not None)
        for pid in ours():
            if parent_of(pid) == process.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
        # One may have been answered already; the second is that of which the grader died.
        results = stored(out) + 2
        if results >= 20:
            break
    assert process.wait(60) == 0
    assert killed >= 3
    assert results_in(out) == results_in(tmp_path / "whole")
    assert rows_without_times(out) == rows_without_times(tmp_path / "whole")
    assert not ours()


BUSY = "class CrossEntropyLoss:\n    def forward(self, A, Y):\n        while True: pass\n"


@pytest.mark.slow
def test_a_submission_that_no_grader_survives_is_not_graded(brief: Path, tmp_path: Path) -> None:
    patient = shutil.copytree(brief, tmp_path / "assignment")
    settings = patient / "testcases" / "assignment.yaml"
    settings.write_text(settings.read_text().replace("call_seconds: 0.5", "call_seconds: 60"))
    folder, out = write_files(tmp_path / "class", {"a.py": BUSY, "b.py": RIGHT}), tmp_path / "out"
    process = start_class(folder, "--assignment", patient, "--jobs", 2, "--out", out)
    wait_for("the right one", lambda: stored(out) == 1)
    deadline = time.monotonic() + 60
    while process.poll() is None:
        assert time.monotonic() < deadline
        for pid in ours():
            if parent_of(pid) != process.pid and is_busy(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(grader_of(pid, process.pid), signal.SIGKILL)
    assert process.wait() == 2
    rows = {row["Name"]: row for row in read_table(out)}
    assert rows["a"]["Total"] == ""
    assert "not graded" in rows["a"]["Note"]
    assert float(rows["b"]["Total"]) > 0
    assert stored(out) == 1
    assert not ours()


def is_busy(pid: int) -> bool:
    """Whether a process, such as that of a submission that hangs, computes all the time."""

    def ticks() -> int:
        with contextlib.suppress(OSError):
            return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[11])
        return 0

    before = ticks()
    time.sleep(0.2)
    return ticks() >= before + 3


def grader_of(pid: int, parent: int) -> int:
    """The grader that a process descends from."""
    while (above := parent_of(pid)) not in (0, 1, parent):
        pid = above
    if above != parent:
        raise ProcessLookupError
    return pid


def test_ctrl_c_writes_the_table_for_what_there_is(brief: Path, tmp_path: Path) -> None:
    files = {"a.py": RIGHT, **{f"h{n}.py": f"# {n}\n{HANGS}" for n in range(8)}}
    folder, out = write_files(tmp_path / "class", files), tmp_path / "out"
    write_files(out, {".autograder-class": "", "results/z.json": "of an earlier run"})
    command = class_command(folder, "--assignment", brief, "--jobs", 2, "--out", out)
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests in the background ignore it
        os.execve(command[0], command, class_environment())
    shown, sent = bytearray(), False
    for data in output_of(terminal):
        shown += data
        if not sent and stored(out) >= 1:
            os.write(terminal, b"\x03")
            time.sleep(0.1)
            os.write(terminal, b"\x03")  # as the impatient do
            sent = True
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    assert sent
    assert b"the same command" in shown
    assert b"Traceback" not in shown
    rows = {row["Name"]: row for row in read_table(out)}
    assert len(rows) == 9
    assert float(rows["a"]["Total"]) > 0
    assert (out / "results" / "z.json").exists()
    # Most of what was left is not graded: it ended before.
    assert sum("interrupted" in row["Note"] for row in rows.values()) >= 4
    wait_for("the end of all processes", lambda: not ours())


def output_of(terminal: int) -> Iterator[bytes]:
    """What a terminal shows, until it is closed; something at least every tenth of a second."""
    while True:
        if not select.select([terminal], [], [], 0.1)[0]:
            yield b""
            continue
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:
            return
        if not data:
            return
        yield data


def test_what_is_stored_is_not_graded_again(brief: Path, tmp_path: Path) -> None:
    files = {"ana.py": RIGHT, "bo.py": RAISES, "cy/loss.py": RIGHT, "di/loss.py": RIGHT}
    folder, out = write_files(tmp_path / "class", files), tmp_path / "out"
    common = (folder, "--assignment", brief, "--jobs", 1, "--out", out)
    assert "graded 4, reused 0" in run_class(*common).stdout
    assert stored(out) == 3  # cy and di are the same
    assert "graded 0, reused 4" in run_class(*common).stdout
    write_files(folder, {"bo.py": f"{RAISES}# better\n", "ed.py": RIGHT})
    assert "graded 2, reused 3" in run_class(*common).stdout
    assert "graded 5, reused 0" in run_class(*common, "--again").stdout
    for n, path in enumerate(sorted((out / "store").iterdir())):
        if n % 2:
            path.write_bytes(path.read_bytes()[:-5])
        else:
            Store(out / "store").put(path.stem, Record({"again": False}, b'{"tests": 1}'))
    (out / "results" / "notes").mkdir()
    write_files(out / "submissions", {"notes.txt": "of the staff"})
    assert "graded 1, reused 0, not graded 4" in run_class(*common, "--only", "ana").stdout
    notes = {row["Name"]: row["Note"] for row in read_table(out)}
    assert notes["ana"] == ""
    assert "--only" in notes["bo"]
    assert sorted(os.listdir(out / "results")) == ["ana.json", "notes"]  # of others nothing is lost
    assert sorted(os.listdir(out / "submissions")) == ["ana.html", "notes.txt"]


@pytest.mark.slow
def test_a_changed_assignment_is_graded_anew(brief: Path, tmp_path: Path) -> None:
    assignment = tmp_path / "assignment"
    shutil.copytree(brief, assignment)
    folder, out = write_files(tmp_path / "class", {"ana.py": RIGHT}), tmp_path / "out"
    common = (folder, "--assignment", assignment, "--jobs", 1, "--out", out)
    assert "graded 1, reused 0" in run_class(*common).stdout
    with (assignment / "reference" / "mistakes.py").open("a") as file:
        file.write("# a word\n")
    assert "graded 1, reused 0" in run_class(*common).stdout


@pytest.mark.slow
def test_what_timed_out_is_tried_once_more_and_then_stands(brief: Path, tmp_path: Path) -> None:
    folder, out = write_files(tmp_path / "class", {"a.py": HANGS, "b.py": RIGHT}), tmp_path / "out"
    common = (folder, "--assignment", brief, "--jobs", 2, "--out", out)
    assert run_class(*common).returncode == 0
    assert "graded 0, reused 2" in run_class(*common).stdout
    # A run that was killed before the second try makes it when it goes on.
    for path in (out / "store").iterdir():
        _, _, rest = path.read_bytes().partition(b"\n")
        summary, _, results = rest.partition(b"\n")
        read = json.loads(summary)
        if read["notes"]:
            Store(out / "store").put(path.stem, Record({**read, "again": True}, results))
    assert "graded 1, reused 1" in run_class(*common).stdout


# Before and after. -------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_changed_case_gives_exactly_the_expected_differences(brief: Path, tmp_path: Path) -> None:
    assignment = tmp_path / "assignment"
    shutil.copytree(brief, assignment)
    export = tmp_path / "export"
    submissions = {"submission_1": RIGHT, "submission_2": NOT_DIVIDED, "submission_3": RAISES}
    files = {f"{name}/loss.py": source for name, source in submissions.items()}
    write_export(export, listing_of(list(submissions)), files)
    common = ("--assignment", assignment, "--jobs", 1)
    out = tmp_path / "before"
    assert run_class(export, *common, "--out", out).returncode == 0
    case_file = assignment / "testcases" / CASES[0]
    text = case_file.read_text(encoding="utf-8")
    assert "backward: 8" in text
    case_file.write_text(text.replace("backward: 8", "backward: 3"), encoding="utf-8")

    # Against a table of ours, and against the results in an export.
    table = run_class(
        export, *common, "--out", tmp_path / "a", "--before", out / "grades.csv", "--changed"
    )
    results = {n: json.loads((out / "results" / f"{n}.json").read_bytes()) for n in submissions}
    for each in results.values():
        each["tests"].append({"name": "Late penalty", "score": -2.0, "max_score": 0.0})
        each["score"] -= 2
    listing = "".join(
        listing_entry(
            name,
            (f"S{n}", "", ""),
            rest=f"  :score: {results[name]['score']}\n  :results: {json.dumps(results[name])}",
        )
        for n, name in enumerate(submissions)
    )
    write_export(export, listing, {})
    listed = run_class(export, *common, "--out", tmp_path / "b", "--changed")
    for done in (table, listed):
        assert (done.returncode, done.stderr) == (0, "")
        assert "0 gain, 2 lose, 2 stay" in done.stdout or "0 gain, 1 lose, 2 stay" in done.stdout
        changed = [line for line in done.stdout.splitlines() if "became" in line]
        assert all("8 became 3" in line and "submission_1" in line for line in changed)
        assert changed
    assert "Late penalty -2" in listed.stdout
    rows = {row["Submission"]: row for row in read_table(tmp_path / "b")}
    assert [row["Change"] for row in rows.values()] == ["-5", "0", "0"]
    assert rows["submission_1"]["Before"] == "14"


# What cannot be done. ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing"], "missing"),
        (["class", "--jobs", "0"], "--jobs 0"),
        (["class", "--pattern", "("], "--pattern"),
        (["class", "--before", "before.csv"], "says who"),
        (["class", "--before", "none.csv"], "none.csv"),
        (["class", "--before", "others.csv"], "nobody"),
        (["class", "--changed"], "--before"),
        (["class", "--out", "class/out"], "inside the export"),
        (["class", "--out", "thesis"], "not of this command"),
        (["class", "--only", "bo"], "bo"),
        (["class", "--assignment", "."], "assignment.yaml"),
    ],
)
def test_faults_are_told_in_one_sentence(
    arguments: list[str],
    said: str,
    brief: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {"class/ana.py": RIGHT, "before.csv": "Total\n1\n", "others.csv": "Name,Total\nbo,1\n"}
    files |= {"thesis/thesis.tex": ""}
    write_files(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    assert main(["class", "--assignment", str(brief), *arguments]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert len(shown.err.splitlines()) == 1
    assert shown.out == ""
    assert sorted(os.listdir(tmp_path)) == ["before.csv", "class", "others.csv", "thesis"]
    assert os.listdir("class") == ["ana.py"]


def test_a_faulty_assignment_is_told_with_every_fault(brief: Path, tmp_path: Path) -> None:
    shutil.copytree(brief, tmp_path / "assignment")
    settings = tmp_path / "assignment" / "testcases" / "assignment.yaml"
    settings.write_text(settings.read_text().replace("title:", "titel:"))
    folder = write_files(tmp_path / "class", {"ana.py": RIGHT})
    done = run_class(folder, "--assignment", tmp_path / "assignment")
    assert done.returncode == 2
    assert f"{settings}:" in done.stderr
    assert "Traceback" not in done.stderr


def test_where_the_grader_fails_nothing_is_stored_and_the_row_says_so(
    brief: Path, tmp_path: Path
) -> None:
    shutil.copytree(brief, tmp_path / "assignment")
    settings = tmp_path / "assignment" / "testcases" / "assignment.yaml"
    settings.write_text(settings.read_text() + "require_isolation: uid+landlock+seccomp\n")
    folder, out = write_files(tmp_path / "class", {"ana.py": RIGHT}), tmp_path / "out"
    common = (folder, "--assignment", tmp_path / "assignment", "--out", out)
    done = run_class(*common, "--isolation", "landlock+seccomp")
    if "only" in done.stderr and not out.exists():
        pytest.skip("this system has neither Landlock nor seccomp")
    assert done.returncode == 2
    [row] = read_table(out)
    assert "not graded" in row["Note"]
    assert row["Total"] == ""
    assert stored(out) == 0


def test_a_fault_of_the_grader_is_not_a_result(brief: Path) -> None:
    class Faulty(Suite):
        def gather(self, *_: Any) -> Evidence:
            raise RuntimeError("planted")

    submission = Submission({"loss.py": "loss.py"}, {}, {"loss.py": RIGHT.encode()})
    with Sandbox() as sandbox:
        grader = Grader(Faulty(load_assignment(brief)), sandbox)
        record = decode_record(grader.grade(encode_work(Work(submission))))
    assert "planted" in record.summary["failed"]
    assert record.results == b""


def test_a_system_with_fewer_walls_is_refused_unless_they_are_named(brief: Path) -> None:
    hello = {
        "title": "T", "wanted": ["loss.py"], "checks": [], "level": "landlock",
        "hints": {}, "python": "3.12.0", "numpy": "2.0.0",
    }  # fmt: skip
    options = Options(Path("export"), brief, Path("out"), 1)
    with pytest.raises(UsageError, match="--isolation"):
        basis_of(options, hello)
    with pytest.raises(UsageError, match="--isolation"):
        basis_of(options._replace(isolation=("uid", "landlock")), hello)
    assert basis_of(options._replace(isolation=("landlock",)), hello).level == "landlock"
    assert basis_of(options._replace(isolation=()), {**hello, "level": "basic"}).level == "basic"


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounts a small disk"
)
def test_a_full_disk_keeps_what_is_stored(brief: Path, tmp_path: Path) -> None:
    folder, out = twenty(tmp_path / "class"), tmp_path / "out"
    out.mkdir()
    command = class_command(folder, "--assignment", brief, "--jobs", 1, "--out", out)
    script = f'mount -t tmpfs -o size=100k none {out} && {{ "$@"; s=$?; ls {out}/store; exit $s; }}'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *command],
        env=class_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if "mount" in done.stderr or "unshare:" in done.stderr:
        pytest.skip("nothing may be mounted here")
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert ".json" in done.stdout
