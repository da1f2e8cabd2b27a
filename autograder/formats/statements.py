"""What lines of Python say, without running them: statements, and the names that they use and bind.

The only user of `ast`. Every name keeps its place in the file in which the lines stand.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from autograder.errors import Fault, Place
from autograder.formats.names import Names, is_quiet, only_reads, unpacked
from autograder.formats.structure import INVALID, Kind, text
from autograder.formats.yaml_tree import Node
from autograder.model import Property
from autograder.steps import Import

_REFUSED: Final[dict[type[ast.AST], str]] = {
    ast.AsyncFunctionDef: "async",
    ast.AsyncFor: "async",
    ast.AsyncWith: "async",
    ast.Await: "await",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Delete: "del",
}
_OUTSIDE_FUNCTIONS: Final[dict[type[ast.AST], str]] = {
    ast.Return: "return",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
}

PlaceOf = Callable[[int, int], Place]  # of a line and a column, both from 1


class Statement(NamedTuple):
    """A statement at the top level of some lines of Python."""

    text: str
    place: Place
    loads: dict[str, Place]  # names that it takes from outside, in order of first use
    binds: dict[str, Place]
    results: tuple[str, ...]  # of these, those assigned with `=`
    own: frozenset[str]  # names that it may bind before it uses them
    defines: str  # the function or class that it merely defines
    unpacks: bool
    is_quiet: bool  # it merely reads and assigns, and so runs no code
    only_reads: bool
    imports: tuple[Import, ...]  # as written; which files they mean is not known here


class Block(NamedTuple):
    """The lines of a `setup` or `program`."""

    place: Place
    statements: tuple[Statement, ...]


def _read_block(node: Node, faults: list[Fault]) -> Any:
    if node.is_folded:
        message = "YAML joins these lines to one; write `|` and the lines below it"
        faults.append(Fault(node.place, message))
        return INVALID
    before = len(faults)
    lines = node.text.split("\n")
    for number, line in enumerate(lines, 1):
        indentation = line[: len(line) - len(line.lstrip())]
        if "\t" in indentation:
            place = node.place_of(number, indentation.index("\t") + 1)
            faults.append(Fault(place, "a tab in the indentation; indent with spaces"))
    if len(faults) > before:
        return INVALID
    tree = _parsed(node.text, node.place_of, faults)
    if tree is None:
        return INVALID
    place_of = _by_bytes(lines, node.place_of)
    for place, word in sorted(_refused(tree, place_of)):
        faults.append(Fault(place, f"`{word}` is not possible here; write it without"))
    if len(faults) == before:
        _parsed(node.text, node.place_of, faults, compiled=True)  # `break` outside of a loop
    statements = tuple(_statement(line, lines, place_of) for line in tree.body)
    return Block(node.place, statements) if len(faults) == before else INVALID


PYTHON: Final[Kind] = text(wanted="lines of Python")._replace(make=_read_block)


def defined_names(path: Path) -> frozenset[str] | None:
    """The names that a file of Python defines at its top level; None if that cannot be told."""
    try:
        tree = _parsed(path.read_text(encoding="utf-8"), lambda *_: Place(path), [])
    except (OSError, UnicodeDecodeError):
        return None
    if tree is None:
        return None
    names = Names()
    for statement in tree.body:
        names.visit(statement)
    return None if "*" in names.binds else frozenset(names.binds)


def read_properties(
    path: Path, faults: list[Fault]
) -> dict[str, tuple[Property, dict[str, Place]]]:
    """The properties in a file, by name, each with the places of its parameters."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        faults.append(Fault(Place(path), "cannot be read as UTF-8 text"))
        return {}
    tree = _parsed(content, lambda line, column: Place(path, line, column), faults, compiled=True)
    lines = re.split("\r\n|\r|\n", content)
    place_of = _by_bytes(lines, lambda line, column: Place(path, line, column))
    properties: dict[str, tuple[Property, dict[str, Place]]] = {}
    for node in tree.body if tree else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name[0] != "_":
            place, arguments = place_of(node), node.args
            if node.name in properties:
                message = f"there are two properties `{node.name}`; rename one"
                faults.append(Fault(place, message))
            others = [*arguments.kwonlyargs, *filter(None, (arguments.vararg, arguments.kwarg))]
            if isinstance(node, ast.AsyncFunctionDef) or others or arguments.defaults:
                message = (
                    f"the property `{node.name}` must be a plain function whose parameters are names "
                    "of inputs, sizes and results, without defaults and `*`; a helper's name starts with `_`"
                )
                faults.append(Fault(place, message))
            places = {a.arg: place_of(a) for a in (*arguments.posonlyargs, *arguments.args)}
            properties[node.name] = (Property(node.name, tuple(places), place), places)
    return properties


