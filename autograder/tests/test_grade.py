"""Whole submissions through the pipeline: their points, their texts, and what is left of them."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.formats.draws import draw
from autograder.judging.verdicts import Report
from autograder.model import Assignment
from autograder.sandbox import Sandbox, warm
from autograder.tests.conftest import GradeSource, verdict_of
from autograder.tests.solutions import (
    BOTH_UNCHANGED,
    ENDLESS,
    EXAMPLE,
    EXTREME,
    EXTREME_ROWS,
    FORMULAS,
    IN_EXAMPLE,
    IN_LARGE,
    LARGE,
    ONE_HOT,
    SHARED,
    UNCHANGED,
    solution,
)


def each(**cases: Any) -> pytest.MarkDecorator:
    """Parametrises `source`, or `source` and `word`, by name."""
    rows = [value if isinstance(value, tuple) else (value,) for value in cases.values()]
    names = ("source", "word")[: len(rows[0])]
    return pytest.mark.parametrize(names, rows, ids=[name.replace("_", " ") for name in cases])


# What holds for every submission.


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After every test: no process of a submission lives on, and no folder of its is left."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = children_of(os.getpid())
    yield
    assert list(temporary.iterdir()) == []
    until = time.monotonic() + 60  # a killed process may take a moment to disappear
    while (left := processes_in(temporary)) and time.monotonic() < until:
        time.sleep(0.01)
    assert left == []
    assert children_of(os.getpid()) == before
    for child in before & warm._LIVING:  # and not the corpus, which runs beside the tests
        assert children_of(child) == set()


def children_of(parent: int) -> set[int]:
    """The child processes of a process, on systems where /proc tells."""
    children = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            children.add(int(stat.parent.name))
    return children


def processes_in(folder: Path) -> list[str]:
    """The processes whose current folder is below a folder, or was before it was removed."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            where = os.readlink(link)
        except OSError:
            continue
        if where.startswith(f"{folder}/"):
            found.append(f"{link.parent.name} in {where}")
    return found


@pytest.fixture
def graded(grade_source: GradeSource, assignment: Assignment, repository: Path) -> GradeSource:
    """Grades source text, and makes sure of what every report must be."""

    def grade_and_check(source: str, **settings: object) -> Report:
        report = grade_source(source, **settings)
        assert_well_formed(report, assignment, repository)
        return report

    return grade_and_check


def assert_well_formed(report: Report, assignment: Assignment, repository: Path) -> None:
    expected = [(case.name, check) for case in assignment.cases for check in case.points]
    assert [(v.case, v.check) for v in report.verdicts] == expected
    assert report.points == math.fsum(v.points for v in report.verdicts)
    assert report.max_points == 100
    for verdict in report.verdicts:
        assert verdict.points == (verdict.max_points if verdict.passed else 0)
        assert_fit_to_read(verdict.text, repository)
    assert len(report.notice) <= 4000
    assert "Traceback" not in report.notice


def assert_fit_to_read(text: str, repository: Path) -> None:
    assert text.strip()
    assert len(text) <= 4000
    for unwanted in ("Traceback", str(repository), "autograder/", "site-packages", "\x1b", "\0"):
        assert unwanted not in text


def lost(report: Report) -> set[str]:
    """The names of the checks that earned nothing."""
    return {verdict.name for verdict in report.verdicts if not verdict.passed}


def checks(assignment: Assignment, check: str) -> set[str]:
    """The names of all checks on one call."""
    return {f"{case.name}: {check}" for case in assignment.cases if check in case.points}


def text_of(report: Report, case: str, check: str) -> str:
    return verdict_of(report, case, check).text


# Right solutions.


def test_the_reference_earns_every_point(
    graded: GradeSource, sandbox: Sandbox, repository: Path
) -> None:
    source = (repository / "reference" / "loss.py").read_text(encoding="utf-8")
    report = graded(source, sandbox=sandbox)
    assert report.points == 100
    assert report.notice == ""
    assert all(verdict.text.startswith("Correct") for verdict in report.verdicts)


