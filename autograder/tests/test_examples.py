"""The examples of the texts, pasted into an interpreter beside the student's file, show what is said."""

from __future__ import annotations

import code
import contextlib
import io
import os
import re
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograder.judging.mistakes import load_mistakes
from autograder.judging.suite import Suite
from autograder.judging.verdicts import Report, Verdict
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.sandbox import Sandbox
from autograder.tests.exercises import NAMES, Course, Wrong, report_on, wrong_solutions

HEADING = re.compile(r"(.*The smallest input found that fails in this way|With the inputs.*):")
# Not to be pasted: inputs that are too large to be shown are described.
LARGE = re.compile(r"^(\w+: shape|# after batches)", re.MULTILINE)
WRONG = [wrong for name in NAMES for wrong in wrong_solutions(name) if wrong.fails]
# What one object leaves to the next is not in the lines of an example.
LEFT_BEHIND = {"BackwardOfTheFirstBatchOfAll"}


class Pasted(NamedTuple):
    """What came of lines that were pasted."""

    names: dict[str, Any]
    error: str  # the last line of what Python says of an exception
    printed: str


class Console(code.InteractiveConsole):
    """An interpreter that is typed into, and keeps what it says of exceptions."""

    def __init__(self) -> None:
        super().__init__({"__name__": "__console__"})
        self.said = ""

    def write(self, data: str) -> None:
        self.said += data


