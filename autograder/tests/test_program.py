"""Programs: what each step uses and assigns, who sees which names, and what is looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.digest import digest_of_suite
from autograder.errors import AssignmentError
from autograder.formats.assignment import load_assignment, read_assignment
from autograder.formats.draws import draw
from autograder.steps import Import, Program, Step

Write = Callable[..., Path]

REFERENCE = """\
import numpy as np
class Model: ...
class Linear: ...
def relu(x): ...
def softmax_loss(x, y): ...
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes an assignment from the texts of its files, and gives its folder."""

    def write_files(settings: str = "", **files: str) -> Path:
        for part in ("reference", "testcases"):
            (tmp_path / part).mkdir(exist_ok=True)
        if "submission" not in settings:
            settings = f"submission: f.py\n{settings}"
        (tmp_path / "testcases" / "assignment.yaml").write_text(
            f"title: T\n{settings}", encoding="utf-8"
        )
        (tmp_path / "reference" / "f.py").write_text(REFERENCE, encoding="utf-8")
        for name, content in files.items():
            folder, suffix = ("testcases", "yaml")
            if name == "properties":
                suffix = "py"
            (tmp_path / folder / f"{name}.{suffix}").write_text(content, encoding="utf-8")
        return tmp_path

    return write_files


def faults_of(folder: Path) -> list[str]:
    faults = AssignmentError(read_assignment(folder)[1]).faults
    return [f"{f.place.path.name}:{f.place.line}:{f.place.column} {f.message}" for f in faults]


CASE = """\
cases:
  - name: One
    random: {seed: 1, N: 2..3}
    inputs: {x: {normal: [N]}, y: {normal: [N]}, k: 3}
    points: {inputs_unchanged: 1}