def test_the_formulas_with_the_maximum_subtracted_lose_the_extreme_rows_only(
    graded: GradeSource,
) -> None:
    report = graded(FORMULAS)
    assert report.points >= 85
    assert lost(report) == {f"{EXTREME}: forward"}
    text = text_of(report, EXTREME, "forward")
    assert "NaN" in text
    assert "numpy warned: " in text
    assert "divide by zero encountered in log (line 9)" in text


@each(
    as_it_is=solution(),
    shape_1_1=solution("np.array([[loss]])"),
    shape_1=solution("np.array([loss])"),
    zero_dimensional=solution("np.array(loss)"),
    Python_float=solution("float(loss)"),
    float32=solution("np.float32(loss)", "gradient.astype(np.float32)"),
    not_contiguous=solution(gradient="np.asfortranarray(gradient)[::-1][::-1]"),
    exit_under_a_condition=solution(top="import sys\nif len(sys.argv) > 1:\n    sys.exit()"),
    base_class=solution(bottom="class CrossEntropyLoss(CrossEntropyLoss):\n    pass"),
    other_names=solution().replace("A", "logits").replace("Y", "labels"),
)
def test_every_form_of_a_right_solution_earns_every_point(graded: GradeSource, source: str) -> None:
    assert lost(graded(source)) == set()


@each(
    epsilon_in_the_logarithm=FORMULAS.replace("np.log(self.P)", "np.log(self.P + 1e-8)"),
    numpy_errors_raised=solution(top="import numpy as np\nnp.seterr(all='raise')"),
)
def test_care_of_another_kind_costs_the_extreme_rows_at_most(
    graded: GradeSource, source: str
) -> None:
    assert lost(graded(source)) <= EXTREME_ROWS


def test_an_array_of_one_number_is_accepted_with_a_word_of_advice(graded: GradeSource) -> None:
    text = text_of(graded(solution("np.array([[loss]])")), EXAMPLE, "forward")
    assert "(1, 1)" in text
    assert ".item()" in text


def test_debug_prints_cost_nothing_and_are_shown(graded: GradeSource, sandbox: Sandbox) -> None:
    forward = "import sys; print('loss of', A.shape); print('seen', file=sys.stderr)"
    report = graded(solution(forward=forward), sandbox=sandbox)
    assert report.points == 100
    text = text_of(report, EXAMPLE, "forward")
    assert "Your code printed" in text
    assert "loss of (2, 3)" in text
    assert "seen" in text
    assert "printed" not in text_of(report, EXAMPLE, "backward")


WARNS = """
import os, warnings
import numpy as np

warnings.warn("old", DeprecationWarning)
np.float64(1e308) * 10
open(os.devnull)
"""


def test_a_warning_costs_nothing_whatever_the_grader_does_with_its_own(
    graded: GradeSource, sandbox: Sandbox
) -> None:
    source = solution(top=WARNS, forward="np.zeros(2) / 0")
    assert lost(graded(source, sandbox=sandbox)) == set()


UNTOUCHED = """
import sys
import numpy as np

def deep(levels):
    return levels and deep(levels - 1)

deep(950)
assert sys.gettrace() is None and sys.getprofile() is None
np.zeros(2) / 0
"""


def test_what_the_grader_has_set_in_its_interpreter_does_not_reach_the_code(
    graded: GradeSource,
) -> None:
    def nested(levels: int) -> Report:
        if levels:
            return nested(levels - 1)
        sys.setprofile(lambda *_: None)
        try:
            with Sandbox() as sandbox:
                return graded(solution(top=UNTOUCHED), sandbox=sandbox)
        finally:
            sys.setprofile(None)

    with np.errstate(all="raise"):
        assert lost(nested(300)) == set()


