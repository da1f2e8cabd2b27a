"""Hints: known mistakes are recognised, unknown ones described, each only where numbers support it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.formats.assignment import load_assignment
from autograder.hints.smallest import small_inputs
from autograder.judging.answers import open_oracle
from autograder.judging.stored import freeze, freeze_mistakes, frozen_mistakes
from autograder.judging.verdicts import Report
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.reports.results_json import results_of
from autograder.sandbox import Sandbox
from autograder.tests.conftest import GradeSource, verdict_of
from autograder.tests.hint_figures import Bench, combine
from autograder.tests.solutions import EXAMPLE, EXTREME, ONE_HOT, SHARED, SOFT, UNCHANGED, solution

SINGLE = "A single sample"
PLUS_1000 = "Ordinary logits plus 1000"
MATCHES = "This matches a known mistake"

NOT_DIVIDED = solution(gradient="self.P - self.Y")


def visible(assignment: Assignment) -> Assignment:
    return assignment._replace(
        cases=tuple(case for case in assignment.cases if case.visibility == "visible")
    )


@pytest.fixture(scope="module")
def bench(repository: Path) -> Bench:
    """The visible cases, with everything that can be worked out once."""
    return Bench(repository, ["visible"])


# Known mistakes.


def test_a_forgotten_division_is_named_with_a_small_input_to_paste(
    grade_source: GradeSource,
) -> None:
    text = verdict_of(grade_source(NOT_DIVIDED), ONE_HOT, "backward").text
    assert text.startswith("backward returned wrong numbers in 12 of 12 batches.\n" + MATCHES)
    assert "N times too large" in text
    inputs = pasted(text)
    assert inputs["A"].shape == inputs["Y"].shape == (2, 2)
    assert (inputs["A"] == np.rint(inputs["A"])).all()
    assert np.abs(inputs["A"]).max() <= 3
    powers = np.exp(inputs["A"])
    wrong = powers / powers.sum(axis=1, keepdims=True) - inputs["Y"]
    assert printed_numbers(text, "got") == pytest.approx(wrong.ravel(), rel=1e-4)
    assert printed_numbers(text, "expected") == pytest.approx(wrong.ravel() / 2, rel=1e-4)


def pasted(text: str) -> dict[str, Any]:
    """What Python makes of the inputs in a text."""
    names: dict[str, Any] = {"np": np}
    lines = [line.strip() for line in text.splitlines() if re.match(r"    \w+ = np\.array", line)]
    assert lines
    exec("\n".join(lines), names)
    return names


def printed_numbers(text: str, which: str) -> list[float]:
    """The numbers of the table that compares expected and got."""
    table = text.partition("got (* is wrong)")[2].partition("A number is right")[0]
    numbers = [row.group() for row in re.finditer(r"\[[^\]]*\]", table)]
    chosen = numbers[0::2] if which == "expected" else numbers[1::2]
    return [float(number) for row in chosen for number in re.findall(r"-?[\d.e-]+\d", row)]


def test_forward_and_backward_are_diagnosed_apart(grade_source: GradeSource) -> None:
    report = grade_source(solution(loss="loss * len(A)", gradient="-gradient"))
    forward = verdict_of(report, EXAMPLE, "forward")
    backward = verdict_of(report, EXAMPLE, "backward")
    assert forward.data["mistake"] == "LossNotDividedByN"
    assert backward.data["mistake"] == "GradientNegated"
    assert "the mean is asked for" in forward.text
    assert "opposite sign" in backward.text


def test_every_known_mistake_is_told_from_visible_cases_alone(bench: Bench) -> None:
    told = {}
    for mistake in bench.mistakes():
        tried = bench.diagnose([mistake.solution])
        told.update({(mistake.name, check): tried.hints(check) for check in mistake.breaks})
    assert [key for key, names in told.items() if "-" in names] == []
    others = [key for key, names in told.items() if names and names != {key[0]}]
    assert len(others) < len(told) / 10  # which give the same numbers in some case


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        ("LossNegated", "GradientNotDividedByN"),
        ("LossPerSample", "GradientTransposed"),
        ("LogarithmToBase2", "SoftmaxDerivativeTwice"),
        ("SoftmaxOverSamples", "GradientDividedByNAndC"),
        ("EpsilonOf1em3InTheLogarithm", "OnlyTargetsDividedByN"),
        ("SoftTargetsTakenAsHard", "GradientDoubled"),
    ],
)
def test_a_pair_of_mistakes_gets_both_hints(bench: Bench, forward: str, backward: str) -> None:
    solutions = {mistake.name: mistake.solution for mistake in bench.mistakes()}
    tried = bench.diagnose([combine(solutions[forward], solutions[backward])])
    assert tried.hints("forward") == {forward}
    # Where extreme rows give NaN in both, the case for it may be told for backward as well.
    assert tried.diagnoses[ONE_HOT, "backward"].mistake == backward


def test_a_mistake_in_both_methods_is_told_beside_a_factor_in_one(
    grade_source: GradeSource,
) -> None:
    # The softmax runs over the samples, and backward is not divided by their number either.
    source = """
        import numpy as np

        class CrossEntropyLoss:
            def forward(self, A, Y):
                E = np.exp(A - A.max(axis=0))
                self.P, self.Y = E / E.sum(axis=0), Y
                return -np.sum(Y * np.log(self.P)) / len(A)

            def backward(self):
                return self.P - self.Y
        """
    report = grade_source(source)
    assert verdict_of(report, SOFT, "forward").data["mistake"] == "SoftmaxOverSamples"
    backward = verdict_of(report, SOFT, "backward")
    assert backward.data["mistake"] == "SoftmaxOverSamples"
    assert "looks like a known mistake" in backward.text
    assert "every number is N times" in backward.text


def test_an_overwritten_method_is_told_where_the_object_is_reused(
    grade_source: GradeSource,
) -> None:
    report = grade_source("""
        import numpy as np

        class CrossEntropyLoss:
            def softmax(self, A):
                E = np.exp(A - A.max(axis=1, keepdims=True))
                return E / E.sum(axis=1, keepdims=True)

            def forward(self, A, Y):
                self.Y = Y
                self.softmax = self.softmax(A)
                return -np.sum(Y * np.log(self.softmax + 1e-300)) / len(A)

            def backward(self):
                return (self.softmax - self.Y) / len(self.Y)
        """)
    text = verdict_of(report, SHARED, "forward").text
    assert "'numpy.ndarray' object is not callable" in text
    assert "stored under the name of a method" in text
    assert "self.softmax = self.softmax(A)" in text  # the student's own line


def test_inputs_changed_in_place_get_the_hint_that_fits_the_change(
    grade_source: GradeSource,
) -> None:
    report = grade_source(solution(forward="A -= A.max(axis=1, keepdims=True)"))
    assert verdict_of(report, UNCHANGED, "inputs_unchanged").data["mistake"] == (
        "LogitsShiftedInPlace"
    )
    report = grade_source(solution(bottom="", forward="A *= 1.5; A /= 1.25"))
    assert MATCHES not in verdict_of(report, UNCHANGED, "inputs_unchanged").text


def test_a_starter_is_told_that_it_is_one(grade_source: GradeSource, repository: Path) -> None:
    report = grade_source((repository / "handout" / "loss.py").read_text(encoding="utf-8"))
    assert all("not implemented yet" in verdict.text for verdict in report.verdicts)
    text = verdict_of(report, EXAMPLE, "forward").text
    assert "placeholder" in text
    assert "Step by step" not in text


def test_the_name_of_the_mistake_is_for_staff_only(grade_source: GradeSource) -> None:
    results = results_of(grade_source(NOT_DIVIDED))
    named = [test for test in results["tests"] if test.get("extra_data")]
    assert {test["extra_data"]["mistake"] for test in named} == {"GradientNotDividedByN"}
    assert "GradientNotDividedByN" not in "".join(test["output"] for test in results["tests"])


# What is not known.


def test_a_result_that_no_mistake_gives_is_not_said_to_match(grade_source: GradeSource) -> None:
    report = grade_source(solution(loss="loss * 1.37 + 0.01 * A.max()", gradient="gradient ** 3"))
    texts = [verdict.text for verdict in report.verdicts if not verdict.passed]
    assert len(texts) > 20
    assert not any(MATCHES in text for text in texts)
    assert not any(verdict.data for verdict in report.verdicts)


def test_one_matching_case_is_no_hint_where_the_others_speak_against_it(
    grade_source: GradeSource,
) -> None:
    # On equal logits the loss is that of a known mistake; everywhere else it is something else.
    wrong = "2 * loss if (A == A[0, 0]).all() else loss + 0.1 * len(A)"
    report = grade_source(solution(loss=wrong))
    assert MATCHES not in verdict_of(report, "Equal logits", "forward").text


def test_a_case_that_goes_well_speaks_against_a_mistake_that_would_fail_it(
    grade_source: GradeSource,
) -> None:
    report = grade_source(solution(loss="loss if np.isin(Y, (0, 1)).all() else loss * len(A)"))
    assert MATCHES not in verdict_of(report, SOFT, "forward").text


def test_numpys_first_warning_tells_one_nan_from_another(grade_source: GradeSource) -> None:
    # Both end in NaN on the extreme rows: exp overflows here, with a shift the logarithm is of 0.
    for softmax, mistake in (
        ("np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)", "SoftmaxNotShifted"),
        ("self.P", "LossOfVanishedProbability"),
    ):
        report = grade_source(solution(loss=f"-(Y * np.log({softmax})).sum() / len(A)"))
        assert verdict_of(report, EXTREME, "forward").data["mistake"] == mistake
        assert verdict_of(report, EXTREME, "backward").passed


@pytest.mark.parametrize(
    ("loss", "gradient", "case", "check", "words"),
    [
        ("loss * A.shape[1]", "gradient", ONE_HOT, "forward", "C times the expected one"),
        ("loss", "gradient * 3.5", ONE_HOT, "backward", "3.5 times the expected one"),
        ("loss", "gradient * len(gradient) * gradient.shape[1]", SOFT, "backward", "C * N times"),
        ("loss", "gradient + 0.25", ONE_HOT, "backward", "off by the same amount (+0.25"),
        (
            "loss",
            "np.where(np.arange(len(gradient))[:, None] == 1, 5.0, gradient)",
            SOFT,
            "backward",
            "row 1 of",
        ),
        ("loss if len(A) > 1 else loss + 3", "gradient", SINGLE, "forward", "only where N = 1"),
        (
            "loss if np.isin(Y, (0, 1)).all() else loss ** 2",
            "gradient",
            SOFT,
            "forward",
            "only where `Y` holds other numbers than 0 and 1",
        ),
        (
            "loss if abs(A).max() < 500 else loss ** 2",
            "gradient",
            PLUS_1000,
            "forward",
            "only where `A` holds large numbers",
        ),
        (
            "loss",
            "gradient + np.exp(self.A).sum() * 0",
            EXTREME,
            "backward",
            "as numpy itself warns: exp of more than 709",
        ),
    ],
)
def test_an_unknown_mistake_is_described_by_its_pattern(
    grade_source: GradeSource, loss: str, gradient: str, case: str, check: str, words: str
) -> None:
    report = grade_source(solution(loss=loss, gradient=gradient, forward="self.A = A"))
    text = verdict_of(report, case, check).text
    assert words in text
    assert MATCHES not in text


# The worked example.


def test_the_worked_example_shows_the_steps_and_where_a_result_parts_from_them(
    grade_source: GradeSource,
) -> None:
    report = grade_source(solution(loss="-(Y * log_P).sum(axis=1)", gradient="self.P - self.Y"))
    forward = verdict_of(report, EXAMPLE, "forward").text
    assert "1. softmax of each row of A:" in forward
    assert "[1.417   2.62]" in forward
    assert "Your result is step 2 (loss of each sample), so step 3" in forward
    backward = verdict_of(report, EXAMPLE, "backward").text
    assert "Your result is step 2 (softmax less targets), so step 3" in backward


def test_a_right_gradient_vouches_for_the_steps_that_it_shares(grade_source: GradeSource) -> None:
    text = verdict_of(grade_source(solution(loss="loss ** 2")), EXAMPLE, "forward").text
    assert "Your backward is right and goes through step 1" in text
    assert "look at step 2 (loss of each sample) first" in text


# Hints and secrecy.


@pytest.mark.parametrize("where", ["assignment", "file", "case"])
def test_hints_can_be_turned_off(
    where: str, repository: Path, tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    folder = tmp_path / "assignment"
    for part in ("reference", "testcases"):
        shutil.copytree(repository / part, folder / part, ignore=shutil.ignore_patterns("__*"))
    settings = folder / "testcases" / "assignment.yaml"
    example = folder / "testcases" / "10_worked_example.yaml"
    if where == "assignment":
        settings.write_text(settings.read_text(encoding="utf-8") + "hints: false\n", "utf-8")
    elif where == "file":
        example.write_text("hints: false\n" + example.read_text(encoding="utf-8"), "utf-8")
    else:
        text = example.read_text(encoding="utf-8")
        example.write_text(text.replace("    expect:", "    hints: false\n    expect:"), "utf-8")
    wrong = tmp_path / "loss.py"
    wrong.write_text(NOT_DIVIDED, encoding="utf-8")
    report = grade(wrong, load_assignment(folder), warm_sandbox)
    assert MATCHES not in verdict_of(report, EXAMPLE, "backward").text
    assert verdict_of(report, EXAMPLE, "backward").data["mistake"]  # for staff all the same
    assert (MATCHES in verdict_of(report, ONE_HOT, "backward").text) == (where != "assignment")


WRONG_IN_MANY_WAYS = {
    "not divided": NOT_DIVIDED,
    "transposed, changing inputs": solution(
        loss="loss * len(A)", gradient="gradient.T", forward="A -= A.max(axis=1, keepdims=True)"
    ),
    "patterns": solution(loss="loss * 1.37", gradient="gradient + 0.25"),
    "right in hidden cases": solution(loss="loss * len(A) if A.dtype == float else loss"),
    "raising": solution(forward="assert len(A) < 3, 'too long'"),
}


def texts(report: Report) -> list[tuple[str, str]]:
    return [(v.name, v.text) for v in report.verdicts if v.visibility == "visible"]


@pytest.mark.parametrize("source", WRONG_IN_MANY_WAYS.values(), ids=WRONG_IN_MANY_WAYS)
def test_texts_of_visible_cases_are_the_same_without_hidden_ones_and_without_a_reference(
    source: str, assignment: Assignment, tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    path = tmp_path / "loss.py"
    path.write_text(source, encoding="utf-8")
    everything = texts(grade(path, assignment, warm_sandbox))
    shown = visible(assignment)
    assert texts(grade(path, shown, warm_sandbox)) == everything
    handout = shown._replace(folder=tmp_path / "handout")
    handout.answers_path.parent.mkdir(parents=True)
    handout.answers_path.write_bytes(freeze(shown))
    assert handout.is_frozen
    assert texts(grade(path, handout, warm_sandbox)) == everything


def test_numbers_at_the_ends_of_the_range_are_judged_and_described_without_a_fuss(
    grade_source: GradeSource, recwarn: pytest.WarningsRecorder
) -> None:
    for loss, gradient in (("-1.7e308", "gradient * 1e308"), ("1e-310", "gradient * 1e-310")):
        report = grade_source(solution(loss=loss, gradient=gradient))
        assert report.points < 20
        assert verdict_of(report, EXAMPLE, "backward").text.startswith("backward returned wrong")
    assert len(recwarn) == 0


def test_code_that_hangs_on_small_inputs_keeps_its_text_and_nobody_waiting(
    grade_source: GradeSource, assignment: Assignment
) -> None:
    source = solution(
        gradient="self.P - self.Y",
        forward="while A.size < 10 and (A == np.rint(A)).all() and A.max() < 10: pass",
    )
    limits = assignment.limits._replace(call_seconds=60.0, example_seconds=0.2)
    report = grade_source(source, limits=limits, cases=visible(assignment).cases)
    text = verdict_of(report, SOFT, "backward").text
    assert MATCHES in text
    assert "With the inputs of batch" in text


def test_small_inputs_are_the_same_each_time_and_from_simple_to_larger(
    assignment: Assignment,
) -> None:
    case = next(case for case in assignment.cases if case.name == SOFT)
    small = [inputs.draw() for inputs in small_inputs(case)]
    again = [inputs.draw() for inputs in small_inputs(case)]
    assert str(small) == str(again)
    sizes = [sum(array.size for batch in one for array in batch.values()) for one in small]
    assert sizes == sorted(sizes)
    assert small[0][0]["A"].shape == (2, 3)
    for (batch,) in small:
        assert batch["Y"].sum(axis=1) == pytest.approx(1)
        assert (batch["Y"] >= 0).all()


def test_frozen_answers_are_reproducible_and_belong_to_their_cases(
    assignment: Assignment, tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    shown = visible(assignment)
    answers = freeze(shown)
    assert answers == freeze(shown)
    case = shown.cases[0]
    changed = case._replace(inputs=shown.cases[1].inputs, expect={})
    handout = shown._replace(folder=tmp_path, cases=(changed,))
    handout.answers_path.parent.mkdir(parents=True)
    handout.answers_path.write_bytes(answers)
    path = tmp_path / "loss.py"
    path.write_text(NOT_DIVIDED, encoding="utf-8")
    with pytest.raises(Exception, match=r"answers\.npz.*no answers for the case `Worked"):
        grade(path, handout, warm_sandbox)
    handout.answers_path.write_bytes(answers[: len(answers) // 2])
    with pytest.raises(Exception, match=r"answers\.npz.*cannot be read"):
        grade(path, handout, warm_sandbox)


def test_what_mistakes_do_is_worked_out_anew_where_the_files_have_changed(
    repository: Path, tmp_path: Path
) -> None:
    for part in ("reference", "testcases"):
        shutil.copytree(repository / part, tmp_path / part, ignore=shutil.ignore_patterns("__*"))
    before = load_assignment(tmp_path)
    before.answers_path.write_bytes(freeze_mistakes(before))
    assert frozen_mistakes(before) is not None
    mistakes = before.mistakes_path
    text = mistakes.read_text(encoding="utf-8")
    mistakes.write_text(text.replace("N times too large", "much too large"), encoding="utf-8")
    assert frozen_mistakes(before) is None
    hints = [mistake.hint for mistake in open_oracle(before).mistakes(["backward"])]
    assert any("gradient is much too large" in hint for hint in hints)


def test_hints_that_are_turned_off_are_not_handed_out(
    assignment: Assignment, tmp_path: Path
) -> None:
    shown = visible(assignment)
    off = shown._replace(cases=tuple(case._replace(hints=False) for case in shown.cases))
    handout = off._replace(folder=tmp_path)
    handout.answers_path.parent.mkdir(parents=True)
    found = []
    for one in (off, shown):
        handout.answers_path.write_bytes(freeze(one))
        found.append(len(open_oracle(handout).mistakes(["forward", "backward"])))
    assert found[0] == 0
    assert found[1] > 90
