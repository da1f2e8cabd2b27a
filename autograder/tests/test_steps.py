"""Which steps of a program can still be run, from how those before them went."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import Place
from autograder.steps import Failed, Import, Program, Progress, Step

PLACE = Place(Path("case.yaml"))


def step(
    assigns: str = "",
    uses: str = "",
    *,
    results: str = "",
    runs_code: bool = True,
    only_reads: bool = False,
) -> Step:
    return Step(
        f"{assigns} = {uses}",
        PLACE,
        uses=tuple(uses.split()),
        assigns=tuple(assigns.split()),
        results=tuple(results.split()),
        runs_code=runs_code,
        only_reads=only_reads,
    )


def read(assigns: str, uses: str) -> Step:
    return step(assigns, uses, runs_code=False, only_reads=True)


# What a program knows of itself.


def test_a_program_counts_steps_from_the_setup_on() -> None:
    setup, body = (step("m"),), (step("a b", "m", results="a b"), step("c", "m", results="c"))
    program = Program(setup=setup, body=body)
    assert program.steps == setup + body
    assert program.results == ("a", "b", "c")
    assert [program.step_of(name) for name in "abc"] == [1, 1, 2]
    with pytest.raises(KeyError):
        program.step_of("m")


def test_a_program_that_runs_its_setup_once_runs_the_same_lines() -> None:
    setup, body = (step("m"),), (step("a", "m"),)
    once = Program(setup=setup, body=body, setup_once=True)
    assert once.key == Program(setup=setup, body=body).key
    assert once.key != Program(body=setup + body).key


def test_an_import_binds_names_or_the_module() -> None:
    assert Import("from f import a as b, c", "f", (("a", "b"), ("c", "c"))).binds == ("b", "c")
    assert Import("import f as g", "f", (), "g").binds == ("g",)
    imports = (Import("", "f", (), "f", "f.py"), Import("", "os", (), "os"))
    assert Program((*imports, imports[0])).files == ("f.py",)


# Which steps are run.


def blocked(program: Program, progress: Progress) -> list[int]:
    return [n for n in range(len(program.steps)) if progress.blocker(n) is not None]


def test_a_step_is_blocked_by_the_one_that_should_have_assigned_its_name() -> None:
    program = Program(body=(step("a"), step("b", "a"), step("c")))
    progress = Progress(program)
    progress.failed(0, unwritten=False)
    assert progress.blocker(1) == Failed(0, unwritten=False)
    assert list(progress.runnable())[-1:] == [2]


def test_the_first_cause_is_named_through_skipped_steps() -> None:
    program = Program(body=(step("a"), step("b", "a"), step("c", "b")))
    progress = Progress(program)
    progress.failed(0, unwritten=True)
    assert [n for n in progress.runnable() if n] == []
    assert progress.blocked == dict.fromkeys((1, 2), Failed(0, unwritten=True))


def test_a_failed_setup_blocks_the_whole_program() -> None:
    program = Program(setup=(step("m"), step("n")), body=(step("a"), step("b", "n")))
    progress = Progress(program)
    progress.failed(0, unwritten=False)
    assert blocked(program, progress) == [2, 3]
    progress.ran(1)
    assert progress.blocker(2) == progress.blocker(3) == Failed(0, unwritten=False)


def test_a_result_that_is_none_blocks_what_uses_it() -> None:
    program = Program(body=(step("a"), step("b", "a"), step("c")))
    progress = Progress(program)
    progress.ran(0, nothing=("a",))
    assert progress.blocker(1) == Failed(0, unwritten=True)
    assert progress.blocker(2) is None


SGD = Program(
    setup=(step("model"), step("sgd", "model"), step("other")),
    body=(
        step("", "sgd"),
        read("W", "model"),
        step("out", "model"),
        step("alone", "other"),
    ),
)


def after_setup() -> Progress:
    progress = Progress(SGD)
    for number in range(3):
        progress.ran(number)
    return progress


def test_variables_that_were_used_together_are_spoilt_together() -> None:
    progress = after_setup()
    progress.failed(3, unwritten=False)  # sgd.step() may have left the model half done
    assert blocked(SGD, progress)[-3:] == [3, 4, 5]
    assert progress.blocker(6) is None


def test_what_is_not_implemented_yet_keeps_only_reads_from_being_run() -> None:
    progress = after_setup()
    progress.failed(3, unwritten=True)
    assert progress.blocker(4) == Failed(3, unwritten=True)
    assert progress.blocker(5) is None
    assert progress.blocker(6) is None


def test_a_read_that_failed_spoils_nothing_else() -> None:
    progress = after_setup()
    progress.failed(4, unwritten=False)
    assert progress.blocker(5) is None


def test_a_variable_that_is_bound_anew_is_no_longer_spoilt() -> None:
    program = Program(body=(step("m"), step("", "m"), step("m"), step("a", "m")))
    progress = Progress(program)
    progress.ran(0)
    progress.failed(1, unwritten=False)
    assert progress.blocker(3) == Failed(1, unwritten=False)
    assert progress.blocker(2) is None
    progress.ran(2)
    assert progress.blocker(3) is None


def test_the_next_batch_starts_from_what_the_setup_left() -> None:
    progress = after_setup()
    progress.failed(3, unwritten=False)
    fresh = progress.after_setup()
    assert blocked(SGD, fresh) == []
    fresh.failed(3, unwritten=False)
    assert fresh.blocker(4) == Failed(3, unwritten=False)  # still connected


def test_a_setup_that_failed_blocks_later_batches_too() -> None:
    progress = Progress(SGD)
    progress.failed(0, unwritten=False)
    assert progress.after_setup().blocker(6) == Failed(0, unwritten=False)