def test_long_prints_are_cut_with_a_notice(graded: GradeSource) -> None:
    report = graded(solution(forward="print('first\\n' + 'many words ' * 500)"))
    assert report.points == 100
    text = text_of(report, EXAMPLE, "forward")
    assert "first" in text
    assert "cut here" in text
    assert len(text) < 1500


# Wrong solutions.


def test_the_starter_scores_nothing_and_is_told_what_is_missing(
    graded: GradeSource, repository: Path
) -> None:
    report = graded((repository / "handout" / "loss.py").read_text(encoding="utf-8"))
    assert report.points == 0
    for verdict in report.verdicts:
        if verdict.check != "inputs_unchanged":
            assert f".{verdict.check}(" in verdict.text
            assert "is not implemented yet" in verdict.text
            assert "raise NotImplementedError" in verdict.text
    assert "Not reached" in text_of(report, UNCHANGED, "inputs_unchanged")


def test_a_missing_division_by_the_batch_size_costs_the_gradients_of_more_than_one_sample(
    graded: GradeSource, assignment: Assignment
) -> None:
    report = graded(solution(gradient="self.P - self.Y"))
    several = {
        case.name
        for case in assignment.cases
        if any(len(batch.inputs["A"]) > 1 for batch in draw(case.inputs))
    }
    assert len(several) < len(assignment.cases)
    assert lost(report) == {f"{name}: backward" for name in several} & checks(
        assignment, "backward"
    )
    text = text_of(report, EXAMPLE, "backward")
    assert "backward is wrong" in text
    assert re.search(r"0\.33 .* 0\.659", text)  # expected, and twice as much


def test_an_exception_is_shown_with_the_students_own_line(
    graded: GradeSource, assignment: Assignment
) -> None:
    report = graded(solution(forward="B = A.reshape(7, 7, 7) # mine"))
    assert report.points == 0
    text = text_of(report, EXAMPLE, "forward")
    assert "`loss.forward(A, Y)` raised ValueError: cannot reshape array of size 6" in text
    assert "loss.py, line 6, in forward" in text
    assert "B = A.reshape(7, 7, 7) # mine" in text
    assert "A = np.array([[2.0, 1.0, 0.1]" in text
    for name in checks(assignment, "backward"):
        verdict = next(v for v in report.verdicts if v.name == name)
        assert verdict.text.startswith("Not reached")
        assert "forward" in verdict.text


def test_a_wrong_forward_keeps_the_points_of_a_right_backward(
    graded: GradeSource, assignment: Assignment
) -> None:
    report = graded(solution("-loss"))
    assert lost(report) == checks(assignment, "forward")
    assert "expected 2.019, got -2.018" in text_of(report, EXAMPLE, "forward")


@each(
    returns_None="return None",
    returns_NotImplemented="return NotImplemented",
    raises_NotImplementedError_with_a_message="raise NotImplementedError('TODO: A')",
    raises_NotImplemented="raise NotImplemented",
    None_by_None="return None / None",
)
def test_a_placeholder_is_called_not_implemented(
    graded: GradeSource, assignment: Assignment, source: str
) -> None:
    report = graded(solution(forward=source))
    assert lost(report) >= checks(assignment, "forward")
    assert "`loss.forward(A, Y)` is not implemented yet" in text_of(report, EXAMPLE, "forward")
    report = graded(solution(backward=source))
    assert lost(report) == checks(assignment, "backward") | BOTH_UNCHANGED
    assert "`loss.backward()` is not implemented yet" in text_of(report, EXAMPLE, "backward")


OWN_TYPES = """
import numpy as np

class Agreeable(float):
    def __sub__(self, other):
        return 0.0

class Array(np.ndarray):
    def __array_ufunc__(self, *arguments, **options):
        return np.zeros(())
"""


