"""The zip for Gradescope, and run_autograder from it, in a scratch folder and with this Python."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from autograder.formats.assignment import load_assignment
from autograder.gradescope.platform_zip import gradescope_zip, lay_out
from autograder.handout.handout_zip import handout_zip
from autograder.model import Assignment
from autograder.tests.classes import HANGS
from autograder.tests.conftest import RunInProcess
from autograder.tests.exercises import copy_with_few_mistakes

Results = dict[str, Any]
Change = Callable[[Path], None]

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="run_autograder is for Linux")


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return load_assignment(copy_with_few_mistakes(tmp_path_factory.mktemp("few")))


@pytest.fixture(scope="module")
def zip_data(few: Assignment) -> bytes:
    return gradescope_zip(few)


@pytest.fixture(scope="module")
def laid_out(zip_data: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("autograder")
    lay_out(zip_data, root)
    return root


@pytest.fixture
def root(laid_out: Path, tmp_path: Path) -> Path:
    """A fresh folder, laid out as the platform's; the reference is handed in."""
    root = shutil.copytree(laid_out, tmp_path / "autograder")
    shutil.copy(root / "source" / "assignment" / "reference" / "loss.py", root / "submission")
    return root


@pytest.fixture
def run(root: Path, schema: Any) -> Callable[..., tuple[Results, str]]:
    """Runs run_autograder; gives results.json, which must be valid, and what staff can read."""

    def run_script(**variables: str) -> tuple[Results, str]:
        done = subprocess.run(
            [root / "run_autograder", "--any-isolation"],
            cwd=root,
            env={
                **os.environ,
                "AUTOGRADER_ROOT": str(root),
                "AUTOGRADER_PYTHON": sys.executable,
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=True,
        )
        results: Results = json.loads((root / "results" / "results.json").read_bytes())
        schema.validate(results)
        return results, done.stdout

    return run_script


def settings_of(root: Path) -> Path:
    return root / "source" / "assignment" / "testcases" / "assignment.yaml"


def change_settings(root: Path, old: str, new: str) -> None:
    text = settings_of(root).read_text(encoding="utf-8")
    assert text.count(old) == 1
    settings_of(root).write_text(text.replace(old, new), encoding="utf-8")


# The zip. ----------------------------------------------------------------------------------------


def test_the_zip_holds_what_the_platform_needs_and_nothing_else(zip_data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(zip_data)) as archive:
        infos = {info.filename: info for info in archive.infolist()}
        scripts = {name: archive.read(name) for name in ("setup.sh", "run_autograder")}
    assert {"setup.sh", "run_autograder", "start.py", "requirements.txt"} <= set(infos)
    assert {"assignment/reference/loss.py", "assignment/testcases/assignment.yaml"} <= set(infos)
    assert "autograder/pipeline.py" in infos
    assert not [name for name in infos if "tests/" in name or "__pycache__" in name]
    assert list(infos) == sorted(infos)
    assert {info.date_time for info in infos.values()} == {(1980, 1, 1, 0, 0, 0)}
    for name, content in scripts.items():
        assert infos[name].external_attr >> 16 == stat.S_IFREG | 0o755
        assert content.startswith(b"#!")
        assert b"\r" not in content


@pytest.mark.slow
def test_the_same_sources_give_the_same_bytes(
    zip_data: bytes,
    few: Assignment,
    tmp_path: Path,
    run_in_process: RunInProcess,
) -> None:
    # From another folder, with other times, line endings and permissions, and by the command.
    folder = shutil.copytree(few.folder, tmp_path / "elsewhere")
    for path in folder.rglob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        path.chmod(0o600)
        os.utime(path, (1e9, 1e9))
    done = run_in_process("bundle", "--out", tmp_path / "out", cwd=folder)
    assert (done.status, done.err) == (0, "")
    assert f"{tmp_path / 'out' / 'autograder.zip'}: " in done.out
    assert (tmp_path / "out" / "autograder.zip").read_bytes() == zip_data
    assert (tmp_path / "out" / "handout.zip").read_bytes() == handout_zip(few)
    assert f"{tmp_path / 'out' / 'handout.zip'}: " in done.out


def test_every_requirement_is_pinned_with_hashes(repository: Path) -> None:
    image = repository / "autograder" / "gradescope" / "image"
    pinned = (image / "requirements.txt").read_text(encoding="utf-8")
    named = re.findall(r"^(\S+)==\S+ \\$", pinned, re.MULTILINE)
    assert named == ["gradescope-utils", "numpy", "pyyaml"]
    blocks = re.split(r"^(?=\S+==)", pinned, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in pinned


def spoil_reference(folder: Path) -> None:
    path = folder / "reference" / "loss.py"
    text = path.read_text(encoding="utf-8")
    changed = text.replace("return self.mean_loss", "return 'much'", 1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


def solve_starter(folder: Path) -> None:
    shutil.copy(folder / "reference" / "loss.py", folder / "handout")


def spoil_settings(folder: Path) -> None:
    (folder / "testcases" / "30_more.yaml").write_text("cases: [{nam: One}]\n", encoding="utf-8")


def spoil_expectation(folder: Path) -> None:
    path = folder / "testcases" / "10_worked_example.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("forward: 2.019", "forward: 2.119"), encoding="utf-8")


def take_too_long(folder: Path) -> None:
    path = folder / "testcases" / "assignment.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("total_seconds: 120", "total_seconds: 500"), encoding="utf-8")


def give_the_platform_time(folder: Path) -> None:
    take_too_long(folder)
    path = folder / "testcases" / "assignment.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\ngradescope: {{timeout_minutes: 11}}\n", encoding="utf-8")


def hand_print_the_answer(folder: Path) -> None:
    """Makes the reference a class that passes nowhere but at home: it reads its own folder."""
    path = folder / "reference" / "loss.py"
    text = path.read_text(encoding="utf-8")
    lines = "import pathlib\npathlib.Path(__file__).with_name('missing.txt').read_text()\n"
    path.write_text(text + lines, encoding="utf-8")
    (path.parent / "missing.txt").write_text("here", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (spoil_reference, ["assignment.yaml:", "Worked example", "reference fails"]),
        (solve_starter, ["10_worked_example.yaml:5", "starter passes the whole case"]),
        (spoil_settings, ["30_more.yaml:1:10", "did you mean `name`"]),
        (spoil_expectation, ["10_worked_example.yaml:11:16", "2.0185"]),
        (take_too_long, ["no zip was made", "500 s", "at most 480 s", "timeout_minutes"]),
        (hand_print_the_answer, ["no zip was made", "reference", "scores 0 points"]),
    ],
)
def test_a_faulty_assignment_gives_no_zip(
    change: Change, words: list[str], repository: Path, tmp_path: Path, run_in_process: RunInProcess
) -> None:
    for part in ("testcases", "reference", "handout"):
        shutil.copytree(repository / part, tmp_path / part)
    (tmp_path / "reference" / "mistakes.py").unlink()  # which take their time
    change(tmp_path)
    done = run_in_process("bundle", "--out", tmp_path / "out", cwd=tmp_path)
    assert done.status == 2
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err
    assert not (tmp_path / "out").exists()


def test_a_longer_time_out_leaves_room_for_a_longer_submission(
    repository: Path, tmp_path: Path
) -> None:
    for part in ("testcases", "reference"):  # and without a starter there is none to try
        shutil.copytree(repository / part, tmp_path / part)
    (tmp_path / "reference" / "mistakes.py").unlink()
    give_the_platform_time(tmp_path)
    with zipfile.ZipFile(io.BytesIO(gradescope_zip(load_assignment(tmp_path)))) as archive:
        assert int(archive.read("deadline_seconds")) == 600


# run_autograder. ---------------------------------------------------------------------------------


@linux_only
def test_nothing_of_a_previous_run_survives_and_nothing_else_changes_a_grade(
    root: Path, run: Any
) -> None:
    (root / "results" / "results.json").write_text('{"score": 1000}')
    (root / "results" / "old").mkdir()
    (root / "scratch" / "autograder-1").mkdir(parents=True)
    metadata = {"assignment": {"total_points": "60.0"}, "users": 7}
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    (root / "submission_metadata.json").chmod(0o666)
    trap = "raise SystemExit('a file beside the submission was run')\n"
    for name in ("numpy.py", "sitecustomize.py", "autograder.py", "yaml.py"):
        (root / "submission" / name).write_text(trap)
        (root / name).write_text(trap)
    results, output = run(PYTHONPATH=str(root / "submission"), PYTHONSTARTUP=str(root / "numpy.py"))
    assert results["score"] == 100
    assert "100 of 100 points" in output
    assert "have 100 points, but the assignment on Gradescope only 60" in output
    assert output.count("note:") == 1  # what no policy needs may be unreadable
    assert os.listdir(root / "results") == ["results.json"]
    assert not (root / "scratch").exists()
    assert stat.S_IMODE((root / "submission_metadata.json").stat().st_mode) == 0o600


def lose_the_engine(root: Path) -> None:
    (root / "source" / "autograder" / "pipeline.py").write_text("syntax error\n")


def lose_the_start(root: Path) -> None:
    (root / "source" / "start.py").unlink()


def spoil_the_settings(root: Path) -> None:
    settings_of(root).write_text("title: [\n")


def come_to_a_halt(root: Path) -> None:
    (root / "submission" / "loss.py").write_text(HANGS)
    (root / "source" / "deadline_seconds").write_text("4\n")  # which a start may take


def demand_the_impossible(root: Path) -> None:
    change_settings(root, "\ntolerance", "\nrequire_isolation: landlock\ntolerance")
    path = root / "source" / "autograder" / "sandbox" / "walls" / "landlock.py"
    text = path.read_text()
    assert text.count("    known = version()\n") == 1
    path.write_text(text.replace("    known = version()\n", "    return False\n"))
    script = root / "run_autograder"
    script.write_text(script.read_text().replace('"$@"', ""))  # the option that allows any


@linux_only
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lose_the_engine, "SyntaxError"),
        (lose_the_start, "ended with status 2"),
        (spoil_the_settings, "assignment.yaml:2:1"),
        (demand_the_impossible, "landlock is required"),
    ],
)
def test_where_the_grader_fails_students_and_staff_are_told_so(
    change: Change, told: str, root: Path, run: Any
) -> None:
    change(root)
    results, output = run()
    assert told in output
    assert_not_graded(results)


