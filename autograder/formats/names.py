"""Names in a statement of Python: which it takes from outside, and which it binds."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any


class Names(ast.NodeVisitor):
    """Collects the names of the statements that it visits, with the node of the first of each."""

    def __init__(self) -> None:
        self.loads: dict[str, Any] = {}
        self.binds: dict[str, Any] = {}
        self.plain: dict[str, Any] = {}  # bound with `=`
        self.walrus: dict[str, Any] = {}
        self.defined = ""  # the function or class that the statement defines

    def visit_Name(self, node: ast.Name) -> None:  # noqa: N802
        names = self.loads if isinstance(node.ctx, ast.Load) else self.binds
        names.setdefault(node.id, node)

    def visit_Assign(self, node: ast.Assign) -> None:  # noqa: N802
        for target in node.targets:
            self._plain(target)
        if isinstance(node.value, ast.Lambda) and isinstance(node.targets[0], ast.Name):
            self.defined = node.targets[0].id
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        self.visit(node.annotation)
        if node.value is not None:
            self._plain(node.target)
            self.visit(node.target)
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802
        self._plain(node.target)
        if isinstance(node.target, ast.Name):
            self.loads.setdefault(node.target.id, node.target)
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:  # noqa: N802
        self.walrus.setdefault(node.target.id, node.target)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:  # noqa: N802
        self._bind(node.name, node)
        self.defined = self.defined or node.name
        self._function(node, [*node.decorator_list, *filter(None, [node.returns])], node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:  # noqa: N802
        self._function(node, [], [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802
        self._bind(node.name, node)
        self.defined = self.defined or node.name
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        self._inside(node.body, ())

    def visit_comprehension_of(self, node: Any) -> None:
        self.visit(node.generators[0].iter)  # outside, as Python has it
        inner = Names()
        for number, generator in enumerate(node.generators):
            parts = [generator.target, *generator.ifs] + [generator.iter] * (number > 0)
            for part in parts:
                inner.visit(part)
        for part in (getattr(node, name, None) for name in ("elt", "key", "value")):
            if part is not None:
                inner.visit(part)
        for name, found in inner.walrus.items():
            self._bind(name, inner.binds.pop(name, found))
            self.walrus.setdefault(name, found)
        self._take(inner, ())

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_comprehension_of

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:  # noqa: N802
        self._bind(node.name, node)
        self.generic_visit(node)

    def visit_MatchAs(self, node: Any) -> None:  # noqa: N802
        self._bind(node.name, node)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: Any) -> None:  # noqa: N802
        self._bind(node.rest, node)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:  # noqa: N802
        for one in node.names:
            bound = one.name.split(".")[0] if isinstance(node, ast.Import) else one.name
            self._bind(one.asname or bound, node)

    visit_ImportFrom = visit_Import

    def _bind(self, name: str | None, node: Any) -> None:
        if name:
            self.binds.setdefault(name, node)

    def _plain(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.plain.setdefault(target.id, target)
        for part in getattr(target, "elts", ()):
            self._plain(part.value if isinstance(part, ast.Starred) else part)

    def _function(self, node: Any, outside: list[Any], body: Iterable[ast.AST]) -> None:
        given, parameters = node.args, []
        for parameter in (
            *given.posonlyargs,
            *given.args,
            *given.kwonlyargs,
            *filter(None, (given.vararg, given.kwarg)),
        ):
            parameters.append(parameter.arg)
            outside += filter(None, [parameter.annotation])
        for part in (*outside, *given.defaults, *filter(None, given.kw_defaults)):
            self.visit(part)
        self._inside(body, parameters)

    def _inside(self, body: Iterable[ast.AST], bound: Iterable[str]) -> None:
        inner = Names()
        for part in body:
            inner.visit(part)
        self._take(inner, bound)

    def _take(self, inner: Names, bound: Iterable[str]) -> None:
        for name, node in inner.loads.items():
            if name not in inner.binds and name not in bound:
                self.loads.setdefault(name, node)


# What a statement does. --------------------------------------------------------------------------


def unpacked(node: ast.stmt) -> bool:
    """Whether all that it does is to unpack one value into names: `loss, dx = f(x)`."""
    if not isinstance(node, ast.Assign) or len(node.targets) > 1:
        return False
    names = getattr(node.targets[0], "elts", ())
    one_value = not isinstance(node.value, (ast.Tuple, ast.List))
    return bool(names) and one_value and all(isinstance(name, ast.Name) for name in names)


def only_reads(node: ast.stmt) -> bool:
    """Whether it merely gives names to what can be read: `dW = layer.dW`, `W = m.layers[0].W`."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [name for target in targets for name in _parts(target)]
    return all(isinstance(name, ast.Name) for name in names) and all(
        map(_reads, _parts(node.value))
    )


def is_quiet(node: ast.stmt) -> bool:
    """Whether it runs no code but that of attributes: it reads and assigns, or defines a function."""
    if isinstance(node, ast.FunctionDef):
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        return not node.decorator_list and all(map(_is_still, defaults))
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass)):
        return False
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    parts = [p for target in (*targets, getattr(node, "value", None)) for p in _parts(target)]
    return all(isinstance(part, ast.Lambda) or _is_still(part) for part in parts)


def _parts(node: Any) -> list[Any]:
    if isinstance(node, (ast.Tuple, ast.List)):
        return [part for item in node.elts for part in _parts(item)]
    return [] if node is None else [node]


def _is_still(node: Any) -> bool:
    return _is_constant(node) or _reads(node)


def _reads(node: Any) -> bool:
    """A name, or attributes and items of it; `.copy()` of them is as good as they are."""
    if isinstance(node, ast.Subscript):
        index = node.slice
        bounds = (index.lower, index.upper, index.step) if isinstance(index, ast.Slice) else [index]
        if not all(_is_constant(b) or isinstance(b, ast.Name) for b in _parts_of(bounds)):
            return False
    if isinstance(node, ast.Call):
        is_copy = isinstance(node.func, ast.Attribute) and node.func.attr == "copy"
        return is_copy and not node.args and not node.keywords and _reads(node.func)
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return _reads(node.value)
    return isinstance(node, ast.Name)


def _parts_of(nodes: Iterable[Any]) -> list[Any]:
    return [part for node in nodes for part in _parts(node)]


def _is_constant(node: Any) -> bool:
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    )
