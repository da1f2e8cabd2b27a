"""The corpus of hostile and odd submissions, at the levels of isolation that this machine has.

All of it is run at the highest level, and a sample at the others; `--everything` runs all at each.
It runs beside the other tests, as a command of its own that conftest.py starts.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.tests.corpus import LEVELS, held
from autograder.tests.corpus_files import ATTACKS, REPOSITORY, Attack, Run, load_corpus, source_of
from autograder.tests.corpus_session import CorpusSession

CORPUS = load_corpus()
PATCHING = [attack for attack in CORPUS if attack.patches or "patch" in attack.uses]
# The grader, as far as it knows what a submission must not.
SECRETIVE = ("judging", "hints", "explain", "grading.py", "pipeline.py", "model.py")


@pytest.mark.parametrize("attack", CORPUS, ids=lambda attack: attack.name)
@pytest.mark.parametrize("level", LEVELS)
def test_a_hostile_submission_gains_breaks_leaks_and_leaves_nothing(
    level: str, attack: Attack, corpus_session: CorpusSession
) -> None:
    outcome = corpus_session.outcome(level, attack.name)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    problems = held(attack, outcome)
    if level not in attack.unstopped or not problems:
        assert not problems
    elif outcome.results is None:
        assert attack.signals, f"only signals may end the grader: {problems}"
    else:  # what a level cannot stop is listed with its reason; even there the report is whole
        assert outcome.results["score"] in (attack.score, attack.score_there)


IMPORTED = """
import autograder.sandbox.worker, importlib, os, sys
from autograder.sandbox.importer import SourceFinder
for path in sys.argv[1:]:
    if os.fork():
        os.wait()
        continue
    finder = SourceFinder({"loss.py": open(path, "rb").read()}, ("loss.py",))
    sys.meta_path.append(finder)
    module = importlib.import_module(finder.module_of("loss.py"))
    os.write(1, f"{path} {' '.join(module.patched)}\\n".encode())
    os._exit(0)
"""


def test_what_an_attack_patches_is_there(tmp_path: Path) -> None:
    """In plain processes, those of workers but for their walls."""
    for attack in PATCHING:
        (tmp_path / attack.name).write_bytes(source_of(attack, Run(1)))
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *(attack.name for attack in PATCHING)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    patched = {name: set(names) for name, *names in lines}
    assert all(patched.get(attack.name) for attack in PATCHING), done.stderr
    assert [a.name for a in PATCHING if not set(a.patches) <= patched[a.name]] == []


def test_the_classes_that_attacks_look_for_are_there() -> None:
    names = {name for attack in CORPUS for name in attack.reads}
    assert names
    for name in names:
        module, _, attribute = name.rpartition(".")
        assert isinstance(getattr(importlib.import_module(module), attribute, None), type), name


def test_the_variables_that_attacks_look_for_are_those_of_the_grader() -> None:
    paths = [REPOSITORY / "autograder" / part for part in SECRETIVE]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    used = {node.arg for node in nodes if isinstance(node, ast.arg)}
    used |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {name for attack in CORPUS for name in attack.variables}
    assert names
    assert names <= used


def test_the_corpus_is_large_and_all_of_its_files_are_used() -> None:
    names = {attack.name for attack in CORPUS}
    assert len(names) == len(CORPUS) >= 270
    assert {path.stem for path in (ATTACKS / "files").iterdir()} <= names
    used = {part for attack in CORPUS for part in (attack.base, *attack.uses)} | {"patch"}
    assert {path.stem for path in (ATTACKS / "base").glob("*.py")} == used - {""}


@pytest.mark.slow
def test_a_grader_that_ends_early_is_told_with_its_end() -> None:
    """As a command of its own, as the corpus is always run: an attack that does not exist."""
    from autograder.tests.corpus import _run_together

    (outcome,) = _run_together("basic", ["no_such_attack"])
    assert "status 1" in outcome.ended
    assert "KeyError: 'no_such_attack'" in outcome.ended
