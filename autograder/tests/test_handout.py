"""handout.zip: what is in it, what is not, and that it says the same as the assignment itself."""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packaging.requirements import Requirement

from autograder.cli import main
from autograder.errors import AssignmentError, Place
from autograder.formats.assignment import load_assignment
from autograder.formats.draws import draw
from autograder.handout.handout_zip import REQUIREMENTS, WHEELS, handout_zip, requirements
from autograder.judging.suite import Suite
from autograder.model import Assignment, visible_part
from autograder.steps import Step

ODD_CASES = """\
# A comment on the hidden case.
visibility: after_published
tolerance: {rtol: 1e-3}
hints: false
cases:
  - name: A secret
    inputs: {A: [[7.25, 2]], Y: [[0, 1]]}
    points: {forward: 1}   # more on it
  - name: 'Null: "quoted", {braces} # and \\ ümläute, ✓'
    visibility: visible
    number: 1.10
    inputs:
      A: {values: [[1e0, -.5], [+3, 0x]], dtype: float32}
      Y: {values: [[0, 1], [1, 0]], dtype: int8}
    points: {backward: 0.50}
    tags: ["no", "5", "~", "a\\tb", "plain words"]
    run_setup: once
    hints: true
  - {name: "true", visibility: visible, random: {seed: 3, N: 2..4}, points: {inputs_unchanged: 2},
     inputs: {A: {normal: [N, 3], scale: 1.50}, Y: {one_hot: [N, 3]}}, scoring: proportional}
""".replace("0x", "0")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The repository's assignment in another place, its texts with CRLF, and an odd case file more."""
    folder = tmp_path_factory.mktemp("copy")
    for part in ("testcases", "reference", "handout"):
        shutil.copytree(
            repository / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path in [*folder.rglob("*.md"), *folder.rglob("*.yaml"), *folder.rglob("*.svg")]:
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    return folder


@pytest.fixture(scope="module")
def zipped(assignment: Assignment) -> bytes:
    return handout_zip(assignment)


@pytest.fixture(scope="module")
def handout(zipped: bytes) -> dict[str, bytes]:
    return contents(zipped)


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def unzipped(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return folder


def test_a_handout_holds_what_a_student_needs(
    handout: dict[str, bytes], repository: Path, assignment: Assignment
) -> None:
    for name in ("README.md", "computation.svg", "loss.py"):
        assert handout[name] == (repository / "handout" / name).read_bytes()
    assert {name for name in handout if not name.startswith("autograder/")} == {
        *("README.md", "computation.svg", "loss.py", "HOW_TO_CHECK.md"),
        *("requirements.txt", "conftest.py", "pytest.ini"),
        *("testcases/assignment.yaml", "testcases/answers.bin", "testcases/platform.json"),
        *{f"testcases/{c.place.path.name}" for c in assignment.cases if c.visibility == "visible"},
    }
    assert "autograder/__main__.py" in handout
    assert not [name for name in handout if "tests/" in name or "__pycache__" in name]


def test_every_picture_and_page_that_the_write_up_links_to_is_there(
    handout: dict[str, bytes],
) -> None:
    for page in ("README.md", "HOW_TO_CHECK.md"):
        links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", handout[page].decode())
        assert links or page == "HOW_TO_CHECK.md"
        assert set(links) <= set(handout)


def test_the_requirements_but_for_numpy_are_those_of_the_package(
    handout: dict[str, bytes], repository: Path
) -> None:
    required = handout["requirements.txt"].decode().splitlines()
    project = (repository / "pyproject.toml").read_text(encoding="utf-8")
    assert required == requirements()
    for line in REQUIREMENTS:
        assert line in required
        assert f'    "{line}",\n' in project


@pytest.mark.parametrize(
    ("python", "system", "machine", "numpy"),
    [
        ("3.10", "linux", "x86_64", "==2.2.6"),
        ("3.13", "darwin", "arm64", "==2.2.6"),
        ("3.13", "win32", "AMD64", "==2.2.6"),
        ("3.14", "linux", "x86_64", ">=2.3.2"),
        ("3.14", "win32", "AMD64", ">=2.3.2"),
        ("3.12", "win32", "ARM64", ">=2.3.2"),
    ],
)
def test_at_home_numpy_is_the_platforms_if_there_is_a_wheel_of_it(
    python: str, system: str, machine: str, numpy: str, handout: dict[str, bytes]
) -> None:
    environment = {"python_version": python, "sys_platform": system, "platform_machine": machine}
    lines = map(Requirement, handout["requirements.txt"].decode().splitlines())
    chosen = [
        str(line.specifier)
        for line in lines
        if line.name == "numpy" and line.marker and line.marker.evaluate(environment)
    ]
    assert chosen == [numpy]


def test_a_handout_knows_the_versions_that_the_image_pins(
    handout: dict[str, bytes], repository: Path
) -> None:
    pinned = repository / "autograder" / "gradescope" / "image" / "requirements.txt"
    told = json.loads(handout["testcases/platform.json"])
    assert told["python"] == "3.10"
    assert f"numpy=={told['numpy']} " in pinned.read_text(encoding="utf-8")
    assert told["numpy"] in WHEELS  # else look up for which systems it has wheels


def test_nothing_in_a_handout_tells_of_hidden_cases_reference_or_mistakes(
    handout: dict[str, bytes], assignment: Assignment, repository: Path
) -> None:
    hidden = [case for case in assignment.cases if case.visibility != "visible"]
    visible_files = {case.place.path.name for case in visible_part(assignment).cases}
    secrets = {case.name for case in hidden}
    secrets |= {case.place.path.name for case in hidden} - visible_files
    secrets |= {str(case.inputs.random.seed) for case in hidden if case.inputs.random}
    secrets |= comments_of(repository / "testcases")
    secrets |= lines_of_code(repository / "reference", known=handout)
    assert len(hidden) > 5
    assert len(secrets) > 200
    text = "\n".join(handout) + b"\n".join(handout.values()).decode("utf-8", "replace")
    assert sorted(secret for secret in secrets if secret in text) == []


def test_no_expected_value_of_a_hidden_case_is_frozen_in(
    handout: dict[str, bytes], assignment: Assignment
) -> None:
    answers = handout["testcases/answers.bin"]
    suite = Suite(assignment)
    for case in assignment.cases:
        gradient = suite.expected(case)[0]["backward"].tobytes()
        assert (gradient in answers) == (case.visibility == "visible")


def comments_of(folder: Path) -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.yaml")]
    comments = {line.strip("# ") for text in texts for line in re.findall(r"#.*", text)}
    assert len(comments) > 5
    return comments


def lines_of_code(folder: Path, known: dict[str, bytes]) -> set[str]:
    """Lines that say something, but for those that the starter or the engine has as well.

    Docstrings stay out: hints are among them, and students are shown those.
    """
    engine = b"\n".join(data for name, data in known.items() if name.endswith(".py")).decode()
    kept = set()
    for path in folder.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        lines = dict(enumerate(source.splitlines(), 1))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                    lines[number] = ""
        kept |= {line.strip() for line in lines.values()}
    return {
        line
        for line in kept
        if len(line) > 20 and line not in engine and not line.startswith(("from ", "import "))
    }


@pytest.mark.slow
@pytest.mark.parametrize("which", ["this", "linear", "odd"])
def test_the_cases_of_a_handout_are_the_visible_ones_unchanged(
    which: str, copied: Path, repository: Path, tmp_path: Path
) -> None:
    folder = repository
    if which == "linear":
        folder = tmp_path / "linear"
        shutil.copytree(repository / "autograder/tests/assignments/linear", folder)
        (folder / "handout").mkdir()
        for name in ("README.md", "linear.py"):
            (folder / "handout" / name).write_text("# to be written\n", encoding="utf-8")
    if which == "odd":
        folder = tmp_path / "odd"
        shutil.copytree(copied, folder)
        (folder / "testcases" / "7 ödd.yml").write_text(ODD_CASES, encoding="utf-8")
        with (folder / "testcases" / "assignment.yaml").open("a", encoding="utf-8") as file:
            file.write(
                "require_isolation: uid+landlock   # which a student's machine may not have\n"
                "gradescope: {submission_limit: {allowed_submissions: 5, hours: 24}}\n"
            )
    whole = load_assignment(folder)
    at_home = load_assignment(unzipped(handout_zip(whole), tmp_path / "home"))
    assert comparable(at_home) == comparable(visible_part(whole))
    assert at_home.cases
    assert len(at_home.cases) < len(whole.cases)
    for one, other in zip(at_home.cases, visible_part(whole).cases):
        for drawn, again in zip(draw(one.inputs), draw(other.inputs)):
            for name, array in drawn.inputs.items():
                np.testing.assert_array_equal(array, again.inputs[name], strict=True)


def comparable(assignment: Assignment) -> Any:
    """All of an assignment but for places and what is for staff, with arrays as text."""
    nowhere = Place(Path())

    def placeless(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(step._replace(place=nowhere) for step in steps)

    cases = [
        case._replace(
            program=case.program._replace(
                setup=placeless(case.program.setup), body=placeless(case.program.body)
            ),
            place=case.place.path.name,  # type: ignore[arg-type]
            expect_places={},
            places={},
            purpose="",
        )
        for case in assignment.cases
    ]
    return repr(assignment._replace(folder=Path(), cases=tuple(cases), places={}))


@pytest.mark.parametrize("name", ["README.md", "loss.py"])
def test_a_handout_without_write_up_or_starter_is_refused(
    name: str, copied: Path, tmp_path: Path
) -> None:
    shutil.copytree(copied, tmp_path / "a")
    (tmp_path / "a" / "handout" / name).unlink()
    with pytest.raises(AssignmentError, match=re.escape(name)):
        handout_zip(load_assignment(tmp_path / "a"))


def test_a_folder_that_cannot_be_written_to_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-assignment", str(tmp_path / "small")]) == 0
    (tmp_path / "file").write_text("", encoding="utf-8")
    words = ["--assignment", str(tmp_path / "small"), "--out", str(tmp_path / "file")]
    assert main(["bundle", *words]) == 2
    assert capsys.readouterr().err.startswith("autograder: cannot write")