def paste(lines: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Pasted:
    """Type lines into an interpreter whose folder is that of the submission."""
    console, printed = Console(), io.StringIO()
    before = set(sys.modules)
    with monkeypatch.context() as context, contextlib.redirect_stdout(printed):
        context.syspath_prepend(str(folder))
        context.setattr(sys, "dont_write_bytecode", True)
        # A console says what was raised itself, unless a library has put in a hook of its own.
        context.setattr(sys, "excepthook", sys.__excepthook__)
        with warnings.catch_warnings(), np.errstate():
            warnings.simplefilter("ignore")
            for line in lines.split("\n"):
                console.push(line)
                if console.said:
                    break
    for name in set(sys.modules) - before:
        del sys.modules[name]
    last = [line for line in console.said.splitlines() if line and line[0] != " "][-1:]
    names: dict[str, Any] = dict(console.locals)
    return Pasted(names, "".join(last), printed.getvalue())


def example_of(text: str) -> str:
    """The lines to paste of a text; "" if there are none."""
    lines = iter(text.split("\n"))
    if not any(HEADING.fullmatch(line) for line in lines):
        return ""
    taken: list[str] = []
    for line in lines:
        if line and not line.startswith("    "):
            break
        taken.append(line)
        if line.startswith("    print("):
            break
    found = textwrap.dedent("\n".join(taken))
    return "" if LARGE.search(found) else found


def got_of(text: str) -> Iterator[tuple[tuple[int, ...], str]]:
    """The numbers that a text says were got, with where they are."""
    after = text.partition("    print(")[2].split("\n")[1:]
    for row, line in enumerate(after[1:] if after and "got (*" in after[0] else []):
        rows = re.findall(r"\[(.*?)\]", line)
        if len(rows) == 2 and line.startswith("    ["):
            for column, number in enumerate(rows[1].replace("*", " ").split()):
                yield (row, column), number
    for line in after:
        found = re.fullmatch(r"    (?:\[([\d, ]+)\]: )?expected \S+, got (\S+)", line)
        if found:
            yield tuple(map(int, filter(None, (found[1] or "").split(", ")))), found[2]


def looks_like(number: float, shown: str) -> bool:
    """Whether a number, printed with some digits, reads as it does in a text."""
    return any(f"{number:.{digits}g}" == shown for digits in (6, 9, 12, 17))


def contradictions(verdict: Verdict, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a text says and its own example does not show; None of it may be."""
    example, text = example_of(verdict.text), verdict.text
    if not example or "are right when they are run alone" in text:
        return []
    pasted = paste(example, folder, monkeypatch)
    name = re.search(r"^print\((\w+)\)$", example, re.MULTILINE)
    if name is None:
        raised = re.search(r" raised (\w+)(?:: (.*))?\.$", text.split("\n")[0])
        assert raised is not None, text
        told = pasted.error.partition(": ")
        same = told[0].rpartition(".")[2] == raised[1] and " ".join(told[2].split()) == (
            raised[2] or ""
        )
        return [] if same else [f"{pasted.error!r} for {text}"]
    if pasted.error:
        return [f"{pasted.error!r} for {text}"]
    value = np.asarray(pasted.names[name[1]])
    wrong = []
    shape = re.search(r" has shape (\(.*?\))[ ,]", text.split("\n")[0])
    if shape and str(value.shape) != shape[1]:
        wrong.append(f"shape {value.shape} for {text}")
    table = np.atleast_2d(value)
    for at, number in got_of(text):
        there = value if not at else table[at] if value.ndim < 2 and len(at) == 2 else value[at]
        if not looks_like(float(np.squeeze(there)), number):
            wrong.append(f"{there} at {at} for {text}")
    return wrong


def failed_texts(report: Report) -> dict[str, Verdict]:
    return {verdict.text: verdict for verdict in report.verdicts if not verdict.passed}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(w, id=f"{w.exercise}-{w.name}", marks=pytest.mark.slow if n % 6 else ())
        for n, w in enumerate(WRONG)
    ],
)
def test_the_examples_of_a_wrong_solution_show_what_is_said(
    wrong: Wrong, tmp_path: Path, warm_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_on(wrong, tmp_path, warm_sandbox)
    folder = tmp_path / "submission" if (tmp_path / "submission").is_dir() else tmp_path
    found = [
        one
        for verdict in failed_texts(report).values()
        for one in contradictions(verdict, folder, monkeypatch)
    ]
    assert found == []


# The mistakes of the assignment that is shipped.


@pytest.fixture(scope="module")
def mistakes(repository: Path, assignment: Assignment) -> list[str]:
    names = [mistake.name for mistake in load_mistakes(assignment)]
    return [name for name in names if name not in LEFT_BEHIND]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_the_examples_of_known_mistakes_show_what_is_said(
    part: int,
    mistakes: list[str],
    repository: Path,
    suite: Suite,
    tmp_path: Path,
    warm_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in mistakes[part :: len(mistakes) // 8]:
        folder = tmp_path / name
        folder.mkdir()
        reference = (repository / "reference" / "loss.py").read_text(encoding="utf-8")
        source = (repository / "reference" / "mistakes.py").read_text(encoding="utf-8")
        source = source.replace("from loss import CrossEntropyLoss", "")
        text = f"{reference}\n{source}\nCrossEntropyLoss = {name}\n"
        (folder / "loss.py").write_text(text, encoding="utf-8")
        report = grade(folder / "loss.py", suite, warm_sandbox)
        texts = failed_texts(report)
        assert texts
        found = [one for v in texts.values() for one in contradictions(v, folder, monkeypatch)]
        assert found == [], name


# What an example has to bring along.

INPUTS = """
    random: {seed: 3, batches: 3, N: 2..3}
    inputs: {x: {normal: [N]}, k: 2, yes: true, flags: [true, false]}
"""


class Shown(NamedTuple):
    """The text of a failed `out`, its example, and the folder of the file that it is about."""

    text: str
    example: str
    folder: Path


@pytest.fixture
def shown(
    tmp_path: Path, warm_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Shown]:
    """Runs a program on a wrong `f.py`; the example for `out` has to show what its text says."""

    def show(
        program: str, wrong: str, reference: str, inputs: str = INPUTS, settings: str = ""
    ) -> Shown:
        course = Course(tmp_path, warm_sandbox)
        lines = textwrap.indent(textwrap.dedent(program).strip("\n"), "  ")
        course.write(
            settings=f"title: T\nsubmission: f.py\n{settings}program: |\n{lines}\n",
            cases=f"cases:\n  - name: One{inputs}    points: {{out: 1}}\n",
            f=reference,
        )
        folder = course.hand_in(f=wrong)
        (verdict,) = course.grade_folder(folder).verdicts
        assert not verdict.passed
        example = example_of(verdict.text)
        assert example, verdict.text
        assert contradictions(verdict, folder, monkeypatch) == []
        return Shown(verdict.text, example, folder)

    return show


def test_sizes_and_inputs_are_there_as_the_program_sees_them(
    shown: Callable[..., Shown],
) -> None:
    right = "def f(*values): return len(values[0])"
    wrong = (
        "def f(x, N, k, yes, flags):\n"
        "    assert type(N) is int and type(k) is int and yes is True, 'a number'\n"
        "    assert flags.dtype == bool, 'an array'\n"
        "    return N + k + 1\n"
    )
    found = shown("out = f(x, N, k, yes, flags)", wrong, right)
    assert "is wrong" in found.text
    for line in ("k = 2", "yes = True", "flags = np.array([True, False])", "import numpy as np"):
        assert line in found.example.splitlines()


def test_an_input_that_was_changed_in_place_is_given_to_the_next_step_as_it_was(
    shown: Callable[..., Shown],
) -> None:
    program = "first = f(x)\nout = f(x)\n_ = (k, yes, flags)"
    found = shown(program, "def f(x):\n    x += 1\n    return x.sum()", "def f(x): return x.sum()")
    assert "x = x_as_given.copy()" in found.example


def test_an_input_that_a_later_step_changes_is_copied_too(shown: Callable[..., Shown]) -> None:
    student = "class C:\n    def step(self): self.W{} 1\n"
    program = """
        c.W = x
        c.step()
        out = (x * 2 + c.W).copy()
        _ = (k, yes, flags)
    """
    found = shown(
        program,
        student.format(" +=").replace(" 1", " 2"),
        student.format(" = self.W +"),
        settings="setup: c = C()\n",
    )
    assert "x_as_given" in found.example


@pytest.mark.parametrize(
    ("draw", "line"),
    [
        ("import numpy as np\ndef f(): return np.random.rand()", "np.random.seed("),
        ("import random\ndef f(): return random.random()", "random.seed("),
    ],
)
@pytest.mark.parametrize("run_setup", ["each_batch", "once"])
def test_the_generators_are_seeded_as_they_were(
    draw: str, line: str, run_setup: str, shown: Callable[..., Shown]
) -> None:
    wrong = draw.replace("return ", "return 0.5 + ") + "\ndef g(): return f() - 0.5"
    program = "_ = (x, k, yes, flags, start)\nout = f() + x.sum()"
    settings = f"setup: start = g()\nrun_setup: {run_setup}\n"
    found = shown(program, wrong, draw + "\ndef g(): return f()", settings=settings)
    assert line in found.example


def test_batches_after_one_setup_are_shown_with_those_before(shown: Callable[..., Shown]) -> None:
    student = (
        "class C:\n    n = 0\n    def add(self, x):\n        {}\n        return x.sum() + {}\n"
    )
    found = shown(
        "out = c.add(x)\n_ = (k, yes, flags)",
        student.format("self.n += 1", "(self.n > 1)"),
        student.format("pass", "0"),
        settings="setup: c = C()\nrun_setup: once\n",
    )
    assert found.example.count("c = C()") == 1
    assert found.example.count("out = c.add(x)") == 2


BLOCKS = """
    c = C()
    for one in x: c.add(one)
    if True:

        c.add(1)

        c.add(2)
    def helper(y):

        return y
    (c.
       add)(3)
    out = c.total
    _ = (k, yes, flags)
"""
ADDS = "class C:\n    total = 0\n    def add(self, x): self.total += {}\n"


def test_blocks_can_be_typed(shown: Callable[..., Shown]) -> None:
    shown(BLOCKS, ADDS.format("2 * x"), ADDS.format("x"))


def test_pythons_own_prompt_takes_an_example(shown: Callable[..., Shown]) -> None:
    found = shown(BLOCKS, ADDS.format("2 * x"), ADDS.format("x"))
    got = re.search(r"expected \S+, got (\S+)", found.text)
    assert got is not None
    done = subprocess.run(
        [sys.executable, "-i", "-q"],
        input=found.example + "\n",
        cwd=found.folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSTARTUP": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "Error" not in done.stderr
    assert looks_like(float(done.stdout), got[1])


def test_steps_that_failed_by_themselves_are_left_out(shown: Callable[..., Shown]) -> None:
    program = "first = f(0)\nout = f(x)\n_ = (k, yes, flags)"
    wrong = "def f(x):\n    if type(x) is int: raise ValueError('first')\n    return 1 + x.sum()"
    found = shown(program, wrong, "def f(x): return x.sum() if type(x) is not int else 0")
    assert "first = f(0)" not in found.example


def test_what_a_step_raises_is_what_its_example_raises(shown: Callable[..., Shown]) -> None:
    wrong = "def f(x):\n    return x.reshape(7, 7)"
    found = shown("out = f(x)\n_ = (k, yes, flags)", wrong, "def f(x): return x.sum()")
    assert "raised ValueError" in found.text
    assert found.example.rstrip().endswith("out = f(x)")


def test_an_example_imports_no_name_that_the_file_lacks(shown: Callable[..., Shown]) -> None:
    right = "def f(x): return x.sum()\ndef g(x): return 0"
    found = shown("first = g(x)\nout = f(x)\n_ = (k, yes, flags)", "def f(x): return 1", right)
    assert "from f import f" in found.example.splitlines()
