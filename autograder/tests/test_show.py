"""`show` and `new-case`: from a name in a report to its numbers, and a case file to start from."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.lint import lint
from autograder.authoring.proposal import input_text
from autograder.cli import main
from autograder.commands.show import find_case
from autograder.errors import UsageError
from autograder.formats.assignment import load_assignment
from autograder.formats.draws import draw
from autograder.formats.schemas import CASE_FILE, FOLDER, schema_line
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


@pytest.fixture
def paste(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], dict[str, Any]]:
    """Runs what was shown beside a file that students might hand in; gives all names."""

    def paste(shown: str, file: Path) -> dict[str, Any]:
        monkeypatch.syspath_prepend(str(file.parent))
        monkeypatch.delitem(sys.modules, file.stem, raising=False)
        names: dict[str, Any] = {}
        exec(shown, names)
        del sys.modules[file.stem]  # monkeypatch would put it back
        return names

    return paste


Paste = Callable[[str, Path], dict[str, Any]]


def test_what_is_shown_for_python_can_be_pasted_and_gives_what_is_expected(
    run: Run, paste: Paste, assignment: Assignment, repository: Path
) -> None:
    case = find_case(assignment, "Logits in float32")
    status, out, _ = run("show", case.number, "--batch", 1, "--assignment", repository)
    assert status == 0
    assert f"{case.number} {case.name}, batch 1 of 2" in out
    assert out.index("from loss import") < out.index("A = ") < out.index("loss.forward(A, Y)")
    pasted = paste(out, repository / "reference" / "loss.py")
    for name, array in draw(case.inputs)[0].inputs.items():
        assert pasted[name].dtype == array.dtype
        assert np.array_equal(pasted[name], array)
    for name in ("forward", "backward"):
        expected = pasted[f"expected_{name}"]
        assert np.allclose(expected, pasted[name], rtol=1e-5)
        assert not np.array_equal(expected, pasted[name]), "six digits are enough"
    for name, steps in pasted["loss"].steps().items():
        shown = pasted[f"steps_to_{name}"]
        assert list(shown) == list(steps)
        assert all(np.allclose(shown[step], steps[step], rtol=1e-5) for step in steps)


def test_one_batch_is_shown_and_how_many_there_are(run: Run, repository: Path) -> None:
    _, out, _ = run("show", "20.2", "--assignment", repository)
    assert "Soft targets, batch 1 of 5 (N = 15, C = 4)" in out
    assert "batch 2 of" not in out
    assert (
        out.splitlines()[-1] == "# 4 more batches: --batch N shows another, --batch all shows all 5"
    )
    assert "# A: shape (15, 4), float64, from " in out
    assert "# expected_backward: shape (15, 4)" in out
    _, out, _ = run("show", "20.2", "--batch", "all", "--assignment", repository)
    assert out.count("loss = CrossEntropyLoss()") == 5
    assert "more" not in out


def test_the_setup_is_shown_as_often_as_it_is_run(
    run: Run, paste: Paste, linear: Path, repository: Path
) -> None:
    _, out, _ = run("show", "one layer", "--batch", "all", "--assignment", linear)
    assert out.count("linear = Linear(") == 1
    assert out.count("forward = linear.forward(A)") == 4
    names = paste(out, linear / "reference" / "linear.py")
    assert np.allclose(names["forward"], names["expected_forward"], rtol=1e-5)
    _, out, _ = run("show", "one layer", "--batch", 3, "--assignment", linear)
    assert "setup is run once" in out


def test_what_the_program_uses_of_sizes_and_random_numbers_is_shown(
    run: Run, paste: Paste, tmp_path: Path
) -> None:
    files = {
        "testcases/assignment.yaml": "title: Drop\nsubmission: drop.py\n"
        "setup: rows = np.ones((N, 2))\nprogram: out = drop(rows, p)\n",
        "testcases/10.yaml": "cases:\n  - name: Half\n    random: {seed: 1, batches: 3, N: 4}\n"
        "    inputs: {p: 0.5}\n    points: {out: 1}\n",
        "reference/drop.py": "import numpy as np\n\n\ndef drop(x, p):\n"
        "    return x * (np.random.rand(*x.shape) < p)\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    _, out, _ = run("show", "10.1", "--batch", 2, "--assignment", tmp_path)
    assert "N = 4\np = 0.5\n" in out
    names = paste(out, tmp_path / "reference" / "drop.py")
    assert 0 < names["out"].sum() < 8
    assert np.array_equal(names["out"], names["expected_out"])


def test_what_is_shown_as_json_holds_every_batch_with_all_digits(
    run: Run, assignment: Assignment, repository: Path
) -> None:
    case = find_case(assignment, "One object for several batches")
    status, out, _ = run("show", case.name, "--format", "json", "--assignment", repository)
    assert status == 0
    shown = json.loads(out)
    assert (shown["number"], shown["run_setup"]) == (case.number, "once")
    assert shown["program"] == ["forward = loss.forward(A, Y)", "backward = loss.backward()"]
    batches = draw(case.inputs)
    assert len(shown["batches"]) == len(batches)
    for given, batch in zip(shown["batches"], batches, strict=True):
        assert given["sizes"] == batch.sizes
        for name, array in batch.inputs.items():
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


def test_a_reference_without_steps_is_shown_too(run: Run, paste: Paste, linear: Path) -> None:
    status, out, _ = run("show", "by hand", "--assignment", linear)
    assert status == 0
    pasted = paste(out, linear / "reference" / "linear.py")
    assert np.array_equal(pasted["A"], [[1, 2, 4]])
    assert "steps" not in out
    assert "# as printed in the case file" in out


def test_numbers_that_are_not_finite_survive_both_formats(
    run: Run, paste: Paste, folder: Path
) -> None:
    reference = folder / "reference" / "loss.py"
    text = reference.read_text(encoding="utf-8")
    new = '"loss of each sample": np.array([np.nan, np.inf, -np.inf]),'
    reference.write_text(text.replace('"loss of each sample": self.losses,', new), encoding="utf-8")
    assert new in reference.read_text(encoding="utf-8")
    arguments = ("show", "worked", "--assignment", folder)
    pasted = paste(run(*arguments)[1], reference)
    shown = json.loads(run(*arguments, "--format", "json")[1])["batches"][0]
    for steps in (pasted["steps_to_forward"], shown["steps"]["forward"]):
        values = np.array(steps["loss of each sample"], dtype=float)
        assert np.array_equal(values, [np.nan, np.inf, -np.inf], equal_nan=True)


def test_a_batch_that_is_not_there_is_told(run: Run, repository: Path) -> None:
    status, out, err = run("show", "soft", "--batch", 6, "--assignment", repository)
    assert (status, out) == (2, "")
    assert "`Soft targets` has 5 batches, but no batch 6" in err
    for word in ("0", "-1", "some"):
        with pytest.raises(SystemExit) as ended:
            run("show", "soft", f"--batch={word}", "--assignment", repository)
        assert ended.value.code == 2


@pytest.mark.parametrize("arguments", [["show", "10.1"], ["lint"]])
def test_students_who_have_no_reference_are_shown_nothing(
    run: Run, folder: Path, arguments: list[str]
) -> None:
    shutil.rmtree(folder / "reference")
    (folder / "testcases" / "answers.bin").touch()  # as in what is handed out
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


def test_a_new_random_case_is_of_sizes_that_can_be_read(run: Run, folder: Path) -> None:
    run("new-case", "Small", "--random", "--assignment", folder)
    random = load_assignment(folder).cases[-1].inputs.random
    assert random is not None
    assert random.sizes == {"N": (2, 8), "C": (2, 8)}


ONE_AN_EXERCISE = {
    "assignment.yaml": "title: Two\nsubmission: [a.py, b.py]\n",
    "10_a.yaml": """\
