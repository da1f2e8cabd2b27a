"""The command line itself: help, unknown words, and reports in the form of their suffix."""

from __future__ import annotations

import json
import keyword
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import COMMANDS, main
from autograder.judging.verdicts import Report, Verdict
from autograder.reports import WRITERS, markdown
from autograder.tests.conftest import REPOSITORY, RunInProcess

NAMES = [name for group in COMMANDS.values() for name in group]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit status, and what was printed."""
    try:
        status = main(list(words))
    except SystemExit as error:  # from argparse
        status = int(error.code or 0)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


# Help.


def test_the_help_lists_every_command_by_who_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    status, output = run(capsys, "--help")
    assert status == 0
    assert output.index("for students:") < output.index("for TAs:") < output.index("instructors:")
    listed = re.findall(r"^  ([a-z-]+)  +[a-z]", output, re.MULTILINE)
    assert [name for name in listed if not name.startswith("-")] == NAMES


def test_every_module_of_a_command_is_listed(repository: Path) -> None:
    modules = {
        path.stem
        for path in (repository / "autograder" / "commands").glob("*.py")
        if "def run(options" in path.read_text(encoding="utf-8")
    }
    assert modules == {n.replace("-", "_") + "_" * keyword.iskeyword(n) for n in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_ends_with_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output = run(capsys, name, "--help")
    assert status == 0
    heading, example = output.rstrip().splitlines()[-2:]
    assert heading == "example:"
    assert example.startswith(f"  autograder {name} ")


def test_an_example_names_the_file_of_the_assignment_if_there_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "check", "--help")[1].rstrip().endswith("  autograder check solution.py")
    below = tmp_path / "testcases"
    below.mkdir()
    for submission in ("layers.py   # one", "[nn/layers.py, sgd.py]", "\n  - nn/layers.py\n"):
        (below / "assignment.yaml").write_text(f"title: T\nsubmission: {submission}\n")
        monkeypatch.chdir(below)
        assert run(capsys, "check", "--help")[1].rstrip().endswith("layers.py")


def test_help_imports_no_command_and_a_command_only_itself() -> None:
    script = (
        "import sys\nfrom autograder.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print({n for n in sys.modules if n.startswith('autograder.commands.') or n == 'numpy'})"
    )

    def imported(*words: str) -> str:
        command = [sys.executable, "-c", script, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()[-1]

    assert imported("--help") == "set()"
    assert set(re.findall(r"[\w.]+", imported("preview", "--help"))) == {
        "autograder.commands.arguments",
        "autograder.commands.preview",
    }


@pytest.mark.parametrize("words", [["lint"], ["matrix"], ["show", "10.1"], ["class", "work"]])
def test_a_command_prints_what_the_outputs_encoding_lacks_as_escapes(
    words: list[str], tmp_path: Path, run_in_process: RunInProcess
) -> None:
    assert run_in_process("new-assignment", tmp_path / "w").status == 0
    shutil.copytree(tmp_path / "w" / "handout", tmp_path / "w" / "work")
    for path in (tmp_path / "w").rglob("*.*"):
        if path.suffix in (".yaml", ".py"):
            text = path.read_text(encoding="utf-8").replace("InPlace", "Δ")
            text = text.replace("Mean squared error", "λ").replace("Arrays of any", "λ")
            text = text.replace("Example of the write-up", "An example λ")
            path.write_text(text.replace("purpose: ", "# "), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *words],
        cwd=tmp_path / "w",
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "cp1252"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = done.stdout.decode("cp1252")
    assert done.returncode == 0, output
    assert "\\u03bb" in output or "\\u0394" in output


# What the command line does not understand.


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["chekc"], "no command `chekc`; did you mean `check`?"),
        (["what-is-this"], "the commands are check, "),
        ([], "name a command: check, "),
        (["--colour"], "unrecognized arguments: --colour"),
        (["check", "my", "loss.py"], 'quotes: "my loss.py"'),
        (["new-case", "Large", "logits"], 'quotes: "Large logits"'),
        (["new-case", "testcases/30.yaml"], "give the case's name"),
        (["check", "--asignment", "x"], "unrecognized arguments: --asignment"),
        (["grade", "loss.py", "--isolation", "walls"], "`walls` is not an isolation level"),
    ],
)
def test_what_is_not_understood_is_told_with_what_to_do(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output = run(capsys, *words)
    assert status == 2
    assert told in output
    assert "Traceback" not in output


# Reports in files.


def test_a_report_is_written_in_every_form_that_is_asked_for(
    run_in_process: RunInProcess, repository: Path, tmp_path: Path
) -> None:
    paths = [tmp_path / f"report{suffix}" for suffix in WRITERS]
    options = [word for path in paths for word in ("--results", path)]
    done = run_in_process("grade", repository / "handout" / "loss.py", *options)
    assert (done.status, done.err) == (0, "")
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    results = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    page = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert re.search(r"^\d things? to fix, 100 points:", page, re.MULTILINE)
    for test in results["tests"]:
        assert f"| {test['number']} | {test['name']} | 0 / {test['max_score']:g} |" in page


def test_in_markdown_nothing_of_a_students_is_markup() -> None:
    text = "f raised Error: <b> *star* | [link](x).\n```\n<b>bold</b>\n````\n# heading"
    verdict = Verdict("A | case", "f", "1.1", "visible", (), 0, 1, False, text)
    page = markdown.render(Report("Title", (verdict,), "", 0.0, {}))
    block = re.search(r"^(`{3,})text\n(.*?)\n\1$", page, re.DOTALL | re.MULTILINE)
    assert block
    assert block[2] == text
    outside = page.replace(block[0], "")
    assert r"\<b\> \*star\* \| \[link\]" in outside
    assert r"| A \| case: f |" in outside


def test_a_suffix_that_no_report_has_is_refused_before_anything_runs(
    run_in_process: RunInProcess, repository: Path, tmp_path: Path
) -> None:
    submission = repository / "handout" / "loss.py"
    done = run_in_process("grade", submission, "--results", tmp_path / "report.pdf")
    assert (done.status, done.out) == (2, "")
    assert all(suffix in done.err for suffix in WRITERS)


def test_one_file_that_cannot_be_written_costs_neither_the_others_nor_the_table(
    run_in_process: RunInProcess, repository: Path, tmp_path: Path
) -> None:
    missing, good = tmp_path / "missing" / "report.md", tmp_path / "results.json"
    folder = tmp_path / "folder.md"
    folder.mkdir()
    paths = [word for path in (missing, folder, good) for word in ("--results", path)]
    done = run_in_process("grade", repository / "handout" / "loss.py", *paths)
    assert done.status == 2
    assert done.err == (
        f"autograder: cannot write {missing}: No such file or directory; "
        f"cannot write {folder}: Is a directory\n"
    )
    assert "0 of 100 points" in done.out
    assert sorted(tmp_path.rglob("*")) == [folder, good]


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted by /proc")
def test_numpy_has_one_thread_in_a_grader(repository: Path) -> None:
    # Others would be lost in the fork, and each takes 40 MB of a submission's address space.
    lines = """
import os
from autograder import cli

def main():
    import numpy
    print(len(os.listdir("/proc/self/task")), "thread")
    return 0

cli.main = main
cli.run_and_exit()
"""
    variables = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", lines], cwd=repository, env=variables, capture_output=True, text=True
    )
    assert done.stdout == "1 thread\n", done.stderr
