"""Versions of Python and numpy: the platform's, the student's, and what only newer ones can do."""

from __future__ import annotations

import json
import platform
import shutil
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from autograder.explain.advice import version_note
from autograder.formats.submission import Submission
from autograder.handout.newer_syntax import newer_than
from autograder.handout.platform_versions import (
    Versions,
    faults_on,
    outlook,
    pinned_versions,
    platform_versions,
    versions_text,
)
from autograder.tests.conftest import RunInProcess

HERE = sys.version_info[:2]
PLATFORM = Versions((3, 10), "2.2.6")

# The note for an error on the platform. ----------------------------------------------------------


@pytest.mark.parametrize(
    ("type_name", "message"),
    [
        ("SyntaxError", "invalid syntax"),
        ("SyntaxError", "f-string: unmatched '['"),
        ("ModuleNotFoundError", "No module named 'tomllib'"),
        ("ModuleNotFoundError", "No module named 'distutils'"),
        ("ModuleNotFoundError", "No module named 'numpy.strings'"),
        ("ModuleNotFoundError", "No module named 'concurrent.interpreters'"),
        ("ImportError", "cannot import name 'Self' from 'typing' (/usr/lib/python3.10/typing.py)"),
        ("ImportError", "cannot import name 'float_' from 'numpy' (/x/numpy/__init__.py)"),
        ("AttributeError", "module 'numpy' has no attribute 'product'"),
        (
            "AttributeError",
            "module 'numpy' has no attribute 'int'.\n`np.int` was a deprecated alias",
        ),
        ("AttributeError", "module 'numpy.random' has no attribute 'foo'"),
        ("AttributeError", "module 'math' has no attribute 'cbrt'"),
        ("AttributeError", "`np.float_` was removed in the NumPy 2.0 release. Use `np.float64`"),
        ("AttributeError", "`ptp` was removed from the ndarray class in NumPy 2.0. Use np.ptp"),
    ],
)
def test_an_error_that_may_come_of_versions_names_them(type_name: str, message: str) -> None:
    note = version_note(type_name, message)
    assert f"Python {platform.python_version()}" in note
    assert f"numpy {np.__version__}" in note
    assert "\n" not in note


@pytest.mark.parametrize(
    ("type_name", "message"),
    [
        ("IndentationError", "unexpected indent"),
        ("SyntaxError", "source code string cannot contain null bytes"),
        ("SyntaxError", "(unicode error) 'utf-8' codec can't decode byte 0xff"),
        ("ModuleNotFoundError", "No module named 'torch'"),
        ("ModuleNotFoundError", "No module named 'submission.tomllib'"),
        ("ModuleNotFoundError", "No module named 'msvcrt'"),  # of another system, at any version
        ("ImportError", "cannot import name 'softmax' from 'activation' (activation.py)"),
        ("ImportError", "cannot import name 'x' from partially initialized module 'loss'"),
        ("AttributeError", "module 'activation' has no attribute 'softmax'"),
        ("AttributeError", "'numpy.ndarray' object has no attribute 'product'"),
        ("AttributeError", "'CrossEntropyLoss' object has no attribute 'Y'"),
        ("ValueError", "module 'numpy' has no attribute 'product'"),
        ("MissingClass", ""),
    ],
)
def test_an_error_that_has_nothing_to_do_with_versions_does_not(
    type_name: str, message: str
) -> None:
    assert version_note(type_name, message) == ""


# What only newer Pythons have. -------------------------------------------------------------------