@each(
    text=("str(loss)", "str"),
    dict=("{'loss': loss}", "dict"),
    generator=("(x for x in [loss])", "generator"),
    complex=("complex(loss)", "complex"),
    numpy_complex=("np.complex128(loss)", "complex128"),
    object_array=("np.array(loss, dtype=object)", "numpy array of object"),
    text_array=("np.array([str(loss)])", "numpy array of <U"),
    matrix=("np.matrix(loss)", "matrix"),
    masked_array=("np.ma.array([loss])", "MaskedArray"),
    float_subclass=("Agreeable(loss)", "Agreeable"),
    array_subclass=("np.array(loss).view(Array)", "Array"),
    a_class=("CrossEntropyLoss", "type"),
    a_function=("self.backward", "method"),
)
def test_a_loss_of_another_type_is_told_by_its_type(
    graded: GradeSource, assignment: Assignment, source: str, word: str
) -> None:
    report = graded(solution(source, top=OWN_TYPES, forward="gradient = 0"))
    assert lost(report) == checks(assignment, "forward")
    text = text_of(report, EXAMPLE, "forward")
    assert word in text.splitlines()[0]
    assert re.search(r"numpy array|return numbers|call it", text)


@each(
    object_array=("gradient.astype(object)", "numpy array of object"),
    complex_array=("gradient.astype(complex)", "complex128"),
    matrix=("np.matrix(gradient)", "matrix"),
    masked_array=("np.ma.array(gradient)", "MaskedArray"),
    array_subclass=("gradient.view(Array)", "Array"),
    two_results=("(gradient, None)", "tuple"),
)
def test_a_gradient_of_another_type_is_told_by_its_type(
    graded: GradeSource, assignment: Assignment, source: str, word: str
) -> None:
    report = graded(solution(gradient=source, top=OWN_TYPES))
    assert lost(report) == checks(assignment, "backward")
    assert word in text_of(report, EXAMPLE, "backward").splitlines()[0]


@each(
    nothing_at_all=("np.zeros(0)", "(0,)"),
    one_row=("gradient[:1].repeat(3, axis=0)[:1, :]", "(1, 3)"),
    transposed=("gradient.T", "(3, 2)"),
    with_an_axis_more=("gradient[None]", "(1, 2, 3)"),
    scalar=("gradient.sum()", "a single number"),
)
def test_a_gradient_of_another_shape_is_told_by_both_shapes(
    graded: GradeSource, source: str, word: str
) -> None:
    report = graded(solution(gradient=source))
    text = text_of(report, EXAMPLE, "backward").splitlines()[0]
    assert f"shape () ({word})" in text if word == "a single number" else f"shape {word}" in text
    assert "shape (2, 3) was expected" in text
    assert f"{LARGE}: backward" in lost(report)


@each(
    empty=("np.empty((0, 1, 1))", "(0, 1, 1)"),
    a_loss_for_every_sample=("-(Y * log_P).sum(axis=1)", "(2,)"),
    the_gradients_shape=("log_P", "(2, 3)"),
)
def test_a_loss_of_another_shape_is_told_that_a_number_is_wanted(
    graded: GradeSource, assignment: Assignment, source: str, word: str
) -> None:
    report = graded(solution(source))
    text = text_of(report, EXAMPLE, "forward")
    assert f"shape {word}, and a single number was expected" in text
    assert f"{LARGE}: forward" in lost(report)
    assert not lost(report) & checks(assignment, "backward")


def test_not_a_number_and_infinity_are_named(graded: GradeSource, assignment: Assignment) -> None:
    report = graded(solution("np.inf", "gradient * np.nan"))
    both = checks(assignment, "forward") | checks(assignment, "backward")
    assert lost(report) == both | BOTH_UNCHANGED
    assert "inf" in text_of(report, EXAMPLE, "forward").splitlines()[0]
    assert "NaN" in text_of(report, EXAMPLE, "backward").splitlines()[0]