def assert_not_graded(results: Results) -> None:
    (test,) = results["tests"]
    assert (test["score"], test["max_score"], test["status"]) == (0, 0, "failed")
    assert "the grader failed" in test["output"]
    assert "has not been graded, through no fault of yours" in results["output"]
    assert results["extra_data"]["not_graded"]


@linux_only
def test_a_missing_python_leaves_the_fallback(root: Path, run: Any) -> None:
    results, output = run(AUTOGRADER_PYTHON=str(root / "venv" / "bin" / "python"))
    assert results["tests"][0]["name"].startswith("Not graded")
    assert "not been graded" in output


@linux_only
def test_without_a_file_to_write_to_the_table_is_still_shown(root: Path) -> None:
    (root / "results" / "results.json").mkdir()
    done = subprocess.run(
        [sys.executable, "-I", root / "source" / "start.py", "grade", root, "--any-isolation"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "100 of 100 points" in done.stdout
    assert "results.json could not be written" in done.stdout


# With settings, end to end. ----------------------------------------------------------------------

POLICIES = """
gradescope:
  submission_limit: {allowed_submissions: 2, hours: 12}
  late_penalty: {percent_per_day: 10, grace_period_minutes: 15}
  leaderboard:
    - {name: Points, value: points}
"""


def hand_in_with_policies(root: Path, previous: list[Results]) -> None:
    settings = settings_of(root)
    text = settings.read_text(encoding="utf-8").replace(POLICIES, "")
    settings.write_text(text + POLICIES, encoding="utf-8")
    due = NOW - timedelta(days=1, hours=1)
    metadata = {
        "created_at": NOW.isoformat(),
        "assignment": {"due_date": due.isoformat()},
        "users": [{"email": "a@example.org", "id": 1, "name": "A"}],
        "previous_submissions": previous,
    }
    (root / "submission_metadata.json").write_text(json.dumps(metadata))


NOW = datetime(2026, 11, 3, 15, 0, tzinfo=timezone(timedelta(hours=1)))


def earlier(hours: float, **keys: Any) -> Results:
    return {"submission_time": (NOW - timedelta(hours=hours)).isoformat(), "score": 70.0, **keys}


@linux_only
def test_late_and_within_the_limit(root: Path, run: Any) -> None:
    hand_in_with_policies(root, [earlier(13), earlier(1)])
    results, output = run()
    assert results["score"] == 80
    assert results["tests"][-1]["score"] == -20
    visible = [test for test in results["tests"][:-1] if test["visibility"] == "visible"]
    points = sum(test["score"] for test in visible)
    assert results["leaderboard"] == [{"name": "Points", "value": points, "order": "desc"}]
    assert 0 < points < 100
    assert "note:" not in output


@linux_only
def test_a_run_that_fails_after_another_notes_that_one(root: Path, run: Any) -> None:
    failed = earlier(1, autograder_error=True)
    hand_in_with_policies(root, [earlier(3), failed])
    come_to_a_halt(root)
    results, output = run()
    assert_not_graded(results)
    assert "killed after 4 s" in output
    assert results["extra_data"]["not_counted"] == [failed["submission_time"]]


@linux_only
def test_what_cannot_be_run_uses_up_no_submission(root: Path, run: Any) -> None:
    right = (root / "submission" / "loss.py").read_bytes()
    (root / "submission" / "loss.py").write_text("def\n")
    hand_in_with_policies(root, [earlier(3)])
    first, _ = run()
    assert (first["score"], len(first["tests"]) > 10) == (0, True)
    assert "SyntaxError" in first["extra_data"]["not_run"]

    failed = earlier(1, results=first)
    hand_in_with_policies(root, [earlier(3), failed])
    (root / "submission" / "loss.py").write_bytes(right)
    second, _ = run()  # the third in the window, of two allowed
    assert second["score"] == 80
    assert second["extra_data"]["not_counted"] == [failed["submission_time"]]


@linux_only
def test_over_the_limit(root: Path, run: Any) -> None:
    shown = {"tests": [{"name": "x", "score": 70.0, "max_score": 100.0, "output": "so so"}]}
    hand_in_with_policies(root, [earlier(3), earlier(1, results={"score": 70.0, **shown})])
    results, output = run()
    assert results["score"] == 70
    assert results["tests"][0]["output"] == "so so"
    assert "Wed 04 November 2026, 00:00:00 (UTC+01:00)" in results["output"]
    assert "note: over the limit" in output


# The scripts. ------------------------------------------------------------------------------------


def test_the_scripts_pass_shellcheck(repository: Path) -> None:
    image = repository / "autograder" / "gradescope" / "image"
    here = Path(__file__).parent
    installed = Path(sys.executable).with_name("shellcheck")
    program = str(installed) if installed.exists() else shutil.which("shellcheck")
    if program is None:
        pytest.skip("shellcheck is not installed")
    done = subprocess.run(
        [program, image / "setup.sh", image / "run_autograder", *here.glob("*.sh")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
