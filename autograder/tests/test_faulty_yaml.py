"""Faults in an assignment's files: each told with its place and what to do, all of them at once.

The faults themselves are data, in `faulty/case_files.txt` and `faulty/settings.txt`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from autograder.errors import AssignmentError, Fault
from autograder.formats.assignment import load_assignment, read_assignment
from autograder.formats.draws import draw
from autograder.judging.suite import faults_of_answers
from autograder.tests.conftest import RunInProcess

if TYPE_CHECKING:
    from autograder.model import Assignment, TestCase

GOOD = """\
cases:
  - name: One
    inputs: {A: [[1, 2]], Y: [[0, 1]]}
    points: {forward: 1}
"""


class Entry(NamedTuple):
    """A file with faults, and a line `line:column words` for each."""

    title: str
    text: str
    expected: tuple[str, ...]


def entries_of(filename: str) -> list[Entry]:
    path = Path(__file__).parent / "faulty" / filename
    _, *blocks = re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    entries = []
    for block in blocks:
        title, *lines = block.rstrip().splitlines()
        expected = tuple(line[3:] for line in lines if line.startswith("-> "))
        text = "".join(f"{line}\n" for line in lines if not line.startswith("-> "))
        entries.append(Entry(title, text, expected))
    return entries


def by_title(entry: Entry) -> str:
    return entry.title


@pytest.fixture
def folder(tmp_path: Path, repository: Path) -> Path:
    """A copy of the repository's assignment, to be spoiled."""
    for part in ("testcases", "reference"):
        shutil.copytree(
            repository / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


@pytest.fixture
def case_file(folder: Path) -> Path:
    """The only case file of the assignment's copy, still to be written."""
    for path in (folder / "testcases").glob("[0-9]*.yaml"):
        path.unlink()
    return folder / "testcases" / "10_faulty.yaml"


def told(folder: Path) -> tuple[Fault, ...]:
    """Every fault of an assignment, those of its expected figures included, as commands tell them."""
    assignment, faults = read_assignment(folder)
    if assignment is not None:
        faults = [*faults, *faults_of_answers(assignment)]
    return AssignmentError(faults).faults


def line_of(path: Path, key: str) -> int:
    """The line of a key at the top of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.startswith(f"{key}:"))


def read_cases(path: Path, text: str) -> tuple[TestCase, ...]:
    path.write_text(text, encoding="utf-8")
    return load_assignment(path.parents[1]).cases


def assert_told(faults: tuple[Fault, ...], path: Path, expected: tuple[str, ...]) -> None:
    lines = [f"{fault.place.line}:{fault.place.column} {fault.message}" for fault in faults]
    assert {fault.place.path for fault in faults} <= {path}
    shown = "\n".join(lines)
    assert len(lines) == len(expected), shown
    for line, wanted in zip(lines, expected, strict=True):
        pattern = ".*".join(map(re.escape, wanted.split(" ... ")))
        assert re.match(pattern.replace(r"\ ", " .*", 1), line), f"{wanted}\nis not in\n{shown}"


# The tables.


@pytest.mark.parametrize("entry", entries_of("case_files.txt"), ids=by_title)
def test_all_faults_of_a_case_file_are_told_in_order(case_file: Path, entry: Entry) -> None:
    case_file.write_text(entry.text, encoding="utf-8")
    assert_told(told(case_file.parents[1]), case_file, entry.expected)


@pytest.mark.parametrize("entry", entries_of("programs.txt"), ids=by_title)
def test_all_faults_of_programs_are_told_inside_their_lines(case_file: Path, entry: Entry) -> None:
    case_file.write_text(entry.text, encoding="utf-8")
    _, faults = read_assignment(case_file.parents[1])
    assert_told(AssignmentError(faults).faults, case_file, entry.expected)


@pytest.mark.parametrize("entry", entries_of("settings.txt"), ids=by_title)
def test_all_faults_of_the_settings_are_told_in_order(folder: Path, entry: Entry) -> None:
    path = folder / "testcases" / "assignment.yaml"
    path.write_text(entry.text, encoding="utf-8")
    _, faults = read_assignment(folder)
    assert_told(AssignmentError(faults).faults, path, entry.expected)


# Files that are not what they should be, before any structure.


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "1:1 expected a mapping ... nothing", id="empty"),
        pytest.param(b"# Later\n\n", "1:1 expected a mapping ... nothing", id="only comments"),
        pytest.param(b"To do", "1:1 expected a mapping ... `To do`", id="a text"),
        pytest.param(b"cases:\n  # caf\xe9\n", "2:8 UTF-8", id="Latin-1"),
        pytest.param(GOOD.encode("utf-16"), "1:1 UTF-8", id="UTF-16"),
        pytest.param(b"cases:\n\t- name: One\n", "2:1 tab", id="indented with a tab"),
        pytest.param(b"cases:\n  - name: One\n\tinputs: 1\n", "3:1 tab", id="a tab further down"),
        pytest.param(
            f"{GOOD}    tags: {'[' * 900}".encode(), "5:41 nested more than 32", id="deep"
        ),
        pytest.param(
            f"{GOOD}    tags: {'[' * 900}{']' * 900}".encode(),
            "5:41 nested more than 32",
            id="deep and closed",
        ),
        pytest.param(GOOD.encode() + b"#" * 2**24, "1:1 larger than 16 MB", id="too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_fault(
    case_file: Path, content: bytes, expected: str
) -> None:
    case_file.write_bytes(content)
    assert_told(told(case_file.parents[1]), case_file, (expected,))


def test_a_folder_with_the_name_of_a_case_file_is_a_fault(case_file: Path) -> None:
    case_file.mkdir()
    assert_told(told(case_file.parents[1]), case_file, ("1:1 cannot be read",))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"{GOOD}    tags: |\n      fast\n      slow\n", id="in a text"),
        pytest.param(f'{GOOD}    tags: "fast\\e[31m"\n', id="a terminal's escape in a text"),
        pytest.param(f'{GOOD}    "ta\\ngs": [fast]\n', id="in a key"),
        pytest.param(GOOD.replace("A:", '"A\\nB": 1, A:'), id="in the name of an input"),
        pytest.param(f"{GOOD}    tags: [\x01]\n", id="a control character in the file"),
        pytest.param(GOOD.replace("One", '"O\\nne"') * 2, id="in a name that is there twice"),
    ],
)
def test_a_message_stays_on_one_line_whatever_the_file_holds(case_file: Path, content: str) -> None:
    case_file.write_text(content.replace("}\ncases:\n", "}\n"), encoding="utf-8")
    faults = told(case_file.parents[1])
    assert faults
    assert all(fault.message.isprintable() for fault in faults), faults


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system",
        "!!python/object/new:os.system",
        "!!python/object/apply:subprocess.check_call",
        "!<tag:yaml.org,2002:python/object/apply:os.system>",
    ],
)
def test_a_tag_is_refused_and_never_executed(case_file: Path, tag: str) -> None:
    marker = case_file.parents[1] / "executed"
    case_file.write_text(f"{GOOD}    tags: {tag} ['touch {marker}']\n", encoding="utf-8")
    faults = told(case_file.parents[1])
    assert [(fault.place.line, fault.place.column) for fault in faults] == [(5, 11)]
    assert "python/object" in faults[0].message
    assert not marker.exists()


# Between files.


def test_a_name_taken_in_another_file_is_told_with_where(
    folder: Path, assignment: Assignment
) -> None:
    first = assignment.cases[0]
    path = folder / "testcases" / "99_more.yaml"
    path.write_text(GOOD.replace("One", first.name), encoding="utf-8")
    (fault,) = told(folder)
    assert str(fault.place) == f"{path}:2:11"
    assert f"{first.place.path.name}:{first.place.line}:{first.place.column}" in fault.message


def test_faults_of_several_files_are_told_together_in_order(folder: Path) -> None:
    testcases = folder / "testcases"
    for name in ("99_more.yaml", "00_first.yml"):
        (testcases / name).write_text(f"{GOOD}    hints: no\n    tags: 1\n", encoding="utf-8")
    with (testcases / "assignment.yaml").open("a", encoding="utf-8") as settings:
        settings.write("hints: no\n")
    places = [
        (fault.place.path.name, fault.place.line)
        for fault in told(folder)
        if "is taken" not in fault.message
    ]
    assert places == [
        ("00_first.yml", 5),
        ("00_first.yml", 6),
        ("99_more.yaml", 5),
        ("99_more.yaml", 6),
        ("assignment.yaml", line_of(testcases / "assignment.yaml", "hints")),
    ]


def test_an_assignment_without_case_files_is_at_fault(case_file: Path) -> None:
    (fault,) = told(case_file.parents[1])
    assert fault.place.path.name == "assignment.yaml"
    assert "no case file" in fault.message


# The reference.


def test_a_missing_reference_is_told_once(folder: Path) -> None:
    (folder / "reference" / "loss.py").unlink()
    (fault,) = told(folder)
    settings = folder / "testcases" / "assignment.yaml"
    assert (fault.place.path, fault.place.line) == (settings, line_of(settings, "submission"))
    assert str(folder / "reference" / "loss.py") in fault.message


@pytest.mark.parametrize(
    ("spoil", "line", "words"),
    [
        pytest.param(lambda _: "import numpy\nx = (\n", 2, "SyntaxError", id="syntax"),
        pytest.param(lambda _: "1 / 0\n", 1, "ZeroDivisionError", id="raises"),
        pytest.param(lambda _: "import sys\nsys.exit(0)\n", 2, "SystemExit", id="exits"),
    ],
)
def test_a_reference_that_cannot_be_used_is_a_fault(
    folder: Path, spoil: Callable[[str], str], line: int, words: str
) -> None:
    path = folder / "reference" / "loss.py"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    (fault,) = told(folder)
    assert (fault.place.path, fault.place.line) == (path, line)
    assert words in fault.message


def test_a_class_that_the_reference_does_not_have_is_told_where_it_is_used(folder: Path) -> None:
    path = folder / "reference" / "loss.py"
    content = path.read_text(encoding="utf-8").replace("class Cross", "class Kross")
    path.write_text(content, encoding="utf-8")
    (fault,) = read_assignment(folder)[1]
    settings = folder / "testcases" / "assignment.yaml"
    assert (fault.place.path, fault.place.line) == (settings, line_of(settings, "setup"))
    assert fault.place.column == len("setup: loss = ") + 1
    assert "`CrossEntropyLoss`" in fault.message
    assert "did you mean `KrossEntropyLoss`?" in fault.message


# What is not a fault.


@pytest.mark.parametrize(
    "text", ["1e-5", "1E-5", "1.e-5", "+1.0e-5", ".00001", "0.00001", "0.1e-4"]
)
def test_a_number_may_be_written_as_in_python(case_file: Path, text: str) -> None:
    (case,) = read_cases(
        case_file, f"{GOOD}    tolerance: {{rtol: {text}}}\n".replace("[1,", f"[{text},")
    )
    assert case.tolerance.rtol == 1e-5
    assert draw(case.inputs)[0].inputs["A"].tolist() == [[1e-5, 2.0]]


@pytest.mark.parametrize("word", ["NO", "y", "1:30", "2024-01-01", "0x10", "1_000", "=", "on"])
def test_a_plain_word_stays_a_word(case_file: Path, word: str) -> None:
    (case,) = read_cases(case_file, GOOD.replace("One", word) + f"    tags: [{word}]\n")
    assert (case.name, case.tags) == (word, (word,))


@pytest.mark.parametrize("number", ["10.2", "10.10", "3", "007", "4a", '"5.50"'])
def test_a_number_of_a_case_is_the_text_in_the_file(case_file: Path, number: str) -> None:
    (case,) = read_cases(case_file, f"{GOOD}    number: {number}\n")
    assert case.number == number.strip('"')


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="a byte order mark"),
        pytest.param(GOOD.replace("\n", "\r\n").encode(), id="line ends of Windows"),
        pytest.param(f"---\n{GOOD}...\n".encode(), id="explicit start and end"),
        pytest.param(GOOD.replace("One", '"One"').encode(), id="quotes"),
        pytest.param(GOOD.rstrip().encode(), id="no newline at the end"),
    ],
)
def test_what_editors_leave_in_a_file_is_no_fault(case_file: Path, content: bytes) -> None:
    case_file.write_bytes(content)
    (case,) = load_assignment(case_file.parents[1]).cases
    assert (case.name, case.number, case.points) == ("One", "10.1", {"forward": 1.0})
    assert np.array_equal(draw(case.inputs)[0].inputs["A"], [[1.0, 2.0]])


def test_a_byte_order_mark_shifts_no_column(case_file: Path) -> None:
    case_file.write_bytes(b"\xef\xbb\xbf" + f"visible: 1\n{GOOD}".encode())
    assert_told(told(case_file.parents[1]), case_file, ("1:1 unknown key `visible`",))


def test_columns_count_characters_not_bytes(case_file: Path) -> None:
    text = GOOD.replace("A: [[1, 2]]", "Ä: 1, A: [[1, x]]")
    case_file.write_text(text, encoding="utf-8")
    places = [(fault.place.line, fault.place.column) for fault in told(case_file.parents[1])]
    assert (3, text.splitlines()[2].index("x") + 1) in places


# Through the command.


def command_lines(run_in_process: RunInProcess, folder: Path) -> list[str]:
    """The lines on stderr of a command that must refuse the assignment, and say nothing else."""
    done = run_in_process("grade", "reference/loss.py", "--assignment", folder)
    assert (done.status, done.out) == (2, "")
    assert "Traceback" not in done.err
    lines = done.err.splitlines()
    assert lines
    for line in lines:
        assert re.match(rf"{re.escape(str(folder))}[\w/\\.]+:\d+:\d+: [\w`]", line)
    return lines


def test_the_command_tells_every_fault_in_order(
    run_in_process: RunInProcess, case_file: Path
) -> None:
    entry = entries_of("case_files.txt")[-1]
    case_file.write_text(entry.text, encoding="utf-8")
    lines = command_lines(run_in_process, case_file.parents[1])
    places = [line.removeprefix(f"{case_file}:").split(": ")[0] for line in lines]
    assert places == [line.split(" ")[0] for line in entry.expected]
    assert len(places) == 8


def test_the_command_refuses_figures_that_the_reference_misses(
    run_in_process: RunInProcess, case_file: Path
) -> None:
    case_file.write_text(f"{GOOD}    expect: {{forward: 0.3133}}\n", encoding="utf-8")
    (line,) = command_lines(run_in_process, case_file.parents[1])
    assert line.startswith(f"{case_file}:5:23: ")
    assert "0.3132616875" in line
    assert "0.3133" in line


def test_the_command_refuses_a_tag_and_runs_nothing(
    run_in_process: RunInProcess, case_file: Path
) -> None:
    marker = case_file.parents[1] / "executed"
    tag = "!!python/object/apply:os.system"
    case_file.write_text(f"{GOOD}    tags: {tag} ['touch {marker}']\n", encoding="utf-8")
    (line,) = command_lines(run_in_process, case_file.parents[1])
    assert line.startswith(f"{case_file}:5:11: ")
    assert not marker.exists()


@pytest.mark.parametrize(
    ("content", "place"),
    [
        pytest.param(b"cases:\n  # caf\xe9\n", "2:8", id="not UTF-8"),
        pytest.param(b"cases: [\n", "2:1", id="not YAML"),
        pytest.param(b"", "1:1", id="empty"),
        pytest.param(f"{GOOD}    tags: {'[' * 100_000}".encode(), "5", id="deep"),
        pytest.param(f"{GOOD}    tags: |\n      a\n      b\n".encode(), "5:11", id="two lines"),
    ],
)
def test_the_command_survives_any_content(
    run_in_process: RunInProcess, case_file: Path, content: bytes, place: str
) -> None:
    case_file.write_bytes(content)
    (line,) = command_lines(run_in_process, case_file.parents[1])
    assert line.startswith(f"{case_file}:{place}:")


def test_the_command_tells_faults_of_settings(run_in_process: RunInProcess, folder: Path) -> None:
    path = folder / "testcases" / "assignment.yaml"
    with path.open("a", encoding="utf-8") as settings:
        settings.write("timeout: 5\n")
    (line,) = command_lines(run_in_process, folder)
    assert line.startswith(f"{path}:{line_of(path, 'timeout')}:1: ")
    assert "`timeout`" in line
    assert "`limits`" in line


def test_a_folder_without_settings_is_told_in_one_line(
    run_in_process: RunInProcess, tmp_path: Path
) -> None:
    (line,) = command_lines(run_in_process, tmp_path)
    assert line.startswith(f"{tmp_path / 'testcases' / 'assignment.yaml'}:1:1: cannot be read")
