"""The zip as the platform uses it: set up and run by root on /autograder, at 0.5 CPU and 768 MB.

Several seconds a run and in need of the package index; so only where AUTOGRADER_IMAGE is set.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.gradescope.platform_zip import lay_out
from autograder.tests.container import Run, limits, reason_against, run_inside

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("AUTOGRADER_IMAGE"), reason="AUTOGRADER_IMAGE is not set"
    ),
    pytest.mark.skipif(bool(reason_against()), reason=reason_against() or "-"),
]

Results = dict[str, Any]
Submit = Callable[[str], tuple[Results, Run]]

# Steals what it can reach, and wants to write results of its own; wrong in everything else.
HOSTILE = """
import glob, json, os, numpy as np

def tries(action):
    try:
        return repr(action())
    except BaseException as error:
        return type(error).__name__

FULL = json.dumps({"score": 100, "tests": []})
SEEN = [
    tries(lambda: open("/autograder/submission_metadata.json").read()),
    tries(lambda: open("/autograder/source/assignment/reference/loss.py").read()),
    tries(lambda: os.listdir("/autograder/source")),
    tries(lambda: open("/autograder/results/results.json", "w").write(FULL)),
    tries(lambda: open("/autograder/venv/x.pth", "w").write("import os")),
    tries(lambda: os.chmod("/autograder/source", 0o777)),
    tries(lambda: os.kill(os.getppid(), 9)),
    tries(lambda: os.setuid(0)),
    tries(lambda: os.fork() or os._exit(0)),
]

class CrossEntropyLoss:
    def forward(self, A, Y):
        print("\\n".join(SEEN))
        os._exit(0)
    def backward(self):
        return np.zeros(1)
"""
HANGING = """
class CrossEntropyLoss:
    def forward(self, A, Y):
        while True:
            pass
    def backward(self):
        return 0
"""
METADATA = {
    "created_at": "2026-11-03T15:00:00.000000+01:00",
    "users": [{"email": "secret@example.org", "id": 1, "name": "Somebody Secret"}],
    "previous_submissions": [],
}


@pytest.fixture(scope="module")
def root(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The zip, made by the command, laid out and set up; its limits are short, to hang shortly."""
    folder = tmp_path_factory.mktemp("image")
    for part in ("testcases", "reference", "handout"):
        shutil.copytree(repository / part, folder / part)
    settings = folder / "testcases" / "assignment.yaml"
    text = settings.read_text(encoding="utf-8")
    shorter = re.sub(
        r"call_seconds: \d+, total_seconds: \d+", "call_seconds: 1, total_seconds: 6", text
    )
    assert shorter != text
    settings.write_text(f"{shorter}\nrequire_isolation: uid+landlock+seccomp\n", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "autograder", "bundle", "--out", folder],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(repository)},
        check=True,
    )
    root = folder / "autograder"
    root.mkdir()
    lay_out((folder / "autograder.zip").read_bytes(), root)
    yield root
    shutil.rmtree(root)  # 100 MB, which pytest would keep


@pytest.fixture(scope="module")
def built(root: Path) -> Run:
    return run_inside(root, ["/autograder/source/setup.sh"])


@pytest.fixture
def submit(root: Path, built: Run, schema: Any) -> Submit:
    """Hands in a source text and runs run_autograder, held to the platform's limits."""
    assert built.status == 0, built.output

    def run(source: str) -> tuple[Results, Run]:
        shutil.rmtree(root / "submission")
        (root / "submission").mkdir()
        (root / "submission" / "loss.py").write_text(source, encoding="utf-8")
        (root / "submission_metadata.json").write_text(json.dumps(METADATA))
        with limits() as groups:
            done = run_inside(root, ["/autograder/run_autograder"], groups)
        assert done.status == 0, done.output
        results: Results = json.loads((root / "results" / "results.json").read_bytes())
        schema.validate(results)
        assert os.listdir(root / "results") == ["results.json"]
        assert not (root / "scratch").exists()
        return results, done

    return run


