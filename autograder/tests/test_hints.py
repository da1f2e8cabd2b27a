"""Hints: known mistakes are recognised, unknown ones described, each only if the numbers bear it out."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.explain.outlives import imported, outlives_objects
from autograder.explain.summary import things_to_fix
from autograder.formats.assignment import load_assignment
from autograder.formats.draws import draw
from autograder.hints import matching
from autograder.hints.patterns.circumstances import circumstance_of_inputs
from autograder.hints.smallest import try_small
from autograder.judging import traces
from autograder.judging.cache import CachedSuite
from autograder.judging.evidence import Kind, Problem, Row
from autograder.judging.small import small_inputs
from autograder.judging.storing import store, store_mistakes
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report
from autograder.model import Assignment, Batch
from autograder.pipeline import grade
from autograder.reports.results_json import results_of
from autograder.sandbox import CaseRun, Sandbox
from autograder.sandbox.observation import BatchObservation, Observation, Outcome
from autograder.tests.conftest import GradeSource, verdict_of
from autograder.tests.exercises import copy_with_few_mistakes
from autograder.tests.hint_figures import Bench, Solution, combine
from autograder.tests.solutions import EXAMPLE, EXTREME, ONE_HOT, SHARED, SOFT, UNCHANGED, solution

EQUAL = "Equal logits"
SINGLE = "A single sample"
SQUARE = "As many samples as classes"
PLUS_1000 = "Ordinary logits plus 1000"
MINUS_1000 = "Ordinary logits minus 1000"
MATCHES = "This matches"

NOT_DIVIDED = solution(gradient="self.P - self.Y")
NOT_SHIFTED_NOT_DIVIDED = """
    import numpy as np

    class CrossEntropyLoss:
        def forward(self, A, Y):
            E = np.exp(A)
            self.P, self.Y = E / E.sum(axis=1, keepdims=True), Y
            return -np.sum(Y * np.log(self.P)) / len(A)

        def backward(self):
            return self.P - self.Y
    """


def visible(assignment: Assignment) -> Assignment:
    return assignment._replace(
        cases=tuple(case for case in assignment.cases if case.visibility == "visible")
    )


def names(report: Report, check: str) -> dict[str, str]:
    """By case, the known mistake that was named for a check."""
    return {
        v.case: v.data.get("mistake", "")
        for v in report.verdicts
        if v.check == check and not v.passed
    }


@pytest.fixture(scope="module")
def bench(repository: Path) -> Bench:
    """The visible cases, with everything that can be worked out once."""
    return Bench(repository, ["visible"])


@pytest.fixture(scope="module")
def known(assignment: Assignment) -> Suite:
    """The assignment with its mistakes and their pairs, which take seconds to work out."""
    suite = CachedSuite(assignment)
    assert suite.mistakes
    assert suite.pairs
    return suite


@pytest.fixture
def grade_source(tmp_path: Path, known: Suite, warm_sandbox: Sandbox) -> GradeSource:
    """Grades source text handed in as loss.py, the same text once for all tests."""

    def grade_text(source: str, **settings: Any) -> Report:
        path = tmp_path / "loss.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        if settings:
            return grade(path, CachedSuite(known.assignment._replace(**settings)), warm_sandbox)
        if source not in _REPORTS:
            _REPORTS[source] = grade(path, known, warm_sandbox)
        return _REPORTS[source]

    return grade_text


_REPORTS: dict[str, Report] = {}


# Known mistakes.


def test_a_forgotten_division_is_named_with_a_small_input_to_paste(
    grade_source: GradeSource,
) -> None:
    text = verdict_of(grade_source(NOT_DIVIDED), ONE_HOT, "backward").text
    assert "12 of 12 batches" in text.partition("\n")[0]
    assert MATCHES in text
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
    inputs: dict[str, Any] = {"np": np}
    lines = [line.strip() for line in text.splitlines() if re.match(r"    \w+ = np\.array", line)]
    assert lines
    exec("\n".join(lines), inputs)
    return inputs


def printed_numbers(text: str, which: str) -> list[float]:
    """The numbers of the table that compares expected and got."""
    table = text.partition("got (* is wrong)")[2].partition("A number is right")[0]
    numbers = [row.group() for row in re.finditer(r"\[[^\]]*\]", table)]
    chosen = numbers[0::2] if which == "expected" else numbers[1::2]
    return [float(number) for row in chosen for number in re.findall(r"-?[\d.e-]+\d", row)]


def test_forward_and_backward_are_diagnosed_apart(grade_source: GradeSource) -> None:
    report = grade_source(solution(loss="loss * len(A)", gradient="-gradient"))
    assert set(names(report, "forward").values()) == {"LossNotDividedByN"}
    assert set(names(report, "backward").values()) == {"GradientNegated"}
    assert "the mean is asked for" in verdict_of(report, EXAMPLE, "forward").text
    assert "opposite sign" in verdict_of(report, EXAMPLE, "backward").text


@pytest.mark.slow
def test_every_known_mistake_is_told_from_visible_cases_alone(bench: Bench) -> None:
    told = {}
    for mistake in bench.mistakes():
        graded = bench.grade([mistake])
        told.update({(mistake.name, check): graded.hints(check) for check in mistake.breaks})
    assert [key for key, found in told.items() if "-" in found] == []
    others = [key for key, found in told.items() if found and found != {key[0]}]
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
    mistakes = {mistake.name: mistake for mistake in bench.mistakes()}
    graded = bench.grade([combine(mistakes[forward], mistakes[backward])])
    assert graded.hints("forward") == {forward}
    # If extreme rows give NaN in both, the case for it may be told for backward as well.
    assert graded.told(ONE_HOT, "backward").mistake == backward


WITH_SOFTMAX = """
    import numpy as np

    class CrossEntropyLoss:
        def forward(self, A, Y):
            {softmax}
            self.P, self.Y, N = P, Y, len(A)
            self.loss = {loss}
            return self.loss

        def backward(self):
            P, Y, N = self.P, self.Y, len(self.Y)
            return {gradient}
    """
STABLE = "E = np.exp(A - A.max(axis=1, keepdims=True)); P = E / E.sum(axis=1, keepdims=True)"


def with_softmax(
    softmax: str = STABLE, loss: str = "-np.sum(Y * np.log(P)) / N", gradient: str = "(P - Y) / N"
) -> str:
    return WITH_SOFTMAX.format(softmax=softmax, loss=loss, gradient=gradient)


@pytest.mark.parametrize(
    ("source", "check", "mistakes"),
    [
        (
            with_softmax("P = np.exp(A - A.max()); P = P / P.sum()", "-np.sum(Y * np.log(P))"),
            "forward",
            {"LossNotDividedByN and SoftmaxOverTheWholeBatch", "SoftmaxOverTheWholeBatch"},
        ),
        (
            with_softmax("P = np.exp(A); P = P / P.sum(axis=1)", "np.sum(Y * np.log(P)) / N"),
            "forward",
            {"LossNegated", "LossNegated and RowTotalsNotLinedUp", "RowTotalsNotLinedUp"},
        ),
        (
            with_softmax("P = np.exp(A); P = P / P.sum(axis=0)", gradient="Y - P"),
            "backward",
            None,
        ),
    ],
    ids=["softmax of the batch, and a sum", "totals not lined up, and a sign", "axis 0, and both"],
)
def test_two_mistakes_in_one_method_are_both_named(
    grade_source: GradeSource, source: str, check: str, mistakes: set[str] | None
) -> None:
    report = grade_source(source)
    found = {name for name in names(report, check).values() if name}
    assert found == mistakes if mistakes else any(" and " in name for name in found)
    both = [v for v in report.verdicts if " and " in v.data.get("mistake", "")]
    assert all("two known mistakes" in verdict.text for verdict in both)
    assert all("1. " in verdict.text and "2. " in verdict.text for verdict in both)


def test_of_two_mistakes_each_case_is_told_the_one_that_it_shows(grade_source: GradeSource) -> None:
    report = grade_source(NOT_SHIFTED_NOT_DIVIDED)
    backward = names(report, "backward")
    assert backward[EXAMPLE] == backward[ONE_HOT] == backward[SHARED] == "GradientNotDividedByN"
    assert backward[PLUS_1000] == backward[MINUS_1000] == "SoftmaxNotShifted"
    assert backward[EXTREME] == "GradientNotDividedByN and SoftmaxNotShifted"
    assert set(names(report, "forward").values()) == {"SoftmaxNotShifted"}


def test_a_mistake_is_told_beside_half_of_it(grade_source: GradeSource) -> None:
    report = grade_source(with_softmax(loss="0.5 * ((P - Y) ** 2).mean()"))
    assert set(names(report, "forward").values()) == {"MeanSquaredError"}
    assert "1/2 times what that alone would give" in verdict_of(report, ONE_HOT, "forward").text


def test_a_mistake_is_told_beside_a_factor(grade_source: GradeSource) -> None:
    # Both are in one formula, so they are not known as a pair.
    report = grade_source(with_softmax(gradient="np.abs(P - Y)"))
    found = names(report, "backward")
    assert set(found.values()) == {"GradientWithoutSigns"}
    text = verdict_of(report, ONE_HOT, "backward").text
    assert "sizes are right, but all signs are gone" in text
    assert "Besides, every number is N times" in text


@pytest.mark.parametrize(
    ("source", "case", "check", "mistake"),
    [
        (solution(forward="A, Y = Y, A"), ONE_HOT, "forward", "LogitsAndTargetsSwapped"),
        (solution("np.full(len(A), loss)"), ONE_HOT, "forward", "LossRepeatedForEachSample"),
        (
            solution("SEEN.append(loss) or np.mean(SEEN)", top="SEEN = []"),
            SOFT,
            "forward",
            "LossesAveragedOverObjects",
        ),
        (
            solution("SEEN.append(loss) or sum(SEEN)", top="SEEN = []"),
            SOFT,
            "forward",
            "LossesAddedUpOverObjects",
        ),
        (
            with_softmax(loss="-np.log(np.clip((Y * P).sum(axis=1), 1e-12, 1)).mean()"),
            SOFT,
            "forward",
            "LogarithmAfterTheSum",
        ),
        (with_softmax("P = np.clip(A, 1e-9, 1 - 1e-9)"), ONE_HOT, "forward", "LogitsClippedAt1em9"),
        (
            with_softmax(gradient="-Y / P * self.loss / N"),
            ONE_HOT,
            "backward",
            "GradientWithRespectToProbabilitiesTimesLoss",
        ),
        (with_softmax(gradient="(P - Y) * self.loss"), ONE_HOT, "backward", "GradientTimesLoss"),
        (
            solution("(self.P.argmax(1) == Y.argmax(1)).sum()"),
            ONE_HOT,
            "forward",
            "Accuracy",
        ),
        (solution("self.P"), SOFT, "forward", "SoftmaxReturned"),
        (
            solution(forward="Y = 0.9 * Y + 0.1 / Y.shape[1]"),
            SOFT,
            "backward",
            "TargetsSmoothed",
        ),
        (
            with_softmax(
                "P = 1 / (1 + np.exp(-A))", "-(Y * np.log(P) + (1 - Y) * np.log(1 - P)).mean()"
            ),
            ONE_HOT,
            "forward",
            "BinaryCrossEntropyOfSigmoid",
        ),
        (
            with_softmax(loss="-np.log(P[np.arange(N), Y]).mean()"),
            ONE_HOT,
            "forward",
            "FloatTargetsUsedAsPositions",
        ),
    ],
    ids=lambda value: value if str(value).isidentifier() else "",
)
def test_habits_of_other_courses_are_known(
    grade_source: GradeSource, source: str, case: str, check: str, mistake: str
) -> None:
    report = grade_source(source)
    assert names(report, check)[case] == mistake
    assert MATCHES in verdict_of(report, case, check).text


def test_an_overwritten_method_is_told_in_reusing_the_object(grade_source: GradeSource) -> None:
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
    assert names(report, "inputs_unchanged")[UNCHANGED] == "LogitsShiftedInPlace"
    report = grade_source(solution(forward="A *= 1.5; A /= 1.25"))
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


def test_checks_with_one_cause_share_its_sentence_which_has_no_counts(bench: Bench) -> None:
    mistakes = {mistake.name: mistake for mistake in bench.mistakes()}
    graded = bench.grade([mistakes["SoftmaxOverSamples"]])
    told = [
        graded.told(one.case.name, check)
        for one in graded.evidence
        for check in ("forward", "backward")
        if one.failed(check)
    ]
    assert {diagnosis.cause for diagnosis in told} == {
        "The softmax runs over the samples of the batch instead of over the classes of each sample."
    }
    assert all(diagnosis.exact and diagnosis.mistake for diagnosis in told)


# What is not known.


def test_a_result_that_no_mistake_gives_is_not_said_to_match(grade_source: GradeSource) -> None:
    report = grade_source(solution(loss="loss * 1.37 + 0.01 * A.max()", gradient="gradient ** 3"))
    texts = [verdict.text for verdict in report.verdicts if not verdict.passed]
    assert len(texts) > 20
    assert not any(MATCHES in text for text in texts)
    assert not any(verdict.data for verdict in report.verdicts)


def test_one_matching_case_is_no_hint_if_the_others_speak_against_it(
    grade_source: GradeSource,
) -> None:
    # On equal logits the loss is that of a known mistake; everywhere else it is something else.
    wrong = "2 * loss if (A == A[0, 0]).all() else loss + 0.1 * len(A)"
    report = grade_source(solution(loss=wrong))
    assert MATCHES not in verdict_of(report, EQUAL, "forward").text


def test_a_case_that_goes_well_speaks_against_a_mistake_that_would_fail_it(
    grade_source: GradeSource,
) -> None:
    report = grade_source(solution(loss="loss if np.isin(Y, (0, 1)).all() else loss * len(A)"))
    assert MATCHES not in verdict_of(report, SOFT, "forward").text


def test_nan_alone_proves_no_mistake_and_one_mistake_has_one_name(
    grade_source: GradeSource,
) -> None:
    # Neither a softmax nor a mean. Logarithms of negative logits are NaN, as after dividing them by
    # their total; where they are finite, the numbers say what is wrong.
    report = grade_source(with_softmax("P = A", "-np.sum(Y * np.log(P))", "P - Y"))
    for check, other in (("forward", "LossNotDividedByN"), ("backward", "GradientNotDividedByN")):
        assert set(names(report, check).values()) == {
            "SoftmaxMissing",
            f"{other} and SoftmaxMissing",
        }
    texts = [verdict.text for verdict in report.verdicts]
    assert not any("the exponential is missing" in text for text in texts)


def test_numpys_first_warning_tells_one_nan_from_another(grade_source: GradeSource) -> None:
    # Both end in NaN on the extreme rows: exp overflows here, with a shift the logarithm is of 0.
    for softmax, mistake in (
        ("np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)", "SoftmaxNotShifted"),
        ("self.P", "LossOfVanishedProbability"),
    ):
        report = grade_source(solution(loss=f"-(Y * np.log({softmax})).sum() / len(A)"))
        assert names(report, "forward")[EXTREME] == mistake
        assert verdict_of(report, EXTREME, "backward").passed


@pytest.mark.parametrize(
    ("loss", "gradient", "case", "check", "words"),
    [
        ("loss * A.shape[1]", "gradient", ONE_HOT, "forward", "C times the expected one"),
        ("loss", "gradient * 3.5", ONE_HOT, "backward", "3.5 times the expected one"),
        ("loss", "gradient * 3.5", EXAMPLE, "backward", "3.5 times the expected one"),
        ("loss", "gradient * gradient.size", SOFT, "backward", "C * N times"),
        ("loss", "gradient + 0.25", ONE_HOT, "backward", "+0.25"),
        ("loss", "gradient * gradient.max()", SOFT, "backward", "the same factor"),
        (
            "loss",
            "gradient / self.P.sum(axis=0)",
            SOFT,
            "backward",
            "column is right up to a factor",
        ),
        (
            "loss",
            "np.where(np.arange(len(self.P)) == 1, 5.0, gradient.T).T",
            SOFT,
            "backward",
            "row",
        ),
        (
            "loss",
            "np.append(gradient[:-1], gradient[-1:] ** 2, 0)",
            SOFT,
            "backward",
            "the last row",
        ),
        ("loss", "np.where(self.Y, gradient, 0)", ONE_HOT, "backward", "0 wherever `Y` is 0"),
        (
            "loss",
            "np.where(self.Y, -1 / len(self.Y), gradient)",
            ONE_HOT,
            "backward",
            "wrong where `Y` is not 0, and right elsewhere",
        ),
        ("loss", "gradient + 0.3 * self.Y - 0.01", ONE_HOT, "backward", "depends on `Y` alone"),
        (
            "loss",
            "gradient * 0 + gradient.mean(axis=0) + self.P.max()",
            ONE_HOT,
            "backward",
            "Along axis 0 the same numbers",
        ),
        ("loss", "gradient if len(gradient) == 3 else np.zeros(1)", SOFT, "backward", "but zeros"),
        ("loss", "self.A - 0.1 * gradient", SOFT, "backward", "`A` plus -0.1 times"),
        ("loss", "gradient.T.reshape(gradient.shape)", SOFT, "backward", "at other places"),
        ("loss * len(A) / (len(A) + 1)", "gradient", SOFT, "forward", "N / (N + 1) times"),
        ("np.exp(-(Y * log_P).sum(1)).mean()", "gradient", EXAMPLE, "forward", "exponentials of"),
        ("abs", "gradient", SOFT, "forward", "call it, with round brackets"),
        ("loss", "gradient[:, ::-1]", SOFT, "backward", "another order along axis 1"),
        ("loss", "gradient.ravel()", SOFT, "backward", "arranged in another shape"),
        ("int(loss)", "gradient", SOFT, "forward", "whole numbers"),
        ("loss + 1e-4 * A.max()", "gradient", SOFT, "forward", "nearly right"),
        ("np.exp(loss)", "gradient", SOFT, "forward", "the exponential of"),
        ("loss", "gradient.clip(0)", SOFT, "backward", "the positive part of"),
        ("loss * len(A) / 100", "gradient", ONE_HOT, "forward", "N / 100 times the expected one"),
        ("loss", "gradient * len(self.P) / 7", ONE_HOT, "backward", "N / 7 times the expected one"),
        (
            "loss + 0.003 * (A ** 2).sum()",
            "gradient",
            SOFT,
            "forward",
            "0.003 times the sum of the sq",
        ),
        ("loss", "gradient + 0.02 * self.A", SOFT, "backward", "0.02 times the input `A`"),
        ("loss", "gradient.clip(-0.05, 0.05)", SOFT, "backward", "beyond 0.05 in size are cut off"),
        ("(loss, A[0, 0])", "gradient", SOFT, "forward", "the one at position 0 is right"),
        ("np.array(A.shape) * loss", "gradient", SOFT, "forward", "one number for each axis"),
        ("np.sin(log_P)", "gradient", SOFT, "forward", "shape of the input `A`: add up"),
        ("np.sin(log_P).sum(1)", "gradient", SOFT, "forward", "input `A` without axis 1"),
        ("loss", "np.sin(self.P).sum(0)", SOFT, "backward", "Axis 0 is gone"),
        ("loss", "self.P[:, :, None] * self.P[:, None]", SOFT, "backward", "a Jacobian"),
        ("Y @ log_P.T * 3", "gradient", SOFT, "forward", "square matrix, as long as axis 0"),
        (
            "loss if abs(A).max() < 500 else 1e306",
            "gradient",
            PLUS_1000,
            "forward",
            "np.nan_to_num",
        ),
        (
            "loss if A.shape[1] < 6 else loss + A[0, 0]",
            "gradient",
            ONE_HOT,
            "forward",
            "only on those with C > 5",
        ),
        ("loss if len(A) > 1 else loss + 3", "gradient", SINGLE, "forward", "with N = 1"),
        (
            "loss * 1.1 ** (len(A) - 1)",
            "gradient",
            ONE_HOT,
            "forward",
            "right only on those with N = 1",
        ),
        (
            "loss if np.isin(Y, (0, 1)).all() else loss ** 2",
            "gradient",
            SOFT,
            "forward",
            "only if `Y` holds other numbers than 0 and 1",
        ),
        (
            "loss if abs(A).max() < 500 else loss ** 2",
            "gradient",
            PLUS_1000,
            "forward",
            "only if `A` holds large numbers",
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


def test_zeros_are_one_mistake_wherever_they_are_and_the_example_shows_them(
    grade_source: GradeSource,
) -> None:
    square = "A.shape[0] == A.shape[1]"
    report = grade_source(solution(loss=f"loss / 2 if {square} else 0.0"))
    for case in (ONE_HOT, SOFT):
        text = verdict_of(report, case, "forward").text
        assert "but zeros" in text
        assert re.search(", got 0$", text, re.MULTILINE)
        assert "exactly 1" not in text  # targets, which gives 0 for soft ones


def test_a_result_that_nothing_explains_is_told_that_another_of_its_case_is_known(
    grade_source: GradeSource,
) -> None:
    mask = "-np.log(self.P[Y > 0]).mean()"
    report = grade_source(solution(loss=mask, gradient="(self.P - (self.Y > 0)) / len(self.Y)"))
    forward = verdict_of(report, SOFT, "forward")
    assert "backward fails here as well" in forward.text
    assert forward.cause == verdict_of(report, SOFT, "backward").cause


def test_numbers_that_are_nearly_right_are_not_said_to_be_1_times_the_right_ones(
    grade_source: GradeSource,
) -> None:
    report = grade_source(solution(gradient="np.round(gradient, 4)"))
    assert not any(" 1 times " in verdict.text for verdict in report.verdicts)


@pytest.mark.parametrize("case", [ONE_HOT, SOFT, SQUARE, EXAMPLE])
def test_sizes_that_coincide_are_called_what_they_are_in_other_cases(
    grade_source: GradeSource, case: str
) -> None:
    report = grade_source(solution(loss="loss * len(A) * 3", gradient="gradient * self.P.shape[1]"))
    assert "C times" in verdict_of(report, case, "backward").text
    assert "N times" not in verdict_of(report, case, "backward").text


def test_a_size_that_is_always_1_names_no_factor(
    grade_source: GradeSource, assignment: Assignment
) -> None:
    only = tuple(case for case in assignment.cases if case.name == SINGLE)
    report = grade_source(solution(loss="loss * 7", gradient="-gradient"), cases=only)
    text = verdict_of(report, SINGLE, "forward").text
    assert "7 times" in text
    assert "N" not in re.findall(r"is (.*) times", text)[0]


def test_what_nothing_explains_is_told_which_case_is_explained(grade_source: GradeSource) -> None:
    wrong = "loss * len(A) if abs(A).max() < 500 else loss / 2 + np.sin(loss)"
    report = grade_source(solution(loss=wrong))
    text = verdict_of(report, EXTREME, "forward").text
    assert "forward fails in 10.1 as well, and there it is known why" in text
    assert MATCHES not in text
    thing = things_to_fix([v for v in report.verdicts if v.visibility == "visible"])[0]
    assert {v.case for v in thing.verdicts if v.check == "forward"} >= {ONE_HOT, EXTREME}


def test_a_reason_that_is_known_of_fewer_cases_is_not_lent(grade_source: GradeSource) -> None:
    wrong = "np.log(0 * loss) if abs(A).max() > 500 else loss + np.sin(len(A) + A[0, 0])"
    text = verdict_of(grade_source(solution(loss=wrong)), ONE_HOT, "forward").text
    assert "as well" not in text


def test_soft_targets_are_shown_as_such(grade_source: GradeSource) -> None:
    report = grade_source(solution(forward="Y = np.eye(A.shape[1])[Y.argmax(axis=1)]"))
    assert not np.isin(pasted(verdict_of(report, SOFT, "forward").text)["Y"], (0, 1)).all()


def test_a_factor_between_two_numbers_that_are_not_0_proves_no_mistake(
    grade_source: GradeSource,
) -> None:
    two = "np.array([[0, 0, 0], [0, 0, 0], [-0.5, 0.5, 0]])"
    extreme = "abs(self.A).max() > 500 and len(self.A) == 3"
    wrong = f"{two} if {extreme} else gradient * len(self.A)"
    report = grade_source(solution(forward="self.A = A", gradient=wrong))
    assert not verdict_of(report, EXTREME, "backward").passed
    assert not names(report, "backward").get(EXTREME)


def test_a_circumstance_that_a_small_input_contradicts_is_not_told() -> None:
    def row(wrong: bool, *numbers: float) -> Row:
        problem = Problem(Kind.WRONG_VALUE) if wrong else None
        return Row(
            1, Batch({"A": np.array(numbers)}, {}), Observation(Outcome.VALUE), None, problem
        )

    batches = [*[row(False, n) for n in range(5)], row(True, -1.0), row(True, -2.0)]
    assert "holds negative numbers" in circumstance_of_inputs(batches, [row(True, -3.0)])
    assert circumstance_of_inputs(batches, [row(True, 3.0)]) == ""
    assert circumstance_of_inputs(batches, [row(False, -3.0)]) == ""


def test_fractions_are_told_if_most_of_what_has_them_is_wrong(grade_source: GradeSource) -> None:
    report = grade_source(solution(forward="A = A.astype(int)"))
    assert "fails only if `A` holds fractions" in verdict_of(report, ONE_HOT, "forward").text
    assert verdict_of(report, EQUAL, "forward").passed


# NaN and infinities.


@pytest.mark.parametrize(
    ("backward", "cause"),
    [
        ("gradient + np.exp(self.A).sum() * 0", "exp of more than 709"),
        ("gradient + np.log(0 * self.A)", "logarithm of 0"),
        ("gradient + np.log(-1 - self.A ** 2)", "logarithm of a negative number"),
        ("gradient + 0 * self.A / (0 * self.A)", "0 is divided by 0"),
    ],
)
def test_the_cause_of_nan_is_that_of_the_step_itself(
    grade_source: GradeSource, backward: str, cause: str
) -> None:
    # Forward overflows each time, which is none of the gradient's concern.
    source = solution(gradient=backward, forward="self.A = A; np.exp(A + 1000)")
    report = grade_source(source)
    for case in (EXTREME, PLUS_1000):  # numpy by itself would warn the first time only
        text = verdict_of(report, case, "backward").text
        assert cause in text
        assert cause.startswith("exp") or "exp of more than 709" not in text


def test_nan_that_comes_with_an_earlier_step_is_told_as_such(grade_source: GradeSource) -> None:
    softmax = "P = np.exp(A) + 0.1; P = P / P.sum(axis=1, keepdims=True)"
    text = verdict_of(grade_source(with_softmax(softmax)), PLUS_1000, "backward").text
    assert "exponential overflows" in text
    assert "earlier step" in text


def test_without_a_warning_the_range_of_the_inputs_is_told_as_it_is(
    grade_source: GradeSource,
) -> None:
    quiet = "np.seterr(all='ignore'); low = np.log(np.exp(np.minimum(A, 0)).sum())"
    report = grade_source(solution("loss + 0 * low", forward=quiet))
    text = verdict_of(report, MINUS_1000, "forward").text
    assert re.search(r"inputs go from -100\d.*exp of less than -745 is 0", text)


def test_wrong_numbers_beside_nan_are_marked_too(grade_source: GradeSource) -> None:
    text = verdict_of(grade_source(NOT_SHIFTED_NOT_DIVIDED), EXTREME, "backward").text
    assert re.search(r"\[nan\*\s+-1\*\s+0 \]", text)


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


@pytest.mark.parametrize(
    ("softmax", "gradient", "words"),
    [
        (STABLE, "3 * (P - Y)", "backward is right up to a factor and goes through step 1"),
        ("P = A ** 2", "P - Y", "backward is wrong as well. Both go through step 1"),
    ],
)
def test_a_wrong_gradient_tells_of_the_steps_that_it_shares(
    grade_source: GradeSource, softmax: str, gradient: str, words: str
) -> None:
    report = grade_source(with_softmax(softmax, "np.cos(P).sum()", gradient))
    assert words in verdict_of(report, EXAMPLE, "forward").text


def test_no_steps_are_shown_to_code_that_came_to_no_numbers(grade_source: GradeSource) -> None:
    source = solution().replace("def backward(self)", "def backward(self, dout)")
    report = grade_source(source)
    text = verdict_of(report, EXAMPLE, "backward").text
    assert report.notes == ()
    assert "dout" in text
    assert "Step by step" not in text
    assert "Your forward is right" not in text


# Other exercises.

LINEAR = """
import numpy as np