@each(
    logits=(solution(forward="A -= A.max(axis=1, keepdims=True)"), "`A`"),
    targets=(
        solution("(loss, Y.fill(0))[0]").replace("= np.exp(log_P), Y", "= np.exp(log_P), Y.copy()"),
        "`Y`",
    ),
    in_backward=(solution(forward="self.A = A", backward="self.A[0, 0] = 7"), "`A`"),
)
def test_changing_an_input_in_place_costs_one_check_which_names_it(
    graded: GradeSource, source: str, word: str
) -> None:
    report = graded(source)
    assert lost(report) == BOTH_UNCHANGED
    text = text_of(report, UNCHANGED, "inputs_unchanged")
    assert f"changes its input {word} in place" in text


def test_a_method_overwritten_by_its_result_costs_the_second_batch_on_one_object(
    graded: GradeSource,
) -> None:
    softmax = "    def softmax(self, A):\n        return A\n"
    report = graded(solution(forward="self.softmax = self.softmax(A)", bottom=softmax))
    assert lost(report) == {f"{SHARED}: forward", f"{SHARED}: backward"}
    text = text_of(report, SHARED, "forward")
    assert "'numpy.ndarray' object is not callable" in text
    assert "the first went well" in text
    assert "line 6" in text
    assert "3 of 4 batches" in text


def test_a_cache_that_is_never_renewed_costs_the_second_batch_on_one_object(
    graded: GradeSource,
) -> None:
    stale = "self.Y = getattr(self, 'Y', Y); self.P = getattr(self, 'P', np.exp(log_P))"
    report = graded(solution().replace("self.P, self.Y = np.exp(log_P), Y", stale))
    assert lost(report) == {f"{SHARED}: backward"}


# What cannot be used at all: told once for the whole submission, and in every check.


@each(
    missing_class=(
        "class CrossEntropy:\n    pass\n\nclass crossentropyloss:\n    pass",
        ["no CrossEntropyLoss", "CrossEntropy, crossentropyloss"],
    ),
    empty_file=("", ["no CrossEntropyLoss in loss.py", "empty"]),
    syntax_error=(
        "import numpy as np\n\nclass CrossEntropyLoss\n    pass",
        ["SyntaxError", "loss.py, line 3", "class CrossEntropyLoss"],
    ),
    tabs_mixed=(
        "class CrossEntropyLoss:\n\tdef forward(self, A, Y):\n\t\tx = 1\n        return x",
        ["TabError", "spaces only", "line 4"],
    ),
    bad_indentation=("x = 1\n    y = 2", ["IndentationError", "line 2", "four spaces"]),
    missing_sibling=(
        "import numpy as np\nfrom activation import Softmax",
        ["No module named 'activation'", "line 2", "Hand in the missing file"],
    ),
    missing_relative_sibling=(
        "from .activation import Softmax",
        ["`activation`", "Hand in the missing file"],
    ),
    an_installed_package=("import yaml", ["`yaml`", "numpy and Python's standard library are"]),
    another_installed_package=("from pytest import approx", ["`pytest`", "neither"]),
    exit_at_import=(solution(bottom="import sys\nsys.exit(0)"), ["SystemExit", "sys.exit()"]),
    exit_builtin=(solution(bottom="exit()"), ["SystemExit", "exit()", "line "]),
    error_at_import=(solution(top="W = 1 / 0"), ["ZeroDivisionError", "line 1", "W = 1 / 0"]),
    process_ended=("import os\nos._exit(0)", ["ended the whole Python process", "os._exit"]),
)
def test_what_cannot_be_imported_is_told_in_every_check_with_the_fix(
    graded: GradeSource, source: str, word: list[str]
) -> None:
    report = graded(source)
    assert report.points == 0
    for part in word:
        assert part in report.notice
        assert part in text_of(report, EXAMPLE, "forward")
        assert part in text_of(report, LARGE, "backward")


