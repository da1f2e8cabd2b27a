"""Submissions as students hand them in: what is taken from them, and what is said where it cannot be."""

from __future__ import annotations

import io
import os
import random
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.formats.submission import SubmissionError, read_submission
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report
from autograder.pipeline import grade
from autograder.sandbox import Sandbox

GradePath = Callable[[Path], Report]

CODE = b"class CrossEntropyLoss: pass\n"
OTHER = b"x = 1\n"

needs_links = pytest.mark.skipif(not hasattr(os, "symlink"), reason="there are no links here")
needs_fifos = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")


@pytest.fixture(scope="session")
def solution(repository: Path) -> str:
    """The text of a correct solution."""
    return (repository / "reference" / "loss.py").read_text(encoding="utf-8")


@pytest.fixture
def grade_path(suite: Suite, warm_sandbox: Sandbox) -> GradePath:
    """Grades what stands at a path."""
    return lambda path: grade(path, suite, warm_sandbox)


def write_tree(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def write_zip(
    path: Path, files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)  # as it is: writestr would mend an unsafe name
            info.compress_type = compression
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)
    return path


def taken(path: Path) -> tuple[str, dict[str, bytes]]:
    """The path of the file that is graded, and all sources."""
    submission = read_submission(path, ("loss.py",))
    assert (submission.files, submission.missing) == ({"loss.py": submission.main}, {})
    return submission.main, submission.sources


def refusal(path: Path, *wanted: str) -> str:
    with pytest.raises(SubmissionError) as error:
        read_submission(path, wanted or ("loss.py",))
    text = str(error.value)
    assert text.isprintable()
    return text


# A single file.


def test_a_file_is_taken(tmp_path: Path) -> None:
    path = write_tree(tmp_path, {"loss.py": CODE}) / "loss.py"
    assert taken(path) == ("loss.py", {"loss.py": CODE})


@pytest.mark.parametrize(
    "name", ["my_loss.py", "loss (1).py", "loss.v2.py", "LOSS.PY", "verlust-größe.py", "loss.txt"]
)
def test_a_file_is_taken_and_graded_under_any_name(
    tmp_path: Path, grade_path: GradePath, solution: str, name: str
) -> None:
    path = write_tree(tmp_path, {name: solution.encode()}) / name
    submission = read_submission(path, ("loss.py",))
    assert (submission.main, submission.sources) == (name, {name: solution.encode()})
    assert_full_marks(grade_path(path))


def test_a_relative_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, {"work/loss.py": CODE, "work/activation.py": OTHER})
    monkeypatch.chdir(tmp_path / "work")
    submission = read_submission(Path("loss.py"), ("loss.py",))
    assert submission.sources == {"loss.py": CODE, "activation.py": OTHER}


def test_bytes_are_taken_as_they_are(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf# caf\xe9\r\nx = 1\x00"
    path = write_tree(tmp_path, {"loss.py": content}) / "loss.py"
    assert read_submission(path, ("loss.py",)).sources["loss.py"] == content


def test_an_empty_file_is_taken_and_its_missing_class_is_told(
    tmp_path: Path, grade_path: GradePath
) -> None:
    report = grade_path(write_tree(tmp_path, {"loss.py": b""}) / "loss.py")
    assert report.points == 0
    assert "CrossEntropyLoss" in report.notice


def test_siblings_of_a_file_are_found(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {"loss.py": CODE, "activation.py": OTHER, "notes.txt": b"-", "below/deep.py": OTHER},
    )
    assert taken(tmp_path / "loss.py") == ("loss.py", {"loss.py": CODE, "activation.py": OTHER})


def test_a_sibling_that_cannot_be_read_costs_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, {"loss.py": CODE, "data.py": b"#" * 2_000_000, "a.py/b.txt": b""})
    assert read_submission(tmp_path / "loss.py", ("loss.py",)).sources == {"loss.py": CODE}


def test_siblings_in_a_crowded_folder_are_left_alone(tmp_path: Path) -> None:
    write_tree(tmp_path, {"loss.py": CODE, **{f"other_{n}.py": OTHER for n in range(600)}})
    assert read_submission(tmp_path / "loss.py", ("loss.py",)).sources == {"loss.py": CODE}


@pytest.mark.parametrize("name", ["loss.py", "loss.zip", "folder"])
def test_nothing_at_the_path_is_told_to_whoever_ran_the_command(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=name):
        read_submission(tmp_path / name, ("loss.py",))


