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
from autograder.formats import deeds
from autograder.formats.structure import INVALID, Kind, text
from autograder.formats.yaml_tree import Node
from autograder.model import INPUTS_UNCHANGED, Property
from autograder.steps import Import

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

    text: str
    place: Place
    loads: dict[str, Place]  # names that it takes from outside, in order of first use
    binds: dict[str, Place]
    results: tuple[str, ...]  # of these, those assigned with `=`
    own: tuple[str, ...]  # names that it may bind before it uses them
    defines: str  # the function or class that it merely defines
    unpacks: bool
    is_quiet: bool  # it merely reads and assigns, and so runs no code
    only_reads: bool
    imports: tuple[Import, ...]  # as written; the files that they mean are not known here


class Block(NamedTuple):
    """The lines of a `setup` or `program`."""

    statements: tuple[Statement, ...]


def _read_block(node: Node, faults: list[Fault]) -> Any:
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
    return Block(tuple(_statement(found, lines) for found in lines.tree.body))


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


def read_properties(
    path: Path, faults: list[Fault]
) -> dict[str, tuple[Property, dict[str, Place]]] | None:
    """The properties in a file, by name, each with the places of its parameters; None: not known."""
    if not path.exists():
        return {}
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        faults.append(Fault(Place(path), "cannot be read as UTF-8 text"))
        return None
    known = len(faults)
    lines = Lines(content, lambda line, column: Place(path, line, column), faults)
    if len(faults) > known:
        return None
    properties: dict[str, tuple[Property, dict[str, Place]]] = {}
    for node in lines.tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name[0] == "_":
            continue
        given, place = node.args, lines.place(node)
        if node.name in (*properties, INPUTS_UNCHANGED):
            message = f"there is a check `{node.name}` already; rename this property"
            faults.append(Fault(place, message))
        if given.defaults or given.kwonlyargs or given.vararg or given.kwarg:
            message = f"the property `{node.name}` takes inputs, sizes and results by name alone"
            advice = "leave out defaults and `*`, or begin a helper's name with `_`"
            faults.append(Fault(place, f"{message}; {advice}"))
        places = {a.arg: lines.place(a) for a in (*given.posonlyargs, *given.args)}
        properties[node.name] = (Property(node.name, tuple(places), place), places)
    return properties


class Lines:
    """Lines of Python as a tree. If they are not Python, a fault is noted and the tree is empty."""

    def __init__(self, content: str, place_of: PlaceOf, faults: list[Fault]) -> None:
        self._place_of = place_of
        self._lines = [line.encode() for line in re.split("\r\n|\r|\n", content)]
        self.tree = ast.Module([], [])
        self.code: types.CodeType | None = None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(content)
                self.code = compile(tree, "<lines>", "exec", dont_inherit=True)
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


def _statement(node: ast.stmt, lines: Lines) -> Statement:
    first: Any = node
    if decorators := getattr(node, "decorator_list", None):
        first = ast.Pass(lineno=decorators[0].lineno, col_offset=0)
    source = lines.source(first, node)
    nodes = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    nodes.sort(key=lambda n: (n.lineno, n.col_offset))
    taken, bound = _names(node)
    assigned = {id(name) for target in deeds.targets(node) for name in ast.walk(target)}
    walrus = tuple(n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
    compound = hasattr(node, "body") or hasattr(node, "cases")
    loads = {**_first(nodes, taken, ast.expr_context), **_first(nodes, taken, ast.Load)}
    binds = {**dict.fromkeys(bound, first), **_first(nodes, bound, ast.Store)}
    return Statement(
        text=source,
        place=lines.place(first),
        loads={name: lines.place(found) for name, found in loads.items()},
        binds={name: lines.place(found) for name, found in binds.items()},
        results=tuple(dict.fromkeys(n.id for n in nodes if id(n) in assigned and n.id in bound)),
        own=bound if compound else walrus,
        defines=deeds.defined(node),
        unpacks=deeds.unpacks(node),
        is_quiet=deeds.is_quiet(node),
        only_reads=deeds.only_reads(node),
        imports=tuple(_imports(node, source)),
    )


def _names(node: ast.stmt) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that a statement takes from outside, and those that it binds."""
    code = compile(ast.Module([node], []), "<lines>", "exec", dont_inherit=True)
    loads, binds = _names_in(code, at_top=True)
    return tuple(n for n in loads if n[:2] != "__"), tuple(n for n in binds if n[:2] != "__")


def _names_in(code: types.CodeType, *, at_top: bool) -> tuple[list[str], list[str]]:
    loads: list[str] = []
    binds: list[str] = []
    local: set[str] = set()  # of a class
    for step in dis.get_instructions(code):
        if step.opname in _LOADS:
            loads.append(step.argval)
        elif step.opname == "STORE_GLOBAL" or (step.opname == "STORE_NAME" and at_top):
            binds.append(step.argval)
        elif step.opname == "STORE_NAME":
            local.add(step.argval)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            more_loads, more_binds = _names_in(inner, at_top=False)
            loads, binds = loads + more_loads, binds + more_binds
    return [name for name in loads if name not in local], list(dict.fromkeys(binds))


def _first(nodes: list[ast.Name], names: tuple[str, ...], context: type) -> dict[str, Any]:
    """The first node of each of the names."""
    fitting = [node for node in nodes if node.id in names and isinstance(node.ctx, context)]
    first: dict[str, Any] = {}
    for node in fitting:
        first.setdefault(node.id, node)
    return first


def _imports(node: ast.stmt, source: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for one in node.names:
            ending = f" as {one.asname}" if one.asname else ""
            yield Import(f"import {one.name}{ending}", one.name, (), one.asname or one.name)
    elif isinstance(node, ast.ImportFrom):
        names = tuple((one.name, one.asname or one.name) for one in node.names)
        yield Import(" ".join(source.split()), "." * node.level + (node.module or ""), names)