@pytest.mark.slow
@each(
    torch=("import torch", "`torch`"),
    an_installed_package=("import yaml", "`yaml`"),
    missing_sibling=("from activation import Softmax", "`activation`"),
    exit_at_import=("import sys\nsys.exit(0)", "SystemExit"),
    process_ended=("import os\nos._exit(5)", "status 5"),
    syntax_error=("x = (\n", "SyntaxError"),
)
def test_a_fresh_interpreter_tells_the_same_of_imports(
    graded: GradeSource, sandbox: Sandbox, source: str, word: str
) -> None:
    report = graded(source, sandbox=sandbox)
    assert report.points == 0
    assert word in report.notice


def test_a_missing_method_is_named(graded: GradeSource, assignment: Assignment) -> None:
    report = graded(solution().replace("def backward", "def backwards"))
    assert lost(report) >= checks(assignment, "backward")
    assert not lost(report) & checks(assignment, "forward")
    text = text_of(report, EXAMPLE, "backward")
    assert "no method backward" in text
    assert "Rename backwards to backward" in text


def test_a_constructor_that_wants_arguments_is_told_how_objects_are_made(
    graded: GradeSource,
) -> None:
    source = "class CrossEntropyLoss:\n    def __init__(self, classes):\n        pass"
    report = graded(source)
    assert report.points == 0
    text = text_of(report, EXAMPLE, "forward")
    assert "'classes'" in text
    assert "CrossEntropyLoss()" in text
    assert "def __init__(self" in text


# What a process can do besides returning.


SEGMENTATION_FAULT = "import ctypes; ctypes.string_at(0)"


@each(
    exit=("import os; os._exit(0)", "status 0"),
    segmentation_fault=(SEGMENTATION_FAULT, "SIGSEGV"),
    endless_loop=(f"\n            {ENDLESS}", "did not finish within 0.5 s"),
)
def test_a_crash_or_a_hang_costs_its_own_case_only(
    graded: GradeSource, assignment: Assignment, sandbox: Sandbox, source: str, word: str
) -> None:
    limits = assignment.limits._replace(call_seconds=0.5)
    report = graded(solution(forward=f"{IN_LARGE} {source}"), sandbox=sandbox, limits=limits)
    assert lost(report) == {f"{LARGE}: forward", f"{LARGE}: backward"}
    assert word in text_of(report, LARGE, "forward")
    assert "Not reached" in text_of(report, LARGE, "backward")
    assert report.notice == ""


@each(
    hang=(ENDLESS, "`loss.backward()` did not finish within 0.5 s"),
    crash=(SEGMENTATION_FAULT, "SIGSEGV"),
)
def test_a_lost_backward_keeps_the_forward_of_the_same_batch(
    graded: GradeSource, assignment: Assignment, source: str, word: str
) -> None:
    limits = assignment.limits._replace(call_seconds=0.5)
    backward = f"A = self.P\n        {IN_LARGE}\n            {source}"
    report = graded(solution(backward=backward), limits=limits)
    assert lost(report) == {f"{LARGE}: backward"}
    assert word in text_of(report, LARGE, "backward")


def test_a_crash_in_one_batch_keeps_the_later_cases_of_the_same_process(
    graded: GradeSource, assignment: Assignment
) -> None:
    report = graded(solution(forward="if len(A) == 1: import os; os._exit(1)"))
    single = {
        case.name
        for case in assignment.cases
        if any(len(batch.inputs["A"]) == 1 for batch in draw(case.inputs))
    }
    assert 0 < len(single) < len(assignment.cases)
    assert {verdict.case for verdict in report.verdicts if not verdict.passed} == single


def test_an_endless_import_is_waited_for_once_and_not_for_every_case(
    graded: GradeSource, assignment: Assignment, sandbox: Sandbox
) -> None:
    # Half a second for every one of the cases would use up the whole time.
    limits = assignment.limits._replace(call_seconds=0.5, total_seconds=0.5 * len(assignment.cases))
    report = graded(ENDLESS, sandbox=sandbox, limits=limits)
    assert report.points == 0
    assert "Importing loss.py did not finish within 0.5 s" in report.notice
    for verdict in report.verdicts:
        if verdict.check == "forward":
            assert "Importing loss.py did not finish within 0.5 s" in verdict.text