class Linear:
    def __init__(self, C_in, C_out):
        self.W, self.b = np.zeros((C_out, C_in)), np.zeros((C_out, 1))

    def forward(self, A):
        self.A = A
        return A @ self.W.T + self.b.T

    def backward(self, dLdZ):
        self.dLdW = dLdZ.T @ self.A
        self.dLdb = dLdZ.sum(axis=0)[:, np.newaxis]
        return dLdZ @ self.W
"""
LINEAR_SETTINGS = """
title: Linear layer
submission: linear.py
setup: layer = Linear(C_in, C_out)
program: |
  layer.W = W
  layer.b = b
  Z = layer.forward(A)
  dLdA = layer.backward(dLdZ)
  dLdW = layer.dLdW
  dLdb = layer.dLdb
"""
LINEAR_CASES = """
cases:
  - name: Random
    visibility: visible
    random: {seed: 1, batches: 6, N: 2..8, C_in: 2..5, C_out: 2..5}
    inputs:
      A: {normal: [N, C_in]}
      dLdZ: {normal: [N, C_out]}
      W: {normal: [C_out, C_in]}
      b: {normal: [C_out, 1]}
    points: {Z: 1, dLdA: 1, dLdW: 1, dLdb: 1}
"""
STEP = """
import numpy as np