def _parsed(
    content: str, place_of: PlaceOf, faults: list[Fault], *, compiled: bool = False
) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
            if compiled:
                compile(tree, "<lines>", "exec", dont_inherit=True)
    except SyntaxError as error:
        place = place_of(error.lineno or 1, error.offset or 1)
        problem = re.sub(  # Python counts from the first of these lines
            r"\bon line (\d+)", lambda m: f"on line {place_of(int(m[1]), 1).line}", error.msg
        )
        faults.append(Fault(place, f"is not Python: {problem}"))
        return None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        faults.append(Fault(place_of(1, 1), f"cannot be read as Python: {error}"))
        return None
    return tree


def _by_bytes(lines: list[str], place_of: PlaceOf) -> Callable[[Any], Place]:
    """The place of a node, whose columns count bytes from 0."""

    def place(node: Any) -> Place:
        line = lines[node.lineno - 1].encode()[: node.col_offset].decode()
        return place_of(node.lineno, len(line) + 1)

    return place


def _refused(
    tree: ast.AST, place_of: Callable[[Any], Place], *, in_function: bool = False
) -> Iterator[tuple[Place, str]]:
    """What a program must not hold, with its place."""
    for node in ast.iter_child_nodes(tree):
        word = _REFUSED.get(type(node), "")
        if isinstance(node, ast.comprehension) and node.is_async:
            yield place_of(node.target), "async"
        if not in_function:
            word = word or _OUTSIDE_FUNCTIONS.get(type(node), "")
        if isinstance(node, (ast.Import, ast.ImportFrom)) and not isinstance(tree, ast.Module):
            word = "import"
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            word = "import *"
        if word:
            yield place_of(node), word
        inside = isinstance(node, (ast.FunctionDef, ast.Lambda))
        yield from _refused(node, place_of, in_function=in_function or inside)


def _statement(node: ast.stmt, lines: list[str], place_of: Callable[[Any], Place]) -> Statement:
    names = Names()
    names.visit(node)
    first: Any = (getattr(node, "decorator_list", None) or [node])[0]
    if first is not node:
        first = ast.Pass(lineno=first.lineno, col_offset=0)
    loads = sorted(names.loads.items(), key=lambda item: (item[1].lineno, item[1].col_offset))
    compound = hasattr(node, "body") or hasattr(node, "cases")
    return Statement(
        text=_source(lines, first, node),
        place=place_of(first),
        loads={name: place_of(found) for name, found in loads},
        binds={name: place_of(found) for name, found in names.binds.items()},
        results=tuple(names.plain),
        own=frozenset(names.binds if compound else names.walrus),
        defines=names.defined if is_quiet(node) or isinstance(node, ast.ClassDef) else "",
        unpacks=unpacked(node),
        is_quiet=is_quiet(node),
        only_reads=only_reads(node),
        imports=tuple(_imports(node, _source(lines, first, node))),
    )


def _source(lines: list[str], first: Any, node: Any) -> str:
    part = [line.encode() for line in lines[first.lineno - 1 : node.end_lineno]]
    part[-1] = part[-1][: node.end_col_offset]
    part[0] = part[0][first.col_offset :]
    return b"\n".join(part).decode()


def _imports(node: ast.stmt, source: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for one in node.names:
            ending = f" as {one.asname}" if one.asname else ""
            yield Import(f"import {one.name}{ending}", one.name, (), one.asname or one.name)
    elif isinstance(node, ast.ImportFrom):
        names = tuple((one.name, one.asname or one.name) for one in node.names)
        yield Import(" ".join(source.split()), "." * node.level + (node.module or ""), names)