def packages() -> list[str]:
    """What is installed for the Python that the image's environment is made of."""
    code = "import os, sysconfig; print(*sorted(os.listdir(sysconfig.get_path('purelib'))))"
    done = subprocess.run(["python3", "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_setup_verifies_what_it_builds(root: Path, built: Run) -> None:
    assert built.status == 0, built.output
    assert "isolation uid+landlock+seccomp" in built.output
    assert "the reference scores 100 of 100" in built.output
    assert (root / "source").stat().st_mode & 0o777 == 0o700
    assert not [path for path in (root / "source").rglob("*") if path.stat().st_mode & 0o077]
    assert list((root / "source").rglob("autograder/__pycache__/pipeline.*.pyc"))


def test_setup_can_run_again_and_leaves_the_system_as_it_is(root: Path, built: Run) -> None:
    before = packages()
    (root / "venv" / "left_over").touch()
    again = run_inside(root, ["/autograder/source/setup.sh"])
    assert again.status == 0, again.output
    assert not (root / "venv" / "left_over").exists()
    assert packages() == before


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (
            "autograder/sandbox/walls/seccomp.py",
            "kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(buffer))",
            "pass",
            "can open a socket, and must not",
        ),
        ("assignment/reference/loss.py", "/ N).sum()", "/ N).sum() + 1", "reference"),
        ("deadline_seconds", "540", "soon", "not unpacked whole"),
    ],
)
def test_setup_fails_loudly(
    path: str, old: str, new: str, told: str, root: Path, built: Run
) -> None:
    file = root / "source" / path
    sound = file.read_text(encoding="utf-8")
    assert sound.count(old) == 1
    file.write_text(sound.replace(old, new), encoding="utf-8")
    try:
        command = ["/autograder/venv/bin/python", "-I", "/autograder/source/start.py", "verify"]
        done = run_inside(root, [*command, "/autograder"])
    finally:
        file.write_text(sound, encoding="utf-8")
    assert done.status == 1
    assert told in done.output


def test_the_reference_scores_in_full(submit: Submit, repository: Path) -> None:
    results, done = submit((repository / "reference" / "loss.py").read_text(encoding="utf-8"))
    assert results["score"] == 100
    assert results["extra_data"]["isolation"] == "uid+landlock+seccomp"
    assert "100 of 100 points" in done.output


def test_the_starter_scores_nothing_and_is_told_so(submit: Submit, repository: Path) -> None:
    results, _ = submit((repository / "handout" / "loss.py").read_text(encoding="utf-8"))
    assert results["score"] == 0
    assert "not implemented yet" in results["tests"][0]["output"]


def test_a_hanging_submission_ends_in_time_with_every_check_told(submit: Submit) -> None:
    results, _ = submit(HANGING)
    assert results["score"] == 0
    assert "1 s" in results["tests"][0]["output"]
    assert all(test["output"] for test in results["tests"])


def test_a_hostile_submission_gets_nothing(submit: Submit, root: Path) -> None:
    source = root / "source"
    results, done = submit(HOSTILE)
    assert results["score"] == 0
    text = results["tests"][0]["output"]
    assert text.count("PermissionError") == 9, text
    everything = json.dumps(results) + done.output
    assert "Somebody Secret" not in everything
    assert "log1p" not in everything  # of the reference
    assert source.stat().st_mode & 0o777 == 0o700


def test_the_oldest_numpy_grades_as_the_newest_does(
    submit: Submit, root: Path, repository: Path, tmp_path: Path
) -> None:
    """With the lowest versions that the project claims to support, on the Pythons that have them."""
    if sys.version_info >= (3, 13):
        pytest.skip("numpy 1.26 has no wheel for Python 3.13")
    new, _ = submit((repository / "reference" / "loss.py").read_text(encoding="utf-8"))
    named = re.findall(r'"((?:numpy|PyYAML)>=[\d.]+)"', (repository / "pyproject.toml").read_text())
    assert len(named) == 2
    oldest = [requirement.replace(">=", "==") for requirement in named]
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    install = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
    subprocess.run([python, *install, *oldest, "gradescope-utils"], check=True)
    environment = ["env", f"AUTOGRADER_PYTHON={python}"]
    done = run_inside(root, [*environment, "/autograder/run_autograder"])
    old = json.loads((root / "results" / "results.json").read_bytes())
    assert old["score"] == 100, done.output
    assert old["extra_data"]["numpy"].startswith("1.26.")
    assert old["extra_data"]["numpy"] != new["extra_data"]["numpy"]
    assert old["tests"] == new["tests"]