def test_two_megabytes_are_too_large(tmp_path: Path) -> None:
    write_tree(tmp_path, {"loss.py": b"#" * 2_000_000})
    for path in (tmp_path / "loss.py", tmp_path):
        text = refusal(path)
        assert "loss.py" in text
        assert "1 MB" in text


def test_a_megabyte_is_not_too_large(tmp_path: Path) -> None:
    write_tree(tmp_path, {"loss.py": b"#" * 1_000_000})
    assert len(read_submission(tmp_path, ("loss.py",)).sources["loss.py"]) == 1_000_000


# Not a plain file.


@needs_links
@pytest.mark.parametrize("submitted", ["submitted/loss.py", "submitted"])
def test_a_link_is_refused_and_not_followed(tmp_path: Path, submitted: str) -> None:
    write_tree(tmp_path, {"secret/loss.py": CODE, "submitted/notes.txt": b""})
    (tmp_path / "submitted" / "loss.py").symlink_to(tmp_path / "secret" / "loss.py")
    text = refusal(tmp_path / submitted)
    assert "loss.py is a link" in text
    assert "secret" not in text


@needs_links
def test_links_below_a_folder_are_not_followed(tmp_path: Path) -> None:
    write_tree(tmp_path, {"secret/key.py": OTHER, "submitted/loss.py": CODE})
    (tmp_path / "submitted" / "folder").symlink_to(tmp_path / "secret")
    (tmp_path / "submitted" / "key.py").symlink_to(tmp_path / "secret" / "key.py")
    (tmp_path / "submitted" / "up").symlink_to(tmp_path)
    assert taken(tmp_path / "submitted") == ("loss.py", {"loss.py": CODE})
    single = read_submission(tmp_path / "submitted" / "loss.py", ("loss.py",))
    assert single.sources == {"loss.py": CODE}


@needs_links
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loss.py").symlink_to(tmp_path / "gone.py")
    assert "loss.py is a link" in refusal(tmp_path)
    with pytest.raises(UsageError, match=r"loss\.py"):
        read_submission(tmp_path / "loss.py", ("loss.py",))


def test_a_folder_called_like_the_file_is_refused(tmp_path: Path) -> None:
    write_tree(tmp_path, {"loss.py/notes.txt": b"", "other.py": OTHER})
    assert "loss.py is a folder" in refusal(tmp_path)


@needs_fifos
@pytest.mark.parametrize("submitted", ["loss.py", "."])
def test_a_fifo_is_refused_and_nothing_hangs(tmp_path: Path, submitted: str) -> None:
    os.mkfifo(tmp_path / "loss.py")
    assert "loss.py is a special file" in refusal(tmp_path / submitted)


@needs_fifos
def test_a_fifo_beside_the_file_costs_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, {"loss.py": CODE})
    os.mkfifo(tmp_path / "other.py")
    for path in (tmp_path, tmp_path / "loss.py"):
        assert read_submission(path, ("loss.py",)).sources == {"loss.py": CODE}


def test_what_cannot_be_read_is_told_in_every_check(tmp_path: Path, grade_path: GradePath) -> None:
    write_tree(tmp_path, {"lose.py": CODE})
    report = grade_path(tmp_path)
    assert (report.points, report.max_points) == (0, 100)
    assert "lose.py" in report.notice
    assert {verdict.text for verdict in report.verdicts} == {report.notice}


# Folders.


def test_a_folder_is_taken_with_all_its_python_files(tmp_path: Path) -> None:
    files = {"loss.py": CODE, "activation.py": OTHER, "below/deep.py": OTHER}
    write_tree(tmp_path, {**files, "notes.txt": b"", "data.npy": b"\x93NUMPY"})
    assert taken(tmp_path) == ("loss.py", files)


def test_the_file_at_the_root_goes_before_those_below(tmp_path: Path) -> None:
    files = {"loss.py": CODE, "old/loss.py": OTHER}
    assert taken(write_tree(tmp_path, files)) == ("loss.py", files)


@pytest.mark.parametrize("place", ["hw1/loss.py", "a/b/c/loss.py", "hw1.p1 (late)/loss.py"])
def test_the_only_file_of_that_name_is_found_below(
    tmp_path: Path, grade_path: GradePath, solution: str, place: str
) -> None:
    write_tree(tmp_path, {place: solution.encode(), "readme.txt": b""})
    assert read_submission(tmp_path, ("loss.py",)).main == place
    assert_full_marks(grade_path(tmp_path))


def test_two_files_of_that_name_are_named(tmp_path: Path) -> None:
    text = refusal(write_tree(tmp_path, {"old/loss.py": CODE, "new/loss.py": CODE}))
    assert "2 files called loss.py (new/loss.py, old/loss.py)" in text