"""
ALL_USED = "_ = (x, y, k)\n"


def program_of(write: Write, *lines: str, setup: str = "m = Model()") -> Program:
    """The program with these lines, beside one that uses all inputs."""
    block = "".join(f"  {line}\n" for line in "\n".join([*lines, ALL_USED]).splitlines())
    folder = write(f"setup: {setup}\nprogram: |\n{block}", c1=CASE)
    (case,) = load_assignment(folder).cases
    return case.program


def step_of(write: Write, *lines: str) -> Step:
    """The step of the last of these lines."""
    return program_of(write, *lines).body[-2]


# Steps.


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "out = m.f(y, x, y, N, 2)",
            {"given": ("y", "x", "N"), "uses": ("m",), "assigns": ("out",), "results": ("out",)},
            id="a call",
        ),
        pytest.param(
            "loss, dx = softmax_loss(x, y)",
            {"imported": ("softmax_loss",), "results": ("loss", "dx"), "unpacks": True},
            id="several results",
        ),
        pytest.param(
            "a, (b, *c) = m.f(x)",
            {"assigns": ("a", "b", "c"), "results": ("a", "b", "c"), "unpacks": False},
            id="nested targets",
        ),
        pytest.param("a = b = m.f(x)", {"results": ("a", "b"), "unpacks": False}, id="two targets"),
        pytest.param(
            "_, dx = m.f(x)", {"assigns": ("_", "dx"), "results": ("dx",)}, id="underscore"
        ),
        pytest.param("out: float = m.f(x)", {"results": ("out",)}, id="an annotation"),
        pytest.param("m.W = x", {"assigns": (), "runs_code": False}, id="an attribute is set"),
        pytest.param("m.W[0] = x * 2", {"assigns": (), "runs_code": True}, id="an item is set"),
        pytest.param("m.step()", {"assigns": (), "runs_code": True}, id="no result"),
        pytest.param(
            "for g, h in zip(x, y):\n    out = m.f(g, h)",
            {
                "given": ("x", "y"),
                "uses": ("m",),
                "assigns": ("g", "h", "out"),
                "results": ("out",),
            },
            id="a loop",
        ),
        pytest.param(
            "with np.errstate(all='ignore') as e:\n    out = m.f(x)",
            {"assigns": ("e", "out"), "results": ("out",)},
            id="with",
        ),
        pytest.param(
            "try:\n    out = m.f(x)\nexcept ValueError as error:\n    print(error)",
            {"results": ("out",)},
            id="try",
        ),
        pytest.param(
            "out = [(z := v) + w for v in x for w in y if w > k]",
            {"given": ("x", "y", "k"), "results": ("out",), "runs_code": False},
            id="a comprehension",
        ),
        pytest.param(
            "out = [x for x in x]",
            {"given": ("x",), "assigns": ("out",)},
            id="a variable of its own",
        ),
        pytest.param(
            "out = (t := m.f(x)) + t", {"assigns": ("t", "out"), "results": ("out",)}, id="a walrus"
        ),
        pytest.param("out = sum(map(relu, x))", {"imported": ("relu",), "uses": ()}, id="builtins"),
        pytest.param(
            "out = x + 1", {"uses": (), "imported": (), "runs_code": False}, id="none of theirs"
        ),
        pytest.param("dW = m.dW", {"only_reads": True, "runs_code": False}, id="a read"),
        pytest.param(
            "dW, db = m.layers[0].W, m.grads['b'][1:].copy()",
            {"only_reads": True, "runs_code": False, "results": ("dW", "db")},
            id="reads",
        ),
        pytest.param("dW = m.dW.T()", {"only_reads": False, "runs_code": True}, id="a method"),
        pytest.param("dW = -m.dW", {"only_reads": False, "runs_code": True}, id="arithmetic"),
        pytest.param(
            "dW = m.grads[m.f()]", {"only_reads": False, "runs_code": True}, id="an index"
        ),
    ],
)
def test_a_step_says_what_it_uses_and_assigns(
    write: Write, line: str, expected: dict[str, Any]
) -> None:
    step, expected = step_of(write, line), dict(expected)
    found = {field: getattr(step, field) for field in expected}
    assert set(found.pop("assigns", ())) == set(expected.pop("assigns", ()))
    assert found == expected


def test_a_variable_of_an_earlier_step_is_used_and_can_be_changed(write: Write) -> None:
    step = step_of(write, "total = 0", "total += m.f(x)")
    assert step.uses == ("total", "m")
    assert step.assigns == step.results == ("total",)


def test_a_name_that_is_bound_anew_from_itself_is_used(write: Write) -> None:
    for first in ("total = 0", "total = lambda: m"):
        step = step_of(write, first, "for one in x: total = one + total")
        assert step.uses == ("total",)


def test_a_constant_is_not_used_but_known(write: Write) -> None:
    assert step_of(write, "n = 3", "out = m.forward(n)").uses == ("m",)
    assert step_of(write, "n = [3]", "out = m.forward(n)").uses == ("m", "n")


def test_names_that_the_file_makes_as_it_runs_are_found_when_it_is_run(write: Write) -> None:
    folder = write("setup: from f import made\nprogram: out = made(x, y, k)\n", c1=CASE)
    assert "has no `made`" in faults_of(folder)[0]
    with (folder / "reference" / "f.py").open("a", encoding="utf-8") as file:
        file.write("globals()['made'] = relu\n")
    assert faults_of(folder) == []


def test_from_a_misnamed_file_nothing_follows(write: Write) -> None:
    settings = "submission: [ff.py]\nsetup: from f import relu\nprogram: out = relu(x, y, k)\n"
    (told,) = faults_of(write(settings, c1=CASE))
    assert told.startswith("assignment.yaml:2:13 there is no reference at ")
    assert told.endswith("did you mean `f.py`?")


def test_names_of_python_and_of_libraries_are_not_taken_from_the_file(write: Write) -> None:
    folder = write("program: out = filter(math.pi, x)\n", c1=CASE)
    reference = folder / "reference" / "f.py"
    reference.write_text("import math\ndef filter(*both): ...\n", encoding="utf-8")
    told = "\n".join(faults_of(folder))
    assert "`from f import filter`" in told
    assert "`import math`" in told


def test_a_function_is_used_with_all_that_it_uses(write: Write) -> None:
    program = program_of(write, "def f(v):\n    return relu(m.f(v, x))", "out = f(y)")
    definition, call, _ = program.body
    assert definition.uses == ()  # nothing is used yet, nor connected
    assert definition.results == ()
    assert not definition.runs_code
    assert call.uses == ("m",)
    assert set(call.given) == {"x", "y"}
    assert call.imported == ("relu",)
    assert call.runs_code


def test_the_text_of_a_step_is_what_the_file_says(write: Write) -> None:
    lines = "out = m.f(  # why\n    x,\n)  # because\n\n# nothing\na = 'é'; b = 2"
    program = program_of(write, lines)
    assert [step.text for step in program.body[:3]] == [
        "out = m.f(  # why\n    x,\n)",
        "a = 'é'",
        "b = 2",
    ]
    places = [(step.place.line, step.place.column) for step in program.body[:3]]
    assert places == [(5, 3), (10, 3), (10, 12)]


# Names of the submission.


def test_names_of_the_one_file_are_imported_as_they_are_used(write: Write) -> None:
    program = program_of(write, "out = relu(softmax_loss(x, relu(y)))")
    (found,) = program.imports
    assert found.text == "from f import Model, relu, softmax_loss"
    assert found == Import(
        found.text, "f", tuple((n, n) for n in ("Model", "relu", "softmax_loss")), "", "f.py"
    )
    assert program.files == ("f.py",)


def test_a_handout_without_the_reference_takes_unknown_names_from_the_file(write: Write) -> None:
    folder = write(f"program: |\n  out = anything(x)\n  {ALL_USED}", c1=CASE)
    assert "`anything` is neither" in faults_of(folder)[0]
    (folder / "reference" / "f.py").unlink()
    (folder / "testcases" / "answers.bin").touch()
    (case,) = load_assignment(folder).cases
    assert case.program.imports[0].text == "from f import anything"


SEVERAL = """\
submission: [sgd.py, nn/linear.py, nn/loss.py]
setup: |
  import math, sgd
  from collections import deque
  from nn import linear, loss as losses
  from nn.linear import Linear as L
  import nn.loss as nl
  import numpy as np
  model = L(math.pi, linear, losses, deque, sgd, nl)
