"""`show` and `new-case`: from a name in a report to its numbers, and a case file to start from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.lint import lint
from autograder.cli import main
from autograder.commands.show import find_case
from autograder.errors import UsageError
from autograder.formats.assignment import load_assignment
from autograder.judging.solutions import load_module
from autograder.model import Assignment

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; gives its exit status, its output and its complaints."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def folder(tmp_path: Path, repository: Path) -> Path:
    """A copy of the repository's assignment, without its mistakes, which only cost time here."""
    for part in ("testcases", "reference"):
        shutil.copytree(
            repository / part, tmp_path / part, ignore=shutil.ignore_patterns("mistakes.py")
        )
    return tmp_path


@pytest.fixture(scope="module")
def linear() -> Path:
    return Path(__file__).parent / "assignments" / "linear"


# show


@pytest.mark.parametrize(
    "wanted",
    ["20.2", "Soft targets", "soft targets", "soft", "Soft targets: backward", " targets "],
)
def test_a_case_is_found_by_what_a_report_says_of_it(assignment: Assignment, wanted: str) -> None:
    assert find_case(assignment, wanted).name == "Soft targets"


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("logits", "`20.3 Equal logits`, `30.5 Logits in float32`"),
        ("20", "there is no case `20`; there are `10.1 "),
        ("nothing like it", "there is no case"),
    ],
)
def test_an_unclear_case_is_answered_with_what_there_is(
    assignment: Assignment, wanted: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        find_case(assignment, wanted)


def test_what_is_shown_for_python_gives_the_very_numbers(
    run: Run, assignment: Assignment, repository: Path
) -> None:
    case = find_case(assignment, "Logits in float32")
    status, out, _ = run("show", case.number, "--batch", 2, "--assignment", repository)
    assert status == 0
    assert f"{case.number} {case.name}, batch 2 of 2" in out
    pasted: dict[str, Any] = {}
    exec(out, pasted)
    batch = case.inputs.draw()[1]
    for name, array in batch.items():
        assert pasted[name].dtype == array.dtype
        assert np.array_equal(pasted[name], array)
    reference = load_module(assignment.reference_path).CrossEntropyLoss()
    assert pasted["expected_forward"] == reference.forward(**batch)
    assert np.array_equal(pasted["expected_backward"], reference.backward())
    for method, steps in reference.steps().items():
        assert list(pasted["steps"][method]) == list(steps)
        for name, step in steps.items():
            assert np.array_equal(pasted["steps"][method][name], step)


def test_what_is_shown_as_json_holds_every_batch(
    run: Run, assignment: Assignment, repository: Path
) -> None:
    case = find_case(assignment, "One object for several batches")
    status, out, _ = run("show", case.name, "--format", "json", "--assignment", repository)
    assert status == 0
    shown = json.loads(out)
    assert (shown["number"], shown["object"]) == (case.number, "shared")
    batches = case.inputs.draw()
    assert len(shown["batches"]) == len(batches)
    for given, batch in zip(shown["batches"], batches, strict=True):
        for name, array in batch.items():
            assert np.array_equal(np.array(given["inputs"][name], given["dtypes"][name]), array)
        assert given["steps"]["forward"]["mean of the losses"] == given["expected"]["forward"]


def test_steps_on_a_shared_object_come_after_all_batches_before(run: Run, folder: Path) -> None:
    reference = folder / "reference" / "loss.py"
    text = reference.read_text(encoding="utf-8")
    text = text.replace(
        "        N, C =", "        self.seen = getattr(self, 'seen', 0) + 1\n        N, C ="
    )
    text = text.replace("np.array(self.mean_loss)", "np.array(self.seen)")
    reference.write_text(text, encoding="utf-8")
    for case, seen in (("50.3", 3), ("20.2", 1)):
        arguments = ("show", case, "--batch", 3, "--format", "json", "--assignment", folder)
        (batch,) = json.loads(run(*arguments)[1])["batches"]
        assert batch["steps"]["forward"]["mean of the losses"] == seen


def test_a_reference_without_steps_and_with_arguments_is_shown_too(run: Run, linear: Path) -> None:
    status, out, _ = run("show", "by hand", "--assignment", linear)
    assert status == 0
    pasted: dict[str, Any] = {}
    exec(out, pasted)
    assert np.array_equal(pasted["A"], [[1, 2, 4]])
    assert "steps" not in pasted
    assert "Linear(np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]), np.array([0.5, -1.5]))" in out
    assert "bias_gradient(dLdZ)" in out


def test_numbers_that_are_not_finite_survive_both_formats(run: Run, folder: Path) -> None:
    reference = folder / "reference" / "loss.py"
    text = reference.read_text(encoding="utf-8")
    new = '"loss of each sample": np.array([np.nan, np.inf, -np.inf]),'
    reference.write_text(text.replace('"loss of each sample": self.losses,', new), encoding="utf-8")
    assert new in reference.read_text(encoding="utf-8")
    arguments = ("show", "worked", "--assignment", folder)
    pasted: dict[str, Any] = {}
    exec(run(*arguments)[1], pasted)
    shown = json.loads(run(*arguments, "--format", "json")[1])["batches"][0]
    for steps in (pasted["steps"], shown["steps"]):
        values = np.array(steps["forward"]["loss of each sample"], dtype=float)
        assert np.array_equal(values, [np.nan, np.inf, -np.inf], equal_nan=True)


def test_a_batch_that_is_not_there_is_told(run: Run, repository: Path) -> None:
    for number in (0, 6):
        status, out, err = run("show", "soft", "--batch", number, "--assignment", repository)
        assert (status, out) == (2, "")
        assert "`Soft targets` has 5 batches" in err


@pytest.mark.parametrize("arguments", [["show", "10.1"], ["lint"]])
def test_students_who_have_no_reference_are_shown_nothing(
    run: Run, folder: Path, arguments: list[str]
) -> None:
    shutil.rmtree(folder / "reference")
    (folder / "testcases" / "answers.npz").touch()  # as in what is handed out
    status, out, err = run(*arguments, "--assignment", folder)
    assert (status, out) == (2, "")
    assert "needs the reference" in err


# new-case


@pytest.mark.parametrize("option", [[], ["--random"]])
@pytest.mark.parametrize("name", ["Confident and wrong", 'Größe: "1" # 50%', "大きさ"])
def test_a_new_case_runs_as_it_is(run: Run, folder: Path, option: list[str], name: str) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
    status, out, _ = run("new-case", name, *option, "--assignment", folder)
    assert status == 0
    (path,) = set(folder.rglob("*.yaml")) - set(before)
    assert path.name.startswith("60_")
    assert str(path) in out
    assert f"autograder lint --assignment {folder}" in out
    assert "autograder show 60.1" in out
    assert {path: path.read_bytes() for path in before} == before
    case = load_assignment(folder).cases[-1]
    assert (case.name, case.number) == (name, "60.1")
    assert (case.inputs.random is not None) == bool(option)
    (finding,) = lint(folder)[1]
    assert "add up to 102, not to 100" in finding.message


@pytest.mark.parametrize("option", [[], ["--random"]])
def test_a_new_case_fits_another_assignment(
    run: Run, linear: Path, tmp_path: Path, option: list[str]
) -> None:
    shutil.copytree(linear, tmp_path / "linear")
    run("new-case", "Another one", *option, "--assignment", tmp_path / "linear")
    assert lint(tmp_path / "linear")[1] == []


def test_the_first_case_of_an_assignment_can_be_new(run: Run, folder: Path) -> None:
    for path in (folder / "testcases").glob("[0-9]*.yaml"):
        path.unlink()
    assert run("new-case", "First", "--random", "--assignment", folder)[0] == 0
    assert [case.number for case in load_assignment(folder).cases] == ["10.1"]


def test_nothing_is_overwritten(run: Run, folder: Path) -> None:
    assert run("new-case", "One", "--assignment", folder)[0] == 0
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    status, _, err = run("new-case", "One", "--random", "--assignment", folder)
    assert status == 2
    assert "there is a case `One` already" in err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_new_case_tells_editors_of_its_schema(run: Run, folder: Path) -> None:
    run("new-case", "Elsewhere", "--assignment", folder)
    (path,) = (folder / "testcases").glob("60_*")
    line = path.read_text(encoding="utf-8").splitlines()[0]
    assert line.startswith("# yaml-language-server: $schema=")
    assert Path(line.partition("$schema=")[2]).is_file()
