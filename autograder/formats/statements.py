"""What lines of Python say, without running them: statements, and the names that they use and bind.

Names come from the compiled code, so that scopes are as Python has them, and
each keeps its place in the file in which the lines stand.
"""

from __future__ import annotations

import ast
import dis
import re
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from autograder.errors import Fault, Place
from autograder.formats.deeds import defined, is_quiet, only_reads, targets, unpacks
from autograder.formats.structure import INVALID, Kind, text
from autograder.formats.yaml_tree import Node
from autograder.steps import Import, Step

_REFUSED: Final[dict[type[ast.AST], str]] = {
    ast.AsyncFunctionDef: "async",
    ast.AsyncFor: "async",
    ast.AsyncWith: "async",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Delete: "del",
}
_LOADS: Final = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")

PlaceOf = Callable[[int, int], Place]  # of a line and a column, both from 1


class Statement(NamedTuple):
    """A statement at the top level of some lines of Python."""

    step: Step  # as far as it is known without the lines before it
    loads: dict[str, Place]  # names that it takes from outside, in order of first use
    binds: dict[str, Place]
    own: tuple[str, ...]  # names that it may bind before it uses them
    defines: str  # the function or class that it merely defines
    is_quiet: bool  # it merely reads and assigns, and so runs no code
    imports: tuple[Import, ...]  # as written; the files that they mean are not known here


def _read_block(node: Node, faults: list[Fault]) -> Any:
    """The statements of a `setup` or `program`."""
    if node.is_folded:
        message = "YAML joins these lines to one; write `|` and the lines below it"
        faults.append(Fault(node.place, message))
        return INVALID
    before = len(faults)
    for number, line in enumerate(node.text.split("\n"), 1):
        if "\t" in (indentation := line[: len(line) - len(line.lstrip())]):
            place = node.place_of(number, indentation.index("\t") + 1)
            faults.append(Fault(place, "a tab in the indentation; indent with spaces"))
    if len(faults) > before:
        return INVALID
    lines = Lines(node.text, node.place_of, faults)
    for found in ast.walk(lines.tree):
        word = _REFUSED.get(type(found), "")
        if isinstance(found, (ast.Import, ast.ImportFrom)):
            word = "import" if found not in lines.tree.body else ""
            word = "import *" if found.names[0].name == "*" else word
        if word:
            faults.append(Fault(lines.place(found), f"`{word}` cannot be used here; leave it out"))
    if len(faults) > before:
        return INVALID
    return tuple(_statement(found, lines) for found in lines.tree.body)


PYTHON: Final[Kind] = text(wanted="lines of Python")._replace(make=_read_block)
PYTHON_OR_NONE: Final[Kind] = text(r"[\s\S]*", "lines of Python")._replace(make=_read_block)


def defined_names(path: Path) -> frozenset[str] | None:
    """The names that a file of Python defines at its top level; None if that cannot be told."""
    faults: list[Fault] = []
    try:
        lines = Lines(path.read_text(encoding="utf-8-sig"), lambda *_: Place(path), faults)
    except (OSError, UnicodeDecodeError):
        return None
    stars = [n for n in ast.walk(lines.tree) if isinstance(n, ast.alias) and n.name == "*"]
    steps = dis.get_instructions(lines.code) if lines.code else ()
    names = frozenset(step.argval for step in steps if step.opname == "STORE_NAME")
    return None if faults or stars or not names else names