NEWER = [
    ((3, 11), "try:\n    pass\nexcept* ValueError:\n    pass", 3, "except*"),
    ((3, 11), "x = a[*b]", 1, "brackets"),
    ((3, 11), "def f(*args: *T):\n    pass", 1, "in a type"),
    ((3, 12), "\n\ntype V = list[float]", 3, "type X"),
    ((3, 12), "def f[T](x: T): pass", 1, "type parameter"),
    ((3, 12), "class A[*Ts]: pass", 1, "type parameter"),
    ((3, 12), 'f"{x["a"]}"', 1, "quotes"),
    ((3, 12), "f'{f'{x}'}'", 1, "quotes"),
    ((3, 12), 'f"{f""}"', 1, "quotes"),
    ((3, 12), 'f"{x:{d["width"]}}"', 1, "quotes"),
    ((3, 12), 'x = 1\nf"{chr(10)}{"\\\\n".join(x)}"', 2, "backslash"),
    ((3, 12), "f\"{'\\n'.join(x)}\"", 1, "backslash"),
    ((3, 12), "f\"{f'\\n'}\"", 1, "backslash"),
    ((3, 12), 'f"""{x + \\\n1}"""', 2, "backslash"),
    ((3, 12), 'f"""{x  # why\n}"""', 1, "comment"),
    ((3, 12), 'f"{\nx}"', 1, "line end"),
    ((3, 12), 'f"{1:{2:{3}}}"', 1, "braces"),
    ((3, 13), "class A[T = int]: pass", 1, "type parameter"),
    ((3, 14), "try:\n    pass\nexcept A, B:\n    pass", 3, "except A, B"),
    ((3, 14), 't"{x}"', 1, "t-string"),
    ((3, 11), "from typing import Any, Self", 1, "typing.Self"),
    ((3, 11), "import tomllib", 1, "tomllib"),
    ((3, 11), "import math as m\ny = m.cbrt(2)", 2, "math.cbrt"),
    ((3, 12), "from collections.abc import Buffer", 1, "Buffer"),
    ((3, 14), "import compression.zstd", 1, "compression"),
]


@pytest.mark.parametrize(("needs", "source", "line", "words"), NEWER)
def test_what_a_newer_python_has_is_found_at_its_line(
    needs: tuple[int, int], source: str, line: int, words: str
) -> None:
    if needs > HERE and "import" not in source:
        pytest.skip("this Python cannot read it either")
    found = newer_than((3, 10), source.encode())
    assert [(item.line, item.needs) for item in found] == [(line, min(needs, found[0].needs))]
    assert words in found[0].what
    assert newer_than((3, 14), source.encode()) == []


@pytest.mark.parametrize(
    "source",
    [
        "match x:\n    case [1, *y]:\n        pass",
        "with (open(a) as b, open(c) as d):\n    pass",
        "x = a[(*b,)]\nprint(*a, sep='')",
        "try:\n    pass\nexcept (A, B):\n    pass",
        "type = 1\nmatch = type",
        "f'{x!r:>{width}} {{}} \\n {x[\"a\"]}'",
        'f"""{d["a"]}{\n1}"""',
        "f\"{'#'}{f'{1}'}{ {1: 2}[1] }{(lambda: 1)()}{x[1:2]}\"",
        "f'{x:\\x20>5}'",
        "try:\n    import tomllib\nexcept ImportError:\n    tomllib = None",
        "import sys\nif sys.version_info >= (3, 11):\n    from typing import Self",
        "import numpy as np\nfrom .typing import Self\nnp.cbrt(2)\nself.cbrt(3)",
        "\ufeffx = 1\r\nf'{x}'\r\n",
        "x = '\x0c\u2028'\nf'{x}'",
        "x = '\\d' if 1 is 1 else 2",  # only warned of
    ],
)
def test_what_the_platform_can_read_is_left_alone(source: str) -> None:
    assert newer_than((3, 10), source.encode()) == []


def test_syntax_that_no_table_names_is_found_by_the_parser() -> None:
    (found,) = newer_than((3, 7), b"x = 1\nprint(x := 2)\n")
    assert (found.line, found.needs) == (2, (3, 8))


@pytest.mark.parametrize("source", [b"def", b"\0", b"\xff", b"(" * 500, b"# coding: odd\n", b""])
def test_what_nobody_can_read_is_left_to_the_report(source: bytes) -> None:
    assert newer_than((3, 10), source) == []


# A submission as a whole. ------------------------------------------------------------------------