@pytest.mark.parametrize("name", ["Loss.py", "loss.ipynb", "loss.py.txt", "losses.py"])
def test_where_the_file_is_missing_what_is_there_is_named(tmp_path: Path, name: str) -> None:
    text = refusal(write_tree(tmp_path, {name: CODE}))
    assert "no loss.py" in text
    assert f"it holds {name}" in text


def test_of_many_files_a_few_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    text = refusal(write_tree(tmp_path, {f"{n}.txt": b"" for n in range(12)}))
    assert "0.txt" in text
    assert "and 7 more" in text


def test_names_that_could_mislead_a_terminal_are_escaped(tmp_path: Path) -> None:
    text = refusal(write_tree(tmp_path, {"\x1b[31m\u202e\n.txt": b""}))
    assert r"\x1b[31m\u202e" in text


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert "empty" in refusal(tmp_path)


@pytest.mark.parametrize(
    "folder", ["__pycache__", ".git", ".ipynb_checkpoints", "__MACOSX", ".venv", "below/.hidden"]
)
def test_generated_and_hidden_folders_are_ignored(tmp_path: Path, folder: str) -> None:
    ignored = {f"{folder}/loss.py": OTHER, f"{folder}/more.py": OTHER, "._loss.py": OTHER}
    write_tree(tmp_path / "alone", ignored)
    assert "loss.py" not in refusal(tmp_path / "alone").split("Hand in")[0]
    write_tree(tmp_path / "beside", {**ignored, "hw1/loss.py": CODE})
    assert read_submission(tmp_path / "beside", ("loss.py",)).sources == {"hw1/loss.py": CODE}


def test_too_many_files_are_told_with_the_most_that_are_allowed(tmp_path: Path) -> None:
    text = refusal(
        write_tree(tmp_path, {"loss.py": CODE, **{f"{n}.py": OTHER for n in range(500)}})
    )
    assert "501" in text
    assert "500" in text


def test_too_much_code_is_told(tmp_path: Path) -> None:
    files = {f"{n}.py": b"#" * 900_000 for n in range(9)}
    assert "8 MB" in refusal(write_tree(tmp_path, {"loss.py": CODE, **files}))


# Zips.


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_is_taken(tmp_path: Path, compression: int) -> None:
    files = {"loss.py": CODE, "activation.py": OTHER}
    path = write_zip(tmp_path / "work.zip", {**files, "notes.txt": b""}, compression)
    assert taken(path) == ("loss.py", files)


def test_a_zip_with_a_folder_is_taken(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "HW1.ZIP", {"hw1/": b"", "hw1/loss.py": CODE, "hw1/a.py": OTHER})
    assert taken(path) == ("hw1/loss.py", {"hw1/loss.py": CODE, "hw1/a.py": OTHER})


def test_what_macos_adds_to_a_zip_is_ignored(tmp_path: Path) -> None:
    files = {
        "hw1/loss.py": CODE,
        "__MACOSX/hw1/._loss.py": b"\x00\x05\x16\x07",
        "__MACOSX/hw1/loss.py": OTHER,
        "hw1/.DS_Store": b"\x00",
        "hw1/__pycache__/loss.py": OTHER,
    }
    assert taken(write_zip(tmp_path / "work.zip", files)) == ("hw1/loss.py", {"hw1/loss.py": CODE})


@pytest.mark.parametrize(
    "name",
    [
        "../loss.py",
        "a/../../loss.py",
        "/loss.py",
        "//loss.py",
        "/tmp/loss.py",
        "C:/loss.py",
        "..\\loss.py",
        "\\loss.py",
        "C:\\hw\\loss.py",
    ],
)
def test_names_that_lead_out_of_a_zip_are_not_taken_and_told(tmp_path: Path, name: str) -> None:
    alone = write_zip(tmp_path / "alone.zip", {name: OTHER})
    text = refusal(alone)
    assert f"{name} (leads out".replace("\\", "/") in text
    assert "Hand in your loss.py itself" in text
    beside = write_zip(tmp_path / "beside.zip", {name: OTHER, "hw1/loss.py": CODE})
    assert read_submission(beside, ("loss.py",)).sources == {"hw1/loss.py": CODE}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone.zip", "beside.zip"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("loss.py")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("other.py", OTHER)
    assert "loss.py is not a plain file" in refusal(path)


