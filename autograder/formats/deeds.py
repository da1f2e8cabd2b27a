"""What a statement of Python does, judged by its syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any


def defined(node: ast.stmt) -> str:
    """The name of the function or class that it merely defines, or nothing."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return node.name
    is_function = isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda)
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    return target.id if is_function and isinstance(target, ast.Name) else ""


def unpacks(node: ast.stmt) -> bool:
    """Whether all that it does is to unpack one value into names: `y, dx = f(x)`."""
    if not isinstance(node, ast.Assign) or len(node.targets) > 1 or len(_parts(node.value)) != 1:
        return False
    names = getattr(node.targets[0], "elts", ())
    return bool(names) and all(isinstance(name, ast.Name) for name in names)


def only_reads(node: ast.stmt) -> bool:
    """Whether it merely gives names to what can be read: `dW = layer.dW`, `W = m.layers[0].W`."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return False
    names = [name for target in targets(node) for name in _parts(target)]
    return all(isinstance(n, ast.Name) for n in names) and all(map(_reads, _parts(node.value)))


def is_quiet(node: ast.stmt) -> bool:
    """Whether it only reads and assigns, or defines a function: no call, arithmetic or loop."""
    if isinstance(node, ast.FunctionDef):
        return not node.decorator_list and not node.args.defaults and not node.args.kw_defaults
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass)):
        return False
    parts = [
        part for found in (*targets(node), getattr(node, "value", None)) for part in _parts(found)
    ]
    quiet = (ast.Lambda, ast.Constant)
    return all(isinstance(part, quiet) or _is_index(part) or _reads(part) for part in parts)


def targets(node: ast.stmt) -> Iterator[ast.expr]:
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
    return isinstance(node, (ast.Constant, ast.Name)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    )