class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, w, g):
        return w - self.lr * g

    def statistics(self, x):
        return x.mean(axis=0), x.std(axis=0, ddof=1)
"""
STEP_SETTINGS = """
title: A step
submission: step.py
setup: sgd = SGD(lr)
program: |
  moved = sgd.step(w, g)
  mean, std = sgd.statistics(x)
"""
STEP_CASES = """
cases:
  - name: Random
    visibility: visible
    random: {seed: 1, batches: 6, N: 3..8, D: 2..5}
    inputs:
      w: {normal: [D]}
      g: {normal: [D]}
      x: {normal: [N, D]}
      lr: {uniform: [], low: 0.01, high: 0.5}
    points: {moved: 1, mean: 1, std: 1}
"""

Texts = Callable[[str, str], dict[str, str]]


@pytest.fixture
def texts_of(tmp_path: Path, warm_sandbox: Sandbox) -> Callable[..., Texts]:
    """Grades an exercise's own reference with a text of it replaced; gives texts by check."""

    def prepare(file: str, source: str, settings: str, cases: str) -> Texts:
        folder = tmp_path / "assignment"
        for name, text in {
            f"reference/{file}": source,
            "testcases/assignment.yaml": settings,
            "testcases/10.yaml": cases,
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        suite = Suite(load_assignment(folder))

        def texts(old: str, new: str) -> dict[str, str]:
            assert source.count(old) == 1
            (tmp_path / file).write_text(source.replace(old, new), encoding="utf-8")
            report = grade(tmp_path / file, suite, warm_sandbox)
            return {v.check: v.text for v in report.verdicts if not v.passed}

        return texts

    return prepare


@pytest.mark.parametrize(
    ("old", "new", "check", "words"),
    [
        ("dLdZ.T @ self.A", "dLdZ.T @ self.A / len(dLdZ)", "dLdW", "1 / N times"),
        ("dLdZ.T @ self.A", "self.A.T @ dLdZ", "dLdW", "transpose"),
        ("dLdZ.sum(axis=0)[:, np.newaxis]", "dLdZ.sum(axis=0)", "dLdb", "axes of length 1"),
        ("dLdZ.sum(axis=0)[:, np.newaxis]", "dLdZ.T", "dLdb", "sum along axis 1"),
        (" + self.b.T", "", "Z", "input `b` is not added"),
        ("return dLdZ @ self.W", "return dLdZ", "dLdA", "input `dLdZ`"),
        (
            "self.dLdW = dLdZ.T @ self.A",
            "self.dLdW = dLdZ.T @ self.A / np.abs(dLdZ.T).sum(axis=1, keepdims=True)",
            "dLdW",
            "index along axis 0 is right up to a factor",
        ),
        (
            "self.dLdW = dLdZ.T @ self.A\n        self.dLdb =",
            "self.dLdb = dLdZ.T @ self.A\n        self.dLdW =",
            "dLdW",
            "what dLdb must be",
        ),
    ],
)
def test_patterns_hold_for_other_exercises_in_words_that_fit_them(
    texts_of: Callable[..., Texts], old: str, new: str, check: str, words: str
) -> None:
    found = texts_of("linear.py", LINEAR, LINEAR_SETTINGS, LINEAR_CASES)(old, new)
    assert words in found[check]
    hint = found[check].partition("The smallest input")[0]
    assert not re.search(r"\b(row|column|sample|batch of|one-hot|class)", hint)


@pytest.mark.parametrize(
    ("old", "new", "check", "words"),
    [
        ("w - self.lr * g", "w + self.lr * g", "moved", "has the wrong sign"),
        ("w - self.lr * g", "w - g", "moved", "1 / lr times"),
        ("w - self.lr * g", "w", "moved", "input `w`"),
        ("x.std(axis=0, ddof=1)", "x.std(axis=0)", "std", "sqrt((N - 1) / N) times"),
        ("x.std(axis=0, ddof=1)", "x.var(axis=0, ddof=1)", "std", "square of"),
        (
            "x.mean(axis=0), x.std(axis=0, ddof=1)",
            "x.std(axis=0, ddof=1), x.mean(axis=0)",
            "mean",
            "std",
        ),
        ("x.mean(axis=0)", "np.zeros(x.shape[1])", "mean", "zeros"),
    ],
)
def test_what_is_added_to_an_input_is_looked_at_by_itself(
    texts_of: Callable[..., Texts], old: str, new: str, check: str, words: str
) -> None:
    found = texts_of("step.py", STEP, STEP_SETTINGS, STEP_CASES)(old, new)
    assert words in found[check]


def test_what_is_kept_from_batch_to_batch_is_told(texts_of: Callable[..., Texts]) -> None:
    texts = texts_of("step.py", STEP, STEP_SETTINGS, STEP_CASES.replace("D: 2..5", "D: 3"))
    stale = "KEPT.append(w - self.lr * g) or KEPT[max(0, len(KEPT) - 2)]"
    text = texts(
        "    def step(self, w, g):\n        return w - self.lr * g",
        f"    kept = []\n    def step(self, w, g):\n        KEPT = self.kept\n        return {stale}",
    )
    assert "of the batch before" in text["moved"]
    text = texts(
        "    def step(self, w, g):\n        return w - self.lr * g",
        "    kept = []\n    def step(self, w, g):\n        self.kept.append(w - self.lr * g)\n"
        "        return sum(self.kept)",
    )
    assert "batches before are still in this one" in text["moved"]


OTHERS = """
import numpy as np

class Net:
    def __init__(self):
        self.m = 0

    def forward(self, x):
        self.x, self.y = x, np.tanh(x)
        return self.y

    def backward(self, dy):
        self.dx = dy * (1 - self.y**2)
        return self.dx * self.x

    def step(self, g):
        self.m = self.m + np.sqrt(g**2) / np.sqrt(g**2)

def leaky(x, slope):
    return np.where(x > 0, x, slope * x)

def label(x):
    return x.argmax()

def is_large(x):
    return bool(abs(x).max() > 0)

def total(x, k):
    return x.sum()
"""
OTHER_SETTINGS = """
title: Others
submission: others.py
setup: net = Net()
program: |
  y = net.forward(x)
  dw = net.backward(dy)
  dx = net.dx
  net.step(x)
  m = net.m
  l = leaky(x, slope)
  label_of_x = label(x)
  large = is_large(x)
  t = total(x, slope)
"""
OTHER_CASES = """
cases:
  - name: Fixed
    visibility: visible
    inputs: {x: [-1, -2, 4], dy: [1, 2, 3], slope: 0.1}
    points: {y: 1, dw: 1, dx: 1, m: 1, l: 1, label_of_x: 1, large: 1, t: 1}
"""


def test_what_may_be_chance_is_not_told(texts_of: Callable[..., Texts]) -> None:
    texts = texts_of("others.py", OTHERS, OTHER_SETTINGS, OTHER_CASES)
    assert "`slope`" not in texts("return x.sum()", "return x.sum() - k")["t"].partition("With")[0]
    label = texts("return x.argmax()", "return 0")["label_of_x"]
    assert label.startswith("label_of_x is wrong.\nWith the inputs:")
    assert label.endswith("expected 2, got 0")  # whole numbers are not nearly right
    large = texts("return bool(abs(x).max() > 0)", "return bool(abs(x).max() > 9)")["large"]
    assert large.startswith("large is wrong.\nWith the inputs:")
    assert large.endswith("expected True, got False")


def test_some_numbers_that_are_wrong_by_one_factor_are_no_change_of_an_input(
    texts_of: Callable[..., Texts],
) -> None:
    cases = OTHER_CASES.replace("[-1, -2, 4]", "[-1, -2, -4]")
    texts = texts_of(
        "others.py",
        OTHERS,
        OTHER_SETTINGS,
        cases.replace("x: [", "x: [3, ").replace("dy: [", "dy: [0, "),
    )
    text = texts("slope * x)", "0.03 * x)")["l"]
    assert "The numbers that are wrong are 0.3 times the expected ones." in text
    assert "What is added" not in text
    assert "What is added" not in texts("slope * x)", "0)")["l"]


def test_nan_of_a_step_without_a_result_is_told_with_what_comes_of_it(
    texts_of: Callable[..., Texts],
) -> None:
    texts = texts_of("others.py", OTHERS, OTHER_SETTINGS, OTHER_CASES)
    text = texts("np.sqrt(g**2) / np.sqrt(g**2)", "np.sqrt(g) / np.sqrt(g)")["m"]
    assert "square root of a negative number" in text
    assert "numpy warned: invalid value encountered in sqrt" in text


def test_of_wrong_results_the_one_that_is_computed_first_is_named(
    texts_of: Callable[..., Texts],
) -> None:
    texts = texts_of("others.py", OTHERS, OTHER_SETTINGS, OTHER_CASES)
    found = texts("np.tanh(x)", "np.tanh(x + 0.3 * x**2)")
    assert "y is wrong too" in found["dw"]
    assert "y is wrong too" in found["dx"]
    assert "wrong too" not in found["y"]
    found = texts("self.dx = dy * (1 - self.y**2)", "self.dx = dy * np.exp(dy - self.y**2)")
    assert set(found) == {"dw", "dx"}
    assert "wrong too" not in found["dw"] + found["dx"]  # both are computed by one call
    found = texts("return self.dx * self.x", "return self.dx * self.z")
    assert "wrong too" not in found["dw"]


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("self.m = self.m + ", "Net.total = getattr(Net, 'total', 0) + ", ""),
        (
            "        self.m = 0\n",
            "        self.m = Net.m\n        Net.m += 1\n    m = 0\n",
            "Net.m",
        ),
        ("        self.m = 0\n", "        M.append(1)\n        self.m = len(M) - 1\nM = []\n", "M"),
    ],
)
def test_state_that_outlives_the_object_is_told_unless_the_first_batch_fails(
    texts_of: Callable[..., Texts], old: str, new: str, kept: str
) -> None:
    cases = OTHER_CASES.replace("inputs: {x: [-1, -2, 4], dy: [1, 2, 3], slope: 0.1}", DRAWN)
    source = OTHERS.replace("np.sqrt(g**2) / np.sqrt(g**2)", "g")
    if new.endswith("M = []\n"):
        source, new = (
            source.replace("\nclass Net", "\nM = []\n\nclass Net"),
            new[: -len("M = []\n")],
        )
    text = texts_of("others.py", source, OTHER_SETTINGS, cases)(old, new)["m"]
    assert ("kept from batch to batch" in text) == bool(kept)
    assert f"`{kept}`" in text or not kept