program: |
  out = model(x)
  _ = (x, y, k)
"""


def test_imports_of_several_files_and_of_the_library(write: Write) -> None:
    folder = write(SEVERAL, c1=CASE)
    (fault,) = {message.split(" at ")[0] for message in faults_of(folder)}
    assert "there is no reference" in fault
    for name in ("sgd", "nn/linear", "nn/loss"):
        path = folder / "reference" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    program = load_assignment(folder).cases[0].program
    assert [(i.text, i.module, i.names, i.alias, i.file) for i in program.imports] == [
        ("import math", "math", (), "math", ""),
        ("import sgd", "sgd", (), "sgd", "sgd.py"),
        ("from collections import deque", "collections", (("deque", "deque"),), "", ""),
        ("from nn import linear", "nn.linear", (), "linear", "nn/linear.py"),
        ("from nn import loss as losses", "nn.loss", (), "losses", "nn/loss.py"),
        ("from nn.linear import Linear as L", "nn.linear", (("Linear", "L"),), "", "nn/linear.py"),
        ("import nn.loss as nl", "nn.loss", (), "nl", "nn/loss.py"),
    ]
    assert program.files == ("sgd.py", "nn/linear.py", "nn/loss.py")
    (step,) = program.setup
    assert step.imported == ("L", "math", "linear", "losses", "deque", "sgd", "nl")
    assert step.uses == ()


def test_with_several_files_a_name_is_imported_where_it_comes_from(write: Write) -> None:
    settings = "submission: [a.py, nn/b.py]\nprogram: |\n  out = relu(x)\n  _ = (x, y, k)\n"
    folder = write(settings, c1=CASE)
    (folder / "reference" / "f.py").unlink()
    told = [m for m in faults_of(folder) if "reference" not in m]
    assert told[0].startswith("assignment.yaml:4:9 `relu` is neither an input")
    assert "`from a import relu` or `from nn.b import relu` in `setup`" in told[0]


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ('program: "a = relu(x)\\nout = m(a)"\n', "3:30"),
        ("program: 'a = relu(x); out = m(a)'\n", "3:30"),
        ("program: a = relu(x); out = m(a)\n", "3:29"),
        ("program: |  # a comment\n\n    a = relu(x)\n    out = m(a)\n", "6:11"),
        ("program: |-\r\n   a = relu(x)\r\n   out = m(a)\r\n", "5:10"),
        ("program:\n  |\n  a = 'é'; out = m(relu(x))", "5:18"),
    ],
)
def test_a_name_has_its_place_however_the_lines_are_written(
    write: Write, written: str, place: str
) -> None:
    case = "cases:\n  - name: One\n    inputs: {x: 1}\n    points: {out: 1}\n"
    folder = write(written, c1=case)
    if "\r" in written:
        path = folder / "testcases" / "assignment.yaml"
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    (told,) = faults_of(folder)
    assert told.startswith(f"assignment.yaml:{place} `m` is neither")


# Inheritance, and what is looked at.


def test_each_setting_is_inherited_by_itself_and_replaced_whole(write: Write) -> None:
    settings = "setup: m = Model()\nprogram: out = m.f(x)\nvisibility: hidden\nhints: false\n"
    inherited = "    inputs: {x: 1}\n    points: {out: 1}\n"
    folder = write(
        settings + "tolerance: {rtol: 1, atol: 2}\n",
        a1=f"cases:\n  - name: A\n{inherited}",
        b2="setup: m = Linear()\nvisibility: visible\nrun_setup: once\ntolerance: {rtol: 3}\n"
        f"cases:\n  - name: B\n{inherited}  - name: C\n{inherited}"
        "    run_setup: each_batch\n    program: out = m.g(x)\n    hints: true\n"
        "    visibility: after_published\n    tolerance: {atol: 4}\n",
    )
    cases = load_assignment(folder).cases
    texts = [[step.text for step in case.program.steps] for case in cases]
    assert texts == [
        ["m = Model()", "out = m.f(x)"],
        ["m = Linear()", "out = m.f(x)"],
        ["m = Linear()", "out = m.g(x)"],
    ]
    assert [case.program.setup_once for case in cases] == [False, True, False]
    assert [case.visibility for case in cases] == ["hidden", "visible", "after_published"]
    assert [case.hints for case in cases] == [False, False, True]
    assert [tuple(case.tolerance) for case in cases] == [(1, 2), (3, 2), (3, 4)]


def test_equal_lines_are_equal_programs_each_with_its_places(write: Write) -> None:
    case = "  - name: {}\n    inputs: {{x: 1}}\n    points: {{out: 1}}\n    program: {}\n"
    first = case.format("A", "out = relu(x)  # the same")
    second = case.format("B", "|\n      out = relu(x)")
    one, other = load_assignment(write(c1=f"cases:\n{first}{second}")).cases
    assert one.program.key == other.program.key
    assert [str(c.program.body[0].place).rpartition("c1.yaml:")[2] for c in (one, other)] == [
        "5:14",
        "10:7",
    ]


OBSERVED = """\
program: |
  a = relu(x)
  b = relu(a)
  c = relu(b)
  d = relu(c)