def test_a_link_beside_the_file_in_a_zip_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("loss.py", CODE)
        link = zipfile.ZipInfo("key.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert read_submission(path, ("loss.py",)).sources == {"loss.py": CODE}


def test_a_zip_with_a_password_is_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "work.zip", {"loss.py": CODE})
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag in the entry's own header
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    path.write_bytes(content)
    assert "password" in refusal(path)


@pytest.mark.parametrize("name", ["stored", "deflated"])
def test_damaged_bytes_in_a_zip_are_told(tmp_path: Path, name: str) -> None:
    compression = getattr(zipfile, f"ZIP_{name.upper()}")
    path = write_zip(
        tmp_path / "work.zip", {"loss.py": random.Random(1).randbytes(500)}, compression
    )
    content = bytearray(path.read_bytes())
    content[100:400] = bytes(300)
    path.write_bytes(content)
    assert "loss.py is damaged" in refusal(path)


@pytest.mark.parametrize("name", ["stored", "deflated"])
def test_a_damaged_file_beside_the_wanted_one_costs_nothing(tmp_path: Path, name: str) -> None:
    compression = getattr(zipfile, f"ZIP_{name.upper()}")
    files = {"other.py": random.Random(1).randbytes(500), "loss.py": CODE}
    path = write_zip(tmp_path / "work.zip", files, compression)
    content = bytearray(path.read_bytes())
    content[100:400] = bytes(300)
    path.write_bytes(content)
    assert taken(path) == ("loss.py", {"loss.py": CODE})


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(CODE, id="a Python file"),
        pytest.param(b"PK\x03\x04" + bytes(100), id="a beginning"),
        pytest.param(b"PK\x05\x06" + b"\xff" * 18, id="an end"),
    ],
)
def test_what_is_no_zip_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "work.zip"
    path.write_bytes(content)
    assert "zip cannot be read" in refusal(path)


def test_a_zip_that_ends_too_soon_is_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "work.zip", {"loss.py": CODE, "other.py": OTHER})
    path.write_bytes(path.read_bytes()[:-30])
    assert "zip cannot be read" in refusal(path)


def test_a_zip_bomb_is_too_large(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "work.zip", {"loss.py": b"#" * 50_000_000})
    assert path.stat().st_size < 100_000
    assert "larger than 1 MB" in refusal(path)


