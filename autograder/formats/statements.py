"""What lines of Python say, without running them: what statements do, which names they use and bind.

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
from typing import Any, Final, NamedTuple

from autograder.errors import Fault, Place
from autograder.formats.nodes import Node
from autograder.formats.structure import INVALID, Kind, refuse, text
from autograder.steps import Import, Step

_REFUSED: Final = re.compile("^(?:Async|Global|Nonlocal|Del(?=ete))")  # kinds of statements
_LOADS: Final = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")


class Statement(NamedTuple):
    """A statement at the top level of some lines of Python."""

    step: Step  # as far as it is known without the lines before it
    loads: dict[str, Place]  # names that it takes from outside, in order of first use
    binds: dict[str, Place]
    own: tuple[str, ...]  # names that it may bind before it uses them
    defines: str  # the function, class or constant that it merely defines
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
        word = "".join(_REFUSED.findall(type(found).__name__)[:1]).lower()
        if isinstance(found, (ast.Import, ast.ImportFrom)):
            word = "import" if found not in lines.tree.body else ""
            word = "import *" if found.names[0].name == "*" else word
        if word:
            faults.append(Fault(lines.place(found), f"`{word}` cannot be used here; leave it out"))
    if len(faults) > before:
        return INVALID
    return tuple(_statement(found, lines) for found in lines.tree.body)


PYTHON: Final[Kind] = text(wanted="lines of Python")._replace(
    make=lambda node, faults: _read_block(node, faults) or refuse(node, PYTHON, faults)
)
PYTHON_OR_NONE: Final[Kind] = text(r"[\s\S]*", "lines of Python")._replace(make=_read_block)


class Lines:
    """Lines of Python as a tree. If they are not Python, a fault is noted and the tree is empty."""

    def __init__(self, content: str, place_of: Callable[..., Place], faults: list[Fault]) -> None:
        self._place_of = place_of  # of a line and a column, both from 1
        self._lines = [line.encode() for line in re.split("\r\n|\r|\n", content)]
        self.tree = ast.Module([], [])
        self.code: types.CodeType | None = None
        try:
            tree = _compiled(content, ast.PyCF_ONLY_AST)
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


def _compiled(source: str | ast.Module, flags: int = 0) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(source, "<lines>", "exec", flags, dont_inherit=True)


def _statement(node: ast.stmt, lines: Lines) -> Statement:
    first: Any = node
    if decorators := getattr(node, "decorator_list", None):
        first = ast.Pass(lineno=decorators[0].lineno, col_offset=0)
    nodes = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    nodes.sort(key=lambda n: (n.lineno, n.col_offset))
    taken, bound = (
        tuple(name for name in names if not name[:2] == name[-2:] == "__")
        for names in _names_in(_compiled(ast.Module([node], [])))
    )

    def place_of(name: str, *contexts: type) -> Place:
        found = [n for c in contexts for n in nodes if n.id == name and isinstance(n.ctx, c)]
        return lines.place(found[0] if found else first)

    in_order = dict.fromkeys(n.id for n in nodes)
    assigned = {id(name) for target in _targets(node) for name in ast.walk(target)}
    results = dict.fromkeys(n.id for n in nodes if id(n) in assigned and n.id in bound)
    walrus = tuple(n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
    source = lines.source(first, node)
    step = Step(
        source,
        lines.place(first),
        assigns=bound,
        results=tuple(name for name in results if name[0] != "_"),
        unpacks=_unpacks(node),
        only_reads=_only_reads(node),
    )
    return Statement(
        step,
        {n: place_of(n, ast.Load, ast.expr_context) for n in in_order if n in taken},
        {name: place_of(name, ast.Store) for name in bound},
        own=bound if hasattr(node, "body") or hasattr(node, "cases") else walrus,
        defines=_defined(node),
        is_quiet=_is_quiet(node),
        imports=tuple(imports_of(node, source)),
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


def imports_of(node: ast.stmt, source: str = "") -> Iterator[Import]:
    """The imports that a statement is; `source` is its text."""
    if isinstance(node, ast.Import):
        for one in node.names:
            ending = f" as {one.asname}" if one.asname else ""
            yield Import(f"import {one.name}{ending}", one.name, (), one.asname or one.name)
    elif isinstance(node, ast.ImportFrom):
        names = tuple((one.name, one.asname or one.name) for one in node.names)
        yield Import(" ".join(source.split()), "." * node.level + (node.module or ""), names)


# What a statement does, by its syntax. -----------------------------------------------------------


def _defined(node: ast.stmt) -> str:
    """The name of the function, class or constant that it merely defines, or nothing."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return node.name
    if not isinstance(node, ast.Assign) or len(node.targets) > 1:
        return ""
    is_one = isinstance(node.value, ast.Lambda) or _is_constant(node.value)
    return getattr(node.targets[0], "id", "") if is_one else ""


def _is_constant(node: Any) -> bool:
    """Whether it is a value that no code can change: `3`, `-1 / 2`, `(2, "same")`, `np.pi`."""
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and node.value.id == "np"
    parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    kinds = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp)
    return isinstance(node, kinds) and all(map(_is_constant, parts))


def _unpacks(node: ast.stmt) -> bool:
    """Whether all that it does is to unpack one value into names: `y, dx = f(x)`."""
    if not isinstance(node, ast.Assign) or len(node.targets) > 1 or len(_parts(node.value)) != 1:
        return False
    names = getattr(node.targets[0], "elts", ())
    return bool(names) and all(isinstance(name, ast.Name) for name in names)


def _only_reads(node: ast.stmt) -> bool:
    """Whether it merely gives names to what can be read: `dW = layer.dW`, `W = m.layers[0].W`."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return False
    names = [name for target in _targets(node) for name in _parts(target)]
    return all(isinstance(n, ast.Name) for n in names) and all(map(_reads, _parts(node.value)))


def _is_quiet(node: ast.stmt) -> bool:
    """Whether it only reads and assigns, or defines a function: no call, arithmetic or loop."""
    if isinstance(node, ast.FunctionDef):
        return not node.decorator_list and not node.args.defaults and not node.args.kw_defaults
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass)):
        return False
    values = (*_targets(node), getattr(node, "value", None))
    parts = [part for value in values for part in _parts(value)]
    return all(isinstance(part, ast.Lambda) or _is_index(part) or _reads(part) for part in parts)


def _targets(node: ast.stmt) -> Iterator[ast.expr]:
    """What it assigns to with `=`, also below a `for` or `with`."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assign):
            yield from inner.targets
        elif isinstance(inner, (ast.AnnAssign, ast.AugAssign)):
            yield inner.target


def _parts(node: Any) -> list[Any]:
    if isinstance(node, (ast.Tuple, ast.List)):
        return [part for item in node.elts for part in _parts(item)]
    return [] if node is None else [node]


def _reads(node: Any) -> bool:
    """A name, or attributes and items of it; `.copy()` of them is as good as they are."""
    if isinstance(node, ast.Call):
        is_copy = isinstance(node.func, ast.Attribute) and node.func.attr == "copy"
        return is_copy and not node.args and not node.keywords and _reads(node.func)
    if isinstance(node, ast.Subscript):
        return all(map(_is_index, _parts(node.slice))) and _reads(node.value)
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _reads(node.value))


def _is_index(node: Any) -> bool:
    if isinstance(node, ast.Slice):
        return all(map(_is_index, filter(None, (node.lower, node.upper, node.step))))
    return isinstance(node, ast.Name) or _is_constant(node)