setup: |
  from a import cut
run_setup: once
program: |
  kept = cut(x, K)
  for n in range(2):
      again = cut(x, K)
cases:
  - name: Cut
    random: {seed: 4, batches: 2, L: 6..30, K: 4..6}
    inputs:
      x: {integers: ["L - K + 1"], low: 3, dtype: int32}
      n_labels: {labels: [L], of: K}
      lr: 1.0
    points: {is_short: 2}
""",
    "properties.py": """\
def is_short(x, kept, n_labels, lr, K):
    assert n_labels.max() < K and lr == 1.0 and x.dtype == "int32"
    if len(kept) > len(x):
        return "It is too long."
""",
}


@pytest.mark.parametrize("option", [[], ["--random"]])
def test_a_new_case_brings_a_program_if_the_assignment_has_none_for_all(
    run: Run, tmp_path: Path, option: list[str]
) -> None:
    for part in ("testcases", "reference"):
        (tmp_path / part).mkdir()
    for name, text in ONE_AN_EXERCISE.items():
        (tmp_path / "testcases" / name).write_text(text, encoding="utf-8")
    for name in ("a.py", "b.py"):
        text = "def cut(x, K):\n    return x[:K]\n"
        (tmp_path / "reference" / name).write_text(text, encoding="utf-8")
    assert run("new-case", "Another", *option, "--assignment", tmp_path)[0] == 0
    assert lint(tmp_path)[1] == []
    first, new = load_assignment(tmp_path).cases
    assert new.program.key == first.program.key
    assert new.program.setup_once
    assert new.points == {"is_short": 1}
    assert (new.inputs.random is None) == (not option)


def test_a_new_case_tells_editors_of_its_schema(run: Run, folder: Path, repository: Path) -> None:
    run("new-case", "Elsewhere", "--assignment", folder)
    (path,) = (folder / "testcases").glob("60_*")
    line = path.read_text(encoding="utf-8").splitlines()[0]
    assert line.startswith("# yaml-language-server: $schema=")
    address = line.partition("$schema=")[2]
    assert not Path(address).is_absolute()
    schema = folder / "testcases" / address
    assert schema.resolve().is_relative_to(folder.resolve()), "a path of this machine"
    assert schema.read_bytes() == (FOLDER / CASE_FILE).read_bytes()
    in_tree = repository / "autograder" / "tests" / "x"
    address = schema_line(in_tree).partition("$schema=")[2]
    assert (in_tree / "testcases" / address).resolve() == FOLDER / CASE_FILE


# new-assignment


def test_a_new_assignment_works_as_it_is(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "week 3"
    status, out, _ = run("new-assignment", folder)
    assert status == 0
    assert f"autograder lint --assignment '{folder}'" in out
    assert run("lint", "--strict", "--assignment", folder)[0] == 0
    assert run("matrix", "--assignment", folder)[0] == 0
    for source, points in (("reference", "20 of 20"), ("handout", "0 of 20")):
        status, out, _ = run("grade", folder / source / "mse.py", "--assignment", folder)
        assert status == 0
        assert f"{points} points" in out
    for path in (folder / "testcases").glob("*.yaml"):
        address = path.read_text(encoding="utf-8").partition("$schema=")[2].splitlines()[0]
        assert (path.parent / address).is_file()


def test_a_new_assignment_wants_an_empty_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("new-assignment", tmp_path / "empty")[0] == 0
    before = sorted(tmp_path.rglob("*"))
    (tmp_path / "file").touch()
    for name in ("empty", "file"):
        status, out, err = run("new-assignment", tmp_path / name)
        assert (status, out) == (2, "")
        assert "not an empty folder" in err
    assert sorted(tmp_path.rglob("*")) == sorted([*before, tmp_path / "file"])


def test_numbers_of_a_narrow_dtype_have_no_more_digits_than_it_tells_apart() -> None:
    numbers = np.array([0.502, -3, 1 / 3], dtype=np.float32)
    text = input_text(numbers)
    assert text == "{values: [0.502, -3, 0.33333334], dtype: float32}"
    assert np.float32(0.33333334) == numbers[2]