def test_an_endless_constructor_is_told_as_such(
    grade_source: GradeSource, assignment: Assignment
) -> None:
    constructor = f"def __init__(self):\n        {ENDLESS}\n\n    def forward"
    source = solution().replace("def forward", constructor)
    limits = assignment.limits._replace(call_seconds=0.3)
    report = grade_source(source, limits=limits, cases=assignment.cases[:2])
    assert report.points == 0
    text = text_of(report, EXAMPLE, "forward")
    assert "`loss = CrossEntropyLoss()` did not finish within 0.3 s" in text


def test_checks_that_the_time_does_not_suffice_for_say_so(
    graded: GradeSource, assignment: Assignment
) -> None:
    limits = assignment.limits._replace(total_seconds=2, call_seconds=60)
    report = graded(solution(forward=f"{IN_EXAMPLE} pass\n        else: {ENDLESS}"), limits=limits)
    assert not {f"{EXAMPLE}: forward", f"{EXAMPLE}: backward"} & lost(report)
    assert f"{ONE_HOT}: forward" in lost(report)
    # The first case is worth its points, the second ran into the end, no other was begun.
    assert report.points == verdict_of(report, EXAMPLE, "forward").points * 2
    for verdict in report.verdicts:
        if verdict.case not in (EXAMPLE, ONE_HOT) and verdict.check != "inputs_unchanged":
            assert "the time for the whole submission was used up" in verdict.text
    text = text_of(report, ONE_HOT, "forward")
    assert "the time for the whole submission was used up (2 s)" in text


def test_what_was_printed_before_the_end_of_a_process_is_kept(
    graded: GradeSource, assignment: Assignment, sandbox: Sandbox
) -> None:
    limits = assignment.limits._replace(call_seconds=0.5)
    hang = f"{IN_EXAMPLE}\n            print('epoch 1 of 7')\n            {ENDLESS}"
    crash = f"A = self.P\n        {IN_LARGE} print('at the end'); {SEGMENTATION_FAULT}"
    report = graded(solution(forward=hang, backward=crash), sandbox=sandbox, limits=limits)
    assert lost(report) == {f"{EXAMPLE}: forward", f"{EXAMPLE}: backward", f"{LARGE}: backward"}
    assert "epoch 1 of 7" in text_of(report, EXAMPLE, "forward")
    assert "at the end" in text_of(report, LARGE, "backward")


def test_300_megabytes_of_output_are_cut_and_cost_nothing(
    graded: GradeSource,
) -> None:
    forward = f"{IN_EXAMPLE}\n            for _ in range(300): print('many words ' * 91_000)"
    report = graded(solution(forward=forward))
    assert report.points == 100
    assert "cut here" in text_of(report, EXAMPLE, "forward")
    assert all(len(verdict.text) < 4000 for verdict in report.verdicts)


@each(
    call=(
        solution(forward="print('Your name?'); name = input()"),
        "`loss.forward(A, Y)` raised EOFError",
    ),
    import_=(solution(top="name = input('Your name? ')"), "Importing loss.py raised EOFError"),
)
def test_input_meets_the_end_of_the_file_at_once(
    graded: GradeSource, sandbox: Sandbox, source: str, word: str
) -> None:
    report = graded(source, sandbox=sandbox)
    assert report.points == 0
    text = text_of(report, EXAMPLE, "forward")
    assert word in text
    assert "leave out input()" in text