cases:
  - {name: A, inputs: {x: 1}, points: {c: 1}}
  - {name: B, inputs: {x: 1}, points: {a: 1}, expect: {a: 1}}
  - {name: C, inputs: {x: 1}, points: {inputs_unchanged: 1}, run_setup: once}
  - {name: D, inputs: {x: 1}, points: {inputs_unchanged: 1}, observe: [d]}
  - {name: E, inputs: {x: 1}, points: {e: 1}, program: e = relu(x)}
"""


def test_results_are_looked_at_if_a_case_of_the_same_program_asks_for_them(write: Write) -> None:
    observed = {case.name: case.observed for case in load_assignment(write(c1=OBSERVED)).cases}
    assert observed == {
        "A": ("a", "c", "d"),
        "B": ("a", "c", "d"),
        "C": ("a", "c", "d"),
        "D": ("a", "c", "d"),
        "E": ("e",),
    }


def test_a_fault_of_a_shared_program_is_told_once(write: Write) -> None:
    case = "  - name: {}\n    inputs: {{x: 1}}\n    points: {{out: 1}}\n"
    cases = "".join(map(case.format, "ABC"))
    (told,) = faults_of(write("program: out = rely(x)\n", c1=f"cases:\n{cases}"))
    assert told.startswith("assignment.yaml:3:16 `rely` is neither")
    assert "did you mean `relu`?" in told


def test_a_case_without_a_program_is_at_fault(write: Write) -> None:
    (told,) = faults_of(write(c1="cases:\n  - name: One\n    points: {out: 1}\n"))
    assert told.startswith("c1.yaml:2:5 there is no `program`")
    assert "assignment.yaml" in told


def test_a_case_may_do_without_inputs(write: Write) -> None:
    folder = write("program: out = relu(2)\n", c1="cases:\n  - name: One\n    points: {out: 1}\n")
    (case,) = load_assignment(folder).cases
    assert draw(case.inputs)[0].inputs == {}


# The old form.


def test_the_lines_that_replace_the_old_form_can_be_pasted(write: Write) -> None:
    old = 'class: Model\nconstructor: {p: 0.5, W: [[1, 2]]}\ncalls: ["forward(x)", "backward(y, x)"]\n'
    folder = write(old, c1=CASE)
    faults = AssignmentError(read_assignment(folder)[1]).faults
    assert [fault.place.line for fault in faults] == [3, 4, 5]
    setup = {fault.message.split("`")[3] for fault in faults[:2]}
    assert setup == {"setup: f = Model(0.5, np.array([[1, 2]], dtype=float))"}
    lines = [*setup, *faults[2].lines, "  out = k"]
    assert str(faults[2]).splitlines()[1:] == [f"    {line}" for line in faults[2].lines]
    (case,) = load_assignment(write("\n".join(lines), c1=CASE)).cases
    assert case.program.results == ("forward", "backward", "out")


# Properties.

PROPERTIES = """\
import numpy as np