def test_a_size_that_a_zip_lies_about_does_not_help(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "work.zip", {"loss.py": b"#" * 2_000_000})
    size = (2_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    assert refusal(path)


def test_an_empty_zip_is_told(tmp_path: Path) -> None:
    assert "empty" in refusal(write_zip(tmp_path / "work.zip", {}))
    assert "empty" in refusal(write_zip(tmp_path / "folders.zip", {"hw1/": b""}))


def test_two_files_of_that_name_in_a_zip_are_named(tmp_path: Path) -> None:
    text = refusal(write_zip(tmp_path / "work.zip", {"a/loss.py": CODE, "b/loss.py": CODE}))
    assert "2 files called loss.py (a/loss.py, b/loss.py)" in text


def test_a_zip_in_a_zip_is_not_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("loss.py", CODE)
    text = refusal(write_zip(tmp_path / "work.zip", {"hw1.zip": inner.getvalue()}))
    assert "it holds hw1.zip" in text
    assert "hw1.zip is a zip. Unpack it" in text


# Imports from what is handed in along.

ACTIVATION = """
import numpy as np


def log_softmax(A):
    A = np.asarray(A, dtype=np.float64)
    A = A - A.max(axis=1, keepdims=True)
    return A - np.log(np.exp(A).sum(axis=1, keepdims=True))
"""
IMPORTING = """
import numpy as np
{statement}


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.Y = np.array(Y, dtype=np.float64)
        self.log_P = log_softmax(A)
        return -(self.Y * self.log_P).sum() / len(self.Y)

    def backward(self):
        return (np.exp(self.log_P) - self.Y) / len(self.Y)
"""
RELATIVE = "from .activation import log_softmax"
PLAIN = "from activation import log_softmax"
BY_PACKAGE = "from mytorch.nn.activation import log_softmax"
STATEMENTS = pytest.mark.parametrize("statement", [RELATIVE, PLAIN, BY_PACKAGE])


def package(statement: str, *, marked: bool = True) -> dict[str, bytes]:
    """A package tree in which loss.py imports what stands beside it; perhaps with __init__.py."""
    files = {
        "mytorch/nn/loss.py": IMPORTING.format(statement=statement).encode(),
        "mytorch/nn/activation.py": ACTIVATION.encode(),
    }
    return {**files, "mytorch/__init__.py": b"", "mytorch/nn/__init__.py": b""} if marked else files


def assert_full_marks(report: Report) -> None:
    assert report.notice == ""
    assert [verdict.text for verdict in report.verdicts if not verdict.passed] == []
    assert (report.points, report.max_points) == (100, 100)


@STATEMENTS
@pytest.mark.parametrize("marked", [True, False], ids=["with __init__.py", "without"])
@pytest.mark.parametrize("form", ["folder", "zip one folder down", "file"])
def test_a_package_is_graded_however_it_is_handed_in_and_imports(
    tmp_path: Path, grade_path: GradePath, statement: str, form: str, marked: bool
) -> None:
    files = package(statement, marked=marked)
    if form == "zip one folder down":
        below = {f"hw1p1-smith/{name}": files[name] for name in files}
        path = write_zip(tmp_path / "work.zip", below)
    else:
        path = write_tree(tmp_path / "work", files)
    assert_full_marks(grade_path(path / "mytorch" / "nn" / "loss.py" if form == "file" else path))


@pytest.mark.parametrize("statement", [RELATIVE, PLAIN])
@pytest.mark.parametrize("form", ["folder", "zip", "file"])
def test_a_module_beside_the_file_is_found(
    tmp_path: Path, grade_path: GradePath, statement: str, form: str
) -> None:
    files = {
        "loss.py": IMPORTING.format(statement=statement).encode(),
        "activation.py": ACTIVATION.encode(),
    }
    if form == "zip":
        path = write_zip(tmp_path / "work.zip", files)
    else:
        path = write_tree(tmp_path / "work", files)
    assert_full_marks(grade_path(path / "loss.py" if form == "file" else path))


@pytest.mark.parametrize(
    "statement",
    [
        "from ..functional.activation import log_softmax",
        "from mytorch.functional.activation import log_softmax",
        "from functional.activation import log_softmax",
        "from mytorch.functional import log_softmax",
    ],
)
def test_modules_elsewhere_in_the_package_are_found(
    tmp_path: Path, grade_path: GradePath, statement: str
) -> None:
    files = {
        "mytorch/__init__.py": b"",
        "mytorch/nn/__init__.py": b"from .loss import CrossEntropyLoss\n",
        "mytorch/nn/loss.py": IMPORTING.format(statement=statement).encode(),
        "mytorch/functional/__init__.py": b"from .activation import log_softmax\n",
        "mytorch/functional/activation.py": ACTIVATION.encode(),
    }
    write_tree(tmp_path, files)
    assert_full_marks(grade_path(tmp_path))
    assert_full_marks(grade_path(tmp_path / "mytorch" / "nn" / "loss.py"))
    assert_full_marks(grade_path(write_zip(tmp_path.with_suffix(".zip"), files)))


def test_a_single_file_takes_its_package_but_not_what_is_around_it(tmp_path: Path) -> None:
    files = package(BY_PACKAGE)
    write_tree(tmp_path, {**files, "other.py": OTHER, "elsewhere/more.py": OTHER})
    assert taken(tmp_path / "mytorch" / "nn" / "loss.py") == ("mytorch/nn/loss.py", files)


def test_a_missing_module_is_named_and_costs_all_points(
    tmp_path: Path, grade_path: GradePath
) -> None:
    source = IMPORTING.format(statement=PLAIN)
    report = grade_path(write_tree(tmp_path, {"loss.py": source.encode()}) / "loss.py")
    assert report.points == 0
    assert "activation" in report.notice


def test_files_that_would_shadow_a_library_are_inert(
    tmp_path: Path, grade_path: GradePath, solution: str
) -> None:
    names = ("numpy.py", "json.py", "conftest.py", "sitecustomize.py", "random.py", "os.py")
    write_tree(tmp_path, dict.fromkeys(names, b"raise SystemExit(3)\n"))
    write_tree(tmp_path, {"loss.py": solution.encode()})
    assert_full_marks(grade_path(tmp_path))
    assert_full_marks(grade_path(tmp_path / "loss.py"))


def test_a_library_that_the_solution_imports_is_never_a_file_beside_it(
    tmp_path: Path, grade_path: GradePath, solution: str
) -> None:
    source = f"import colorsys\n\ncolorsys.rgb_to_hsv\n{solution}"  # which nothing else imports
    write_tree(tmp_path, {"loss.py": source.encode(), "colorsys.py": b"raise SystemExit(3)\n"})
    assert_full_marks(grade_path(tmp_path))
    assert_full_marks(grade_path(tmp_path / "loss.py"))