DRAWN = """random: {seed: 1, batches: 4}
    inputs: {x: {normal: [3]}, dy: {normal: [3]}, slope: 0.1}"""


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("class A:\n    t = 0\n    def f(self):\n        self.t += 1\n", ""),
        ("class A:\n    m = []\n    def f(self):\n        self.m.append(1)\n", "A.m"),
        (
            "class A:\n    m = []\n    def f(self):\n        self.m = []\n        self.m[0] = 1\n",
            "",
        ),
        ("class A:\n    def f(self):\n        if A.t == 1:\n            pass\n", ""),
        ("class A:\n    def f(self):\n        A.t = 1\n", "A.t"),
        ("class A:\n    def f(self):\n        type(self).t += 1\n", "A.t"),
        ("T = {}\ndef f(x):\n    T[x] = 1\n", "T"),
        ("T = np.zeros(3)\ndef f(x):\n    return T[0] == x\n", ""),
        ("def f(x):\n    global t\n    t = x\n", "t"),
        ("# global t\nt = 1\n", ""),
    ],
)
def test_what_outlives_an_object_is_read_from_the_text(source: str, kept: str) -> None:
    assert outlives_objects({"a.py": source.encode()}) == kept


def test_of_files_that_were_handed_in_only_those_that_are_imported_count() -> None:
    texts = {"nn/a.py": "from .b import B", "nn/b.py": "import nn.pkg as p", "nn/old.py": "M = []"}
    sources = {path: text.encode() for path, text in {**texts, "nn/pkg/__init__.py": ""}.items()}
    assert sorted(imported(["nn/a.py"], sources)) == ["nn/a.py", "nn/b.py", "nn/pkg/__init__.py"]