LIMIT = 3

def _helper(a, b=1, *c): ...

def keeps_the_mean(x, N, out):
    return None

def same_mask(out, again): ...
"""


def with_properties(write: Write, properties: str, points: str, lines: str = "") -> Path:
    block = f"program: |\n  out = relu(x)\n  again = relu(out)\n{lines}"
    case = CASE.replace("{inputs_unchanged: 1}", points).replace(", y: {normal: [N]}, k: 3", "")
    return write(block, c1=case, properties=properties)


def test_properties_have_points_and_what_they_ask_for_is_looked_at(write: Write) -> None:
    folder = with_properties(write, PROPERTIES, "{same_mask: 2}")
    assignment = load_assignment(folder)
    assert {n: p.parameters for n, p in assignment.properties.items()} == {
        "keeps_the_mean": ("x", "N", "out"),
        "same_mask": ("out", "again"),
    }
    place = assignment.properties["same_mask"].place
    assert (place.path.name, place.line, place.column) == ("properties.py", 10, 1)
    (case,) = assignment.cases
    assert case.points == {"same_mask": 2.0}
    assert case.observed == ("out", "again")
    assert not (folder / "testcases" / "__pycache__").exists()


@pytest.mark.parametrize(
    ("properties", "points", "lines", "expected"),
    [
        pytest.param(
            "def p(x, oud): ...\n", "{p: 1}", "", "properties.py:1:10 `oud` ... `out`?", id="a typo"
        ),
        pytest.param(
            "def again(x): ...\n",
            "{out: 1}",
            "",
            "properties.py:1:1 ... result `again`",
            id="a result too",
        ),
        pytest.param(
            "def p(x):\n  (\n", "{p: 1}", "", "properties.py:2:3 is not Python", id="syntax"
        ),
        pytest.param(
            "def p(x, N=1): ...\n", "{p: 1}", "", "1:1 ... `p` ... defaults", id="default"
        ),
        pytest.param("def p(*x): ...\n", "{p: 1}", "", "1:1 ... `p` ... `*`", id="star"),
        pytest.param(
            "def p(x, out): ...\n" * 2, "{p: 1}", "", "2:1 ... a check `p` already", id="twice"
        ),
        pytest.param(
            "def p(x, out): ...\n",
            "{p: 1}",
            "  out = 2\n",
            "assignment.yaml:6:3 `out` ... second time",
            id="a result assigned twice",
        ),
        pytest.param(
            "def p(x, out): ...\n",
            "{pp: 1}",
            "",
            "c1.yaml:5:14 ... `pp` ... did you mean `p`?",
            id="points for none",
        ),
    ],
)
def test_faults_of_properties_have_their_places(
    write: Write, properties: str, points: str, lines: str, expected: str
) -> None:
    (told,) = faults_of(with_properties(write, properties, points, lines))
    for word in expected.split(" ... "):
        for part in [word] if " `" not in word else word.split(" ", 1):
            assert part in told, told


# Values, and the digest.


def test_a_number_alone_keeps_its_kind_and_rows_are_float64(write: Write) -> None:
    inputs = "{a: 3, b: 0.5, c: true, d: [1, 2], e: [true, false], f: {values: 2, dtype: int8}}"
    case = f"cases:\n  - name: One\n    inputs: {inputs}\n    points: {{out: 1}}\n"
    folder = write("program: out = relu([a, b, c, d, e, f])\n", c1=case)
    (batch,) = draw(load_assignment(folder).cases[0].inputs)
    assert {name: (str(v.dtype), v.shape, v.tolist()) for name, v in batch.inputs.items()} == {
        "a": ("int64", (), 3),
        "b": ("float64", (), 0.5),
        "c": ("bool", (), True),
        "d": ("float64", (2,), [1.0, 2.0]),
        "e": ("bool", (2,), [True, False]),
        "f": ("int8", (), 2),
    }


@pytest.mark.parametrize(
    "path", ["testcases/c1.yaml", "testcases/properties.py", "reference/f.py", "reference/nn/g.py"]
)
def test_the_digest_covers_every_file_that_matters(write: Write, path: str) -> None:
    folder = with_properties(write, PROPERTIES, "{same_mask: 2}")
    (folder / "reference" / "nn").mkdir()
    (folder / "reference" / "nn" / "g.py").touch()
    before = digest_of_suite(folder)
    with (folder / path).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert digest_of_suite(folder) != before