FROM_3_10 = b"def f(x):\n    match x:\n        case 1:\n            return 2\n"
OLD = Versions((3, 9), "1.26.4")


def test_only_files_that_are_imported_are_looked_at() -> None:
    sources = {
        "nn/loss.py": b"from .softmax import softmax\nimport tools.shapes\n",
        "nn/softmax.py": b"from . import deep\n" + FROM_3_10,
        "nn/deep.py": FROM_3_10,
        "tools/__init__.py": FROM_3_10,
        "tools/shapes.py": b"x = 1\n",
        "scratch.py": FROM_3_10,
        "broken.py": b"def\n",
    }
    faults = faults_on(OLD, Submission({"nn/loss.py": "nn/loss.py"}, {}, sources))
    places = [fault.split(":")[0] for fault in faults]
    assert sorted(places) == [
        "nn/deep.py, line 2",
        "nn/softmax.py, line 3",
        "tools/__init__.py, line 2",
    ]
    assert all("needs Python 3.10" in fault for fault in faults)


def test_a_long_list_of_faults_is_cut() -> None:
    if HERE < (3, 11):
        pytest.skip("this Python has nothing newer")
    source = b"from typing import Self\n" * 30
    faults = faults_on(PLATFORM, Submission({"loss.py": "loss.py"}, {}, {"loss.py": source}))
    assert len(faults) == 11
    assert "20 more" in faults[-1]


def test_the_handout_knows_the_platform_and_else_the_pins_do(tmp_path: Path) -> None:
    assert platform_versions(tmp_path) == pinned_versions() == PLATFORM
    (tmp_path / "testcases").mkdir()
    told = tmp_path / "testcases" / "platform.json"
    told.write_text(versions_text(OLD), encoding="utf-8")
    assert platform_versions(tmp_path) == OLD
    for broken in ("", "[]", '{"python": 3.1, "numpy": 2}', '{"python": "3"}', "\0"):
        told.write_text(broken, encoding="utf-8")
        assert platform_versions(tmp_path) == pinned_versions()


def test_the_same_versions_are_not_worth_a_line(tmp_path: Path) -> None:
    import numpy as np

    (tmp_path / "testcases").mkdir()
    told = tmp_path / "testcases" / "platform.json"
    (tmp_path / "loss.py").write_bytes(FROM_3_10)
    told.write_text(versions_text(Versions(HERE, np.__version__)), encoding="utf-8")
    assert outlook(tmp_path / "loss.py", ("loss.py",), tmp_path) == ("", ())
    told.write_text(versions_text(Versions((3, 9), np.__version__)), encoding="utf-8")
    differs, faults = outlook(tmp_path / "loss.py", ("loss.py",), tmp_path)
    assert "Python 3.9" in differs
    assert f"Python {HERE[0]}.{HERE[1]}" in differs
    assert len(faults) == 1


def test_check_does_not_send_off_what_the_platform_cannot_read(
    run_in_process: RunInProcess, repository: Path, tmp_path: Path
) -> None:
    for part in ("testcases", "reference"):
        shutil.copytree(repository / part, tmp_path / part)
    told = {"python": "3.9", "numpy": "1.26.4"}
    (tmp_path / "testcases" / "platform.json").write_text(json.dumps(told), encoding="utf-8")
    right = (repository / "reference" / "loss.py").read_text(encoding="utf-8")
    newer = textwrap.dedent("""
        match 1:
            case 1:
                pass
    """)
    for source, status, words in (
        (right, 0, "hand in loss.py"),
        (right + newer, 1, "change what the platform's Python lacks"),
    ):
        (tmp_path / "loss.py").write_text(source, encoding="utf-8")
        done = run_in_process("check", cwd=tmp_path)
        assert (done.status, done.err) == (status, "")
        assert "every check passed" in done.out
        assert "Python 3.9 and numpy 1.26.4" in done.out
        assert words in done.out.splitlines()[-1]
    line = len((right + "\nmatch").splitlines())
    assert f"loss.py, line {line}: `match` needs Python 3.10." in done.out