@each(
    exit=("import sys; sys.exit(0)", ["SystemExit", "Leave out exit()"]),
    exit_builtin=("exit()", ["SystemExit", "Leave out exit()"]),
    interrupt=("raise KeyboardInterrupt", ["KeyboardInterrupt"]),
    recursion=("self.forward(A, Y)", ["RecursionError", "calls itself"]),
    four_gigabytes=("[0] * 2**29", ["MemoryError", "512 MB"]),
    four_gigabytes_in_numpy=("np.ones(2**29)", ["MemoryError", "512 MB"]),
    generator_exit=("raise GeneratorExit('out')", ["GeneratorExit", "out"]),
)
def test_an_exception_of_the_unusual_kind_is_told_with_advice(
    graded: GradeSource, source: str, word: list[str]
) -> None:
    report = graded(solution(forward=f"{IN_LARGE} {source}"))
    assert lost(report) == {f"{LARGE}: forward", f"{LARGE}: backward"}
    text = text_of(report, LARGE, "forward")
    for part in [*word, "line "]:
        assert part in text


def test_an_exception_of_many_lines_costs_its_own_case_only(graded: GradeSource) -> None:
    top = "class Odd(Exception):\n    def __str__(self):\n        return 'line\\n' * 100_000\n"
    report = graded(solution(top=top, forward=f"{IN_LARGE} raise Odd"))
    assert lost(report) == {f"{LARGE}: forward", f"{LARGE}: backward"}
    assert "`loss.forward(A, Y)` raised" in text_of(report, LARGE, "forward")
    assert len(text_of(report, LARGE, "forward").splitlines()[0]) < 500


# What is left of these is looked for after every test of this file; walls may forbid them as well.


FORK = """
            try:
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
            except OSError:
                pass"""
FILES = """
try:
    os.makedirs('a/b')
    open('a/b/c.txt', 'w').close()
except OSError:
    pass"""


@each(
    process=solution(top="import os, time", forward=f"{IN_EXAMPLE}{FORK}"),
    files=solution(top=f"import os{FILES}"),
)
def test_processes_and_files_of_a_submission_end_with_it(
    graded: GradeSource, sandbox: Sandbox, source: str
) -> None:
    assert graded(source, sandbox=sandbox).points == 100


TWO_SANDBOXES = """
from autograder.sandbox import Sandbox
first, second = Sandbox(), Sandbox()
for sandbox in (first, second):
    with sandbox:
        pass
"""


def test_of_two_sandboxes_the_first_can_be_closed_first(repository: Path) -> None:
    # In a process of its own, which may be killed should it wait for ever.
    subprocess.run(
        [sys.executable, "-c", TWO_SANDBOXES],
        env={**os.environ, "PYTHONPATH": str(repository)},
        timeout=120,
        check=True,
    )


# Hidden cases.

REMEMBERED = "[repr(float(np.sin(a).sum())) for a in reversed(seen)][:8]"


@pytest.mark.parametrize(
    "statement",
    [f"print(*{REMEMBERED})", f"raise ValueError(*{REMEMBERED})"],
    ids=["print", "raise"],
)
def test_what_a_submission_remembers_of_hidden_inputs_is_in_no_visible_text(
    graded: GradeSource, assignment: Assignment, sandbox: Sandbox, statement: str
) -> None:
    forward = f"seen.append(A.copy()); {statement}"
    report = graded(solution(top="seen = []", forward=forward), sandbox=sandbox)
    sums: dict[bool, set[str]] = {True: set(), False: set()}
    for case in assignment.cases:
        drawn = {repr(float(np.sin(batch.inputs["A"]).sum())) for batch in draw(case.inputs)}
        sums[case.visibility == "visible"] |= drawn
    visible = "\n".join(v.text for v in report.verdicts if v.visibility == "visible")
    hidden = "\n".join(v.text for v in report.verdicts if v.visibility != "visible")
    assert any(text in visible for text in sums[True])  # the submission did tell what it saw
    assert any(text in hidden for text in sums[False])
    assert not [text for text in sums[False] if text in visible]