class Lines:
    """Lines of Python as a tree. If they are not Python, a fault is noted and the tree is empty."""

    def __init__(self, content: str, place_of: PlaceOf, faults: list[Fault]) -> None:
        self._place_of = place_of
        self._lines = [line.encode() for line in re.split("\r\n|\r|\n", content)]
        self.tree = ast.Module([], [])
        self.code: types.CodeType | None = None
        try:
            tree = _quietly(ast.parse, content)
            self.code = _compiled(tree)
            self.tree = tree
        except SyntaxError as error:
            at = re.compile(r"\bon line (\d+)")  # Python counts from the first of these lines
            problem = at.sub(lambda m: f"on line {place_of(int(m[1]), 1).line}", error.msg)
            place = place_of(error.lineno or 1, error.offset or 1)
            faults.append(Fault(place, f"is not Python: {problem}"))
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            faults.append(Fault(place_of(1, 1), f"cannot be read as Python: {error}"))

    def place(self, node: Any) -> Place:
        """The place of a node, whose columns count bytes from 0."""
        before = self._lines[node.lineno - 1][: node.col_offset]
        return self._place_of(node.lineno, len(before.decode()) + 1)

    def source(self, first: Any, last: Any) -> str:
        """The text from the beginning of a node to the end of one."""
        part = self._lines[first.lineno - 1 : last.end_lineno]
        part[-1] = part[-1][: last.end_col_offset]
        part[0] = part[0][first.col_offset :]
        return b"\n".join(part).decode()


def _quietly(make: Callable[..., Any], *arguments: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(*arguments)


def _compiled(tree: ast.Module) -> types.CodeType:
    code: types.CodeType = _quietly(compile, tree, "<lines>", "exec", 0, True)
    return code


def _statement(node: ast.stmt, lines: Lines) -> Statement:
    first: Any = node
    if decorators := getattr(node, "decorator_list", None):
        first = ast.Pass(lineno=decorators[0].lineno, col_offset=0)
    nodes = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    nodes.sort(key=lambda n: (n.lineno, n.col_offset))
    taken, bound = (
        tuple(name for name in names if name[:2] != "__")
        for names in _names_in(_compiled(ast.Module([node], [])))
    )

    def place_of(name: str, *contexts: type) -> Place:
        found = [n for c in contexts for n in nodes if n.id == name and isinstance(n.ctx, c)]
        return lines.place(found[0] if found else first)

    in_order = dict.fromkeys(n.id for n in nodes)
    assigned = {id(name) for target in targets(node) for name in ast.walk(target)}
    results = dict.fromkeys(n.id for n in nodes if id(n) in assigned and n.id in bound)
    walrus = tuple(n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
    source = lines.source(first, node)
    step = Step(
        source,
        lines.place(first),
        assigns=bound,
        results=tuple(name for name in results if name[0] != "_"),
        unpacks=unpacks(node),
        only_reads=only_reads(node),
    )
    return Statement(
        step,
        {n: place_of(n, ast.Load, ast.expr_context) for n in in_order if n in taken},
        {name: place_of(name, ast.Store) for name in bound},
        own=bound if hasattr(node, "body") or hasattr(node, "cases") else walrus,
        defines=defined(node),
        is_quiet=is_quiet(node),
        imports=tuple(_imports(node, source)),
    )


def _names_in(code: types.CodeType, *, at_top: bool = True) -> tuple[list[str], list[str]]:
    """The names that code takes from outside, and those that it binds there."""
    steps = [(step.opname, step.argval) for step in dis.get_instructions(code)]
    loads = [name for word, name in steps if word in _LOADS]
    stores = ("STORE_GLOBAL", "STORE_NAME") if at_top else ("STORE_GLOBAL",)
    binds = [name for word, name in steps if word in stores]
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            more_loads, more_binds = _names_in(inner, at_top=False)
            loads, binds = loads + more_loads, binds + more_binds
    of_class = () if at_top else {name for word, name in steps if word == "STORE_NAME"}
    return [name for name in loads if name not in of_class], list(dict.fromkeys(binds))


def _imports(node: ast.stmt, source: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for one in node.names:
            ending = f" as {one.asname}" if one.asname else ""
            yield Import(f"import {one.name}{ending}", one.name, (), one.asname or one.name)
    elif isinstance(node, ast.ImportFrom):
        names = tuple((one.name, one.asname or one.name) for one in node.names)
        yield Import(" ".join(source.split()), "." * node.level + (node.module or ""), names)
