"""The summary of a report, and the terminal on which it comes first."""

from __future__ import annotations

import io
from typing import Any

import pytest

from autograder.explain.summary import summary_of, things_to_fix
from autograder.judging.verdicts import Report, Verdict
from autograder.reports.terminal import print_report

EXAMPLE = "\nWith the inputs:\n    A = np.array([[1.0, 2.0]])\n    expected 1, got 2"


def failed(number: str, check: str, text: str, lost: float = 1, **fields: Any) -> Verdict:
    return Verdict(f"Case {number}", check, number, "visible", (), 0, lost, False, text)._replace(
        **fields
    )


def passed(number: str, check: str) -> Verdict:
    return failed(number, check, "Correct.")._replace(passed=True, points=1)


def groups(verdicts: list[Verdict]) -> list[list[str]]:
    return [[f"{v.number} {v.check}" for v in thing.verdicts] for thing in things_to_fix(verdicts)]


def test_a_report_without_failures_has_no_summary() -> None:
    assert summary_of([passed("1.1", "forward")]) == ""


def test_one_mistake_in_several_checks_is_one_thing_whatever_the_counts() -> None:
    known = "wrong numbers in {} of 5 batches."
    verdicts = [
        failed("1.1", "forward", "forward raised ValueError: no. Look.", 2),
        failed("1.1", "backward", known.format(3), 4, cause="Not divided by N."),
        passed("1.2", "forward"),
        failed("1.2", "backward", known.format(5) + EXAMPLE, 4, cause="Not divided by N."),
    ]
    assert groups(verdicts) == [["1.1 backward", "1.2 backward"], ["1.1 forward"]]
    assert summary_of(verdicts).splitlines() == [
        "2 things to fix, 10 points:",
        "1. Not divided by N (2 checks, 8 points; see 1.2).",  # where there is an example
        "2. forward raised ValueError: no (2 points; see 1.1).",
    ]


def test_the_same_first_sentence_is_the_same_thing_without_its_counts() -> None:
    verdicts = [
        failed("1.1", "f", "f returned wrong numbers in 2 of 3 batches." + EXAMPLE),
        failed("1.2", "f", "f returned wrong numbers in 1 of 9 batches."),
        failed("1.3", "f", "f returned wrong numbers."),
        failed("1.4", "f", "f returned NaN."),
    ]
    assert [len(thing.verdicts) for thing in things_to_fix(verdicts)] == [3, 1]
    assert things_to_fix(verdicts)[0].sentence == "f returned wrong numbers"


def test_two_mistakes_at_once_are_no_third_one() -> None:
    verdicts = [
        failed("1.1", "f", "f is wrong." + EXAMPLE, cause="The sum is missing."),
        failed("1.2", "f", "f is wrong." + EXAMPLE, cause="The sign is wrong."),
        failed("1.3", "f", "f is wrong.", cause="The sum is missing. Besides: The sign is wrong."),
        failed("1.4", "f", "f is wrong.", cause="The sum is missing. Besides: N is too large."),
    ]
    assert groups(verdicts) == [["1.1 f", "1.3 f"], ["1.2 f"], ["1.4 f"]]


def test_one_failure_in_several_shapes_is_one_thing() -> None:
    verdicts = [
        failed("1.1", "f", "f has shape (1, 2), and shape (1,) was expected."),
        failed("1.2", "f", "f has shape (3, 2), and shape (3,) was expected."),
        failed("1.3", "f", "f has shape (3,), and a single number was expected."),
    ]
    assert groups(verdicts) == [["1.1 f", "1.2 f"], ["1.3 f"]]


def test_what_was_not_reached_belongs_to_what_it_waits_for() -> None:
    verdicts = [
        failed("1.1", "forward", "forward raised ValueError: no.\nloss.py, line 3:\n    raise"),
        failed("1.1", "backward", "Not reached: forward did not return."),
        failed("1.2", "forward", "forward returned wrong numbers." + EXAMPLE),
        failed("1.3", "inputs_unchanged", "Not reached: this check needs every call to return."),
    ]
    assert groups(verdicts) == [
        ["1.1 forward", "1.1 backward", "1.3 inputs_unchanged"],
        ["1.2 forward"],
    ]


def test_a_share_of_the_points_counts_as_far_as_it_is_lost() -> None:
    verdicts = [failed("1.1", "f", "f is wrong.", 10, points=8.75), failed("1.2", "g", "g is.", 2)]
    assert summary_of(verdicts).splitlines() == [
        "2 things to fix, 3.25 points:",
        "1. g is (2 points; see 1.2).",
        "2. f is wrong (1.25 points; see 1.1).",
    ]


def test_of_many_things_the_costly_ones_are_listed_and_the_rest_is_counted() -> None:
    verdicts = [failed(f"1.{n}", "f", f"Fault {n}.", n) for n in range(1, 21)]
    lines = summary_of(verdicts).splitlines()
    assert lines[0] == "20 things to fix, 210 points:"
    assert lines[1].startswith("1. Fault 20 ")
    assert lines[-1] == "and 12 more things (78 points)."


# On the terminal.


def on_terminal(verdicts: list[Verdict], notice: str = "") -> str:
    stream = io.StringIO()
    print_report(Report("Title", tuple(verdicts), notice, 0.0, {}), ["The end."], stream)
    return stream.getvalue()


def test_the_summary_comes_first_and_each_mistake_is_explained_once() -> None:
    text = "f returned wrong numbers.\nSomething to do about it." + EXAMPLE
    output = on_terminal([failed(f"1.{n}", "f", text) for n in range(1, 6)])
    assert output.index("1 thing to fix, 5 points:") < output.index("FAIL")
    assert output.count("Something to do about it.") == 1
    assert "This also costs f of 1.2, 1.3, 1.4, 1.5.\n" in output
    assert output.count("FAIL  ") == 5


def test_a_notice_is_not_repeated_for_the_checks() -> None:
    notice = "There is no loss.py here. Call your file loss.py."
    output = on_terminal([failed(f"1.{n}", "f", notice) for n in range(1, 4)], notice)
    assert output.count("Call your file") == 1


@pytest.mark.parametrize("width", [50, 72])
def test_prose_is_wrapped_and_what_is_to_be_pasted_never(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    code = f"    A = np.array([{', '.join(map(str, range(40)))}])"
    prose = "f returned wrong numbers, " + "and so on, " * 20 + "until the end."
    output = on_terminal([failed("1.1", "f", f"{prose}\nWith:\n{code}")], "A notice. " * 20)
    assert f"\n  {code}\n" in output
    lines = [line for line in output.splitlines() if "np.array" not in line]
    assert max(map(len, lines)) <= width
    words = " ".join(output.split())
    assert prose in words


def test_in_a_file_lines_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    text = "f returned wrong numbers, " + "and so on, " * 20 + "until the end."
    assert f"\n  {text}\n" in on_terminal([failed("1.1", "f", f"{text}\nMore.")])


def test_a_result_of_which_no_more_is_known_names_the_step_to_compare() -> None:
    steps = "Step by step:\n1. a:\nYour g is right, so look at step 2 (mean of a) first."
    told = failed("1.1", "f", f"f is wrong.\n{steps}", cause="f is wrong.")
    assert "; begin with step 2 (mean of a) (" in summary_of([told])
    other = told._replace(
        text="f is wrong.\nYour g is wrong as well, and its text says more: look."
    )
    assert "; begin with g (" in summary_of([other])
    known = told._replace(cause="f is twice what is expected.")
    assert "step 2" not in summary_of([known])