def test_an_attribute_of_nearly_the_name_is_told(texts_of: Callable[..., Texts]) -> None:
    texts = texts_of("others.py", OTHERS, OTHER_SETTINGS, OTHER_CASES)
    text = texts("self.dx = dy * (1 - self.y**2)\n        return self.dx", DX)["dx"]
    assert "sets `self.d_X`" in text
    assert "call it dx" in text


DX = "self.d_X = dy * (1 - self.y**2)\n        return self.d_X"


def test_places_are_told_apart_from_numbers_of_them_and_not_from_two(
    texts_of: Callable[..., Texts],
) -> None:
    cases = OTHER_CASES.replace("[-1, -2, 4]", "[-1, -2, 4, 5, 6]")
    cases = cases.replace("[1, 2, 3]", "[1, 2, 3, 4, 5]")
    change = "y = np.tanh(x)\n        y[3:4] = 7"
    text = texts_of("others.py", OTHERS, OTHER_SETTINGS, cases)(Y, f"{change}\n        {Y2}")["y"]
    assert "wrong at 3 (of 0 to 4); what is special" in text
    change = "y = np.tanh(x)\n        y[-1:] = 7"
    two = OTHER_CASES.replace("[-1, -2, 4]", "[-1, -2]").replace("[1, 2, 3]", "[1, 2]")
    text = texts_of("others.py", OTHERS, OTHER_SETTINGS, two)(Y, f"{change}\n        {Y2}")["y"]
    assert "except" not in text


Y, Y2 = "self.x, self.y = x, np.tanh(x)", "self.x, self.y = x, y"


def test_what_is_printed_and_not_returned_is_not_called_unwritten(
    texts_of: Callable[..., Texts],
) -> None:
    texts = texts_of("others.py", OTHERS, OTHER_SETTINGS, OTHER_CASES)
    text = texts("return x.argmax()", "print(x.argmax())")["label_of_x"]
    assert "not implemented" not in text
    assert "`return` it" in text


# Small inputs.


def test_the_simplest_inputs_are_tried_first_and_the_others_only_if_none_fails(
    bench: Bench,
) -> None:
    mistakes = {mistake.name: mistake for mistake in bench.mistakes()}

    def counted(name: str) -> dict[str, int]:
        graded = bench.grade([mistakes[name]])
        tried = try_small(
            bench.suite, graded.evidence, run_with(bench, mistakes[name]), lambda: False
        )
        return {case: len(one.observed) for case, one in tried.items()}

    all_of_them = {case.name: len(bench.suite.small(case)) for case in bench.assignment.cases}
    assert counted("GradientNotDividedByN")[ONE_HOT] == 24 < all_of_them[ONE_HOT]
    assert counted("EpsilonOf1em6InTheLogarithm")[ONE_HOT] == all_of_them[ONE_HOT]  # none fails


def run_with(
    bench: Bench, solution: Solution | Any
) -> Callable[[Sequence[CaseRun]], list[tuple[BatchObservation, ...]]]:
    def run(runs: Sequence[CaseRun]) -> list[tuple[BatchObservation, ...]]:
        runner = bench.runner(solution)
        return [runner.observe(one, draw(one.inputs)) for one in runs]

    return run


def test_small_inputs_are_the_same_each_time_and_from_simple_to_larger(
    assignment: Assignment,
) -> None:
    case = next(case for case in assignment.cases if case.name == SOFT)
    small = [batches for _, batches in small_inputs(case)]
    again = [draw(inputs) for inputs, _ in small_inputs(case)]
    assert str(small) == str(again)
    sizes = [
        sum(array.size for one in batches for array in one.inputs.values()) for batches in small
    ]
    assert sizes == sorted(sizes)
    assert small[0][0].inputs["A"].shape == (2, 3)
    for (batch,) in small:
        assert batch.inputs["Y"].sum(axis=1) == pytest.approx(1)
        assert (batch.inputs["Y"] >= 0).all()


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
    assert "ran out of time" in text


def test_the_work_grows_with_the_cases_and_not_with_their_square(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0
    compare = traces.likeness

    def counting(*arguments: Any) -> traces.Likeness:
        nonlocal compared
        compared += 1
        return compare(*arguments)

    monkeypatch.setattr(matching, "likeness", counting)

    def count(cases: int) -> int:
        nonlocal compared
        folder = tmp_path / str(cases)
        copy_with_few_mistakes(folder)
        for path in (folder / "testcases").glob("*0_*.yaml"):
            path.unlink()
        settings = (repository / "testcases" / "assignment.yaml").read_text(encoding="utf-8")
        settings = re.sub(r"(?m)^points:.*\n", "", settings)
        (folder / "testcases" / "assignment.yaml").write_text(settings, encoding="utf-8")
        entry = (
            "  - name: Case {0}\n    random: {{seed: {0}, batches: 1, N: 2..4, C: 3}}\n"
            "    inputs: {{A: {{normal: [N, C]}}, Y: {{one_hot: [N, C]}}}}\n"
            "    points: {{forward: 1, backward: 1}}\n"
        )
        text = "visibility: visible\ncases:\n" + "".join(entry.format(n) for n in range(cases))
        (folder / "testcases" / "10.yaml").write_text(text, encoding="utf-8")
        bench = Bench(folder)
        wrong = {"CrossEntropyLoss": unknown(bench)}
        compared = 0
        graded = bench.grade([Solution(bench.mistakes()[0].modules, wrong)])
        assert len(graded.failed("forward")) == cases
        return compared

    assert count(24) <= 4 * count(6) * 1.5


def unknown(bench: Bench) -> type:
    """A solution that makes a mistake that is not known."""
    right: Any = bench.mistakes()[0].modules["loss.py"]

    class Wrong(right.CrossEntropyLoss):  # type: ignore[misc]
        def forward(self, A: Any, Y: Any) -> Any:
            return super().forward(A, Y) ** 2 + 1

        def backward(self) -> Any:
            return super().backward() ** 3

    return Wrong


# Hints and secrecy.


@pytest.mark.parametrize("where", ["assignment", "file", "case"])
def test_hints_can_be_turned_off(where: str, tmp_path: Path, warm_sandbox: Sandbox) -> None:
    folder = tmp_path / "assignment"
    copy_with_few_mistakes(folder)
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
    report = grade(wrong, Suite(load_assignment(folder)), warm_sandbox)
    assert MATCHES not in verdict_of(report, EXAMPLE, "backward").text
    assert (MATCHES in verdict_of(report, ONE_HOT, "backward").text) == (where != "assignment")


WRONG_IN_MANY_WAYS = {
    "not divided": NOT_DIVIDED,
    "two mistakes": with_softmax("P = np.exp(A - A.max()); P = P / P.sum()", gradient="P - Y"),
    "transposed, changing inputs": solution(
        loss="loss * len(A)", gradient="gradient.T", forward="A -= A.max(axis=1, keepdims=True)"
    ),
    "patterns": solution(loss="loss * 1.37", gradient="gradient + 0.25"),
    "right in hidden cases": solution(loss="loss * len(A) if A.dtype == float else loss"),
    "raising": solution(forward="assert len(A) < 3, 'too long'"),
}


def visible_texts(report: Report) -> list[tuple[str, str]]:
    return [(v.name, v.text) for v in report.verdicts if v.visibility == "visible"]


@pytest.mark.slow
@pytest.mark.parametrize("source", WRONG_IN_MANY_WAYS.values(), ids=WRONG_IN_MANY_WAYS)
def test_texts_of_visible_cases_are_the_same_without_hidden_ones_and_without_a_reference(
    source: str,
    known: Suite,
    shown: Suite,
    handed_out: Suite,
    tmp_path: Path,
    warm_sandbox: Sandbox,
) -> None:
    path = tmp_path / "loss.py"
    path.write_text(source, encoding="utf-8")
    everything = visible_texts(grade(path, known, warm_sandbox))
    assert visible_texts(grade(path, shown, warm_sandbox)) == everything
    assert handed_out.assignment.is_frozen
    assert visible_texts(grade(path, handed_out, warm_sandbox)) == everything


@pytest.fixture(scope="module")
def shown(repository: Path) -> Suite:
    """The visible cases alone."""
    return Suite(visible(load_assignment(repository)))


@pytest.fixture(scope="module")
def handed_out(shown: Suite, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Likewise, with stored answers in place of the reference."""
    handout = shown.assignment._replace(folder=tmp_path_factory.mktemp("handout"))
    handout.answers_path.parent.mkdir(parents=True)
    handout.answers_path.write_bytes(store(shown))
    return Suite(handout)


def test_numbers_at_the_ends_of_the_range_are_judged_and_described_without_a_fuss(
    grade_source: GradeSource, recwarn: pytest.WarningsRecorder
) -> None:
    for loss, gradient in (("-1.7e308", "gradient * 1e308"), ("1e-310", "gradient * 1e-310")):
        report = grade_source(solution(loss=loss, gradient=gradient))
        assert report.points < 20
        assert report.notes == ()
        assert verdict_of(report, EXAMPLE, "backward").text.startswith("backward is wrong")
    assert len(recwarn) == 0


def test_stored_answers_are_reproducible_and_belong_to_their_cases(
    tmp_path: Path, warm_sandbox: Sandbox
) -> None:
    copy_with_few_mistakes(tmp_path / "assignment")
    assignment = visible(load_assignment(tmp_path / "assignment"))
    answers = store(Suite(assignment))
    assert answers == store(Suite(assignment))
    case, other, *_ = assignment.cases
    changed = case._replace(inputs=other.inputs, expect={})
    handout = assignment._replace(folder=tmp_path, cases=(changed,))
    handout.answers_path.parent.mkdir(parents=True)
    handout.answers_path.write_bytes(answers)
    path = tmp_path / "loss.py"
    path.write_text(NOT_DIVIDED, encoding="utf-8")
    with pytest.raises(Exception, match=r"answers\.bin.*no answers for the case `Worked"):
        grade(path, Suite(handout), warm_sandbox)
    handout.answers_path.write_bytes(answers[: len(answers) // 2])
    with pytest.raises(Exception, match=r"answers\.bin.*cannot be read"):
        grade(path, Suite(handout), warm_sandbox)


def test_what_mistakes_do_is_worked_out_anew_once_the_files_have_changed(tmp_path: Path) -> None:
    copy_with_few_mistakes(tmp_path)
    before = Suite(load_assignment(tmp_path))
    before.assignment.answers_path.write_bytes(store_mistakes(before))
    mistakes = before.assignment.mistakes_path
    text = mistakes.read_text(encoding="utf-8")
    mistakes.write_text(text.replace("N times too large", "much too large"), encoding="utf-8")
    after = Suite(load_assignment(tmp_path))
    hints = [mistake.hint for mistake in after.mistakes]
    assert any("gradient is much too large" in hint for hint in hints)


def test_hints_that_are_turned_off_are_not_handed_out(shown: Suite, tmp_path: Path) -> None:
    assignment = shown.assignment
    off = assignment._replace(cases=tuple(c._replace(hints=False) for c in assignment.cases))
    handout = off._replace(folder=tmp_path)
    handout.answers_path.parent.mkdir(parents=True)
    handout.answers_path.write_bytes(store(Suite(off)))
    both = Suite(handout)
    assert both.mistakes == both.pairs == []
