"""Finds what a file uses that an older Python lacks: syntax, and names of the standard library.

Python's own `ast.parse(feature_version=...)` knows some of the syntax, but nothing of f-strings; so the
tree and the tokens are searched as well. Nothing is run.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Final, NamedTuple

from autograder.handout.f_strings import newer_f_strings

Version = tuple[int, int]


class Newer(NamedTuple):
    """Something at a line that only newer versions of Python have."""

    line: int
    needs: Version
    what: str
    instead: str = ""  # what to write in its place


def newer_than(version: Version, source: bytes) -> list[Newer]:
    """What the source uses that this version of Python lacks, in order, one thing a line.

    Empty if the Python that runs this cannot read the source either: then its error says so.
    """
    try:
        tree = parsed(source)
        strings = [Newer(line, (3, 12), *told) for line, told in newer_f_strings(source)]
        syntax = [item for item in (*_in_tree(tree), *strings) if item.needs > version]
        syntax = syntax or _by_the_parser(version, source)
        names = [item for item in _in_names(tree) if item.needs > version]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return list({item.line: item for item in sorted([*syntax, *names])}.values())


def parsed(source: bytes, version: Version | None = None) -> ast.Module:
    """The tree of a source; what the parser warns of is nothing that concerns the platform."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, feature_version=version)


def _by_the_parser(version: Version, source: bytes) -> list[Newer]:
    """The first thing that Python's own parser knows to be newer, whatever it is."""
    try:
        parsed(source, version)
    except SyntaxError as error:
        known = re.search(r"Python 3\.(\d+)", error.msg)
        needs = (3, int(known[1])) if known else (3, version[1] + 1)
        return [Newer(error.lineno or 1, needs, "this syntax")]
    return []


# The tree. ---------------------------------------------------------------------------------------

_BY_NODE: Final = {
    "Match": ((3, 10), "`match`", "Write `if` and `elif`."),
    "TryStar": ((3, 11), "`except*`", "Write `except`."),
    "TypeAlias": ((3, 12), "the statement `type X = ...`", "Write `X = ...`."),
    "TypeVar": ((3, 12), "a type parameter in brackets", "Use `typing.TypeVar`, or no types."),
    "TypeVarTuple": ((3, 12), "a type parameter in brackets", "Leave the types out."),
    "ParamSpec": ((3, 12), "a type parameter in brackets", "Leave the types out."),
    "TemplateStr": ((3, 14), "a t-string", "Write an f-string."),
}


def _in_tree(tree: ast.AST) -> Iterator[Newer]:
    for node in ast.walk(tree):
        kind = type(node).__name__
        if kind in _BY_NODE:
            needs, what, instead = _BY_NODE[kind]
            yield Newer(_line(node), needs, what, instead)
        elif isinstance(node, ast.Subscript) and _bare_star(node.slice):
            yield Newer(_line(node), (3, 11), "`*` inside brackets", "Write `[(*x,)]`.")
        elif isinstance(node, ast.arg) and isinstance(node.annotation, ast.Starred):
            yield Newer(_line(node), (3, 11), "`*` in a type", "Leave the type out.")
        elif isinstance(node, ast.ExceptHandler) and _bare_tuple(node.type):
            yield Newer(_line(node), (3, 14), "`except A, B:`", "Write `except (A, B):`.")


def _line(node: ast.AST) -> int:
    # Of `except*` the clause, not the `try` above it.
    handlers = node.handlers if type(node).__name__ == "TryStar" else []  # type: ignore[attr-defined]
    line: int = getattr(handlers[0] if handlers else node, "lineno", 1)
    return line


def _bare_tuple(node: ast.AST | None) -> bool:
    """Whether this is a tuple without parentheses: it begins where its first element does."""
    if not isinstance(node, ast.Tuple) or not node.elts:
        return False
    first = node.elts[0]
    return (node.lineno, node.col_offset) == (first.lineno, first.col_offset)


def _bare_star(node: ast.AST) -> bool:
    elements = node.elts if isinstance(node, ast.Tuple) else []
    return _bare_tuple(node) and any(isinstance(element, ast.Starred) for element in elements)


# Names of the standard library. ------------------------------------------------------------------

_NEW_NAMES: Final = {  # by the minor version
    11: """tomllib contextlib.chdir datetime.UTC enum.EnumType enum.StrEnum enum.member enum.nonmember
        enum.verify hashlib.file_digest math.cbrt math.exp2 operator.call sys.exception typing.Never
        typing.LiteralString typing.NotRequired typing.Required typing.Self typing.TypeVarTuple
        typing.Unpack typing.assert_never typing.assert_type typing.dataclass_transform
        typing.reveal_type""",
    12: """calendar.Day calendar.Month collections.abc.Buffer itertools.batched math.sumprod
        random.binomialvariate types.get_original_bases typing.TypeAliasType typing.override""",
    13: """copy.replace glob.translate math.fma re.PatternError statistics.kde statistics.kde_random
        typing.NoDefault typing.ReadOnly typing.TypeIs typing.get_protocol_members typing.is_protocol
        warnings.deprecated""",
    14: "annotationlib compression concurrent.interpreters string.templatelib",
}
_NEEDS: Final = {name: (3, minor) for minor, names in _NEW_NAMES.items() for name in names.split()}
_CHOICES: Final = ("version_info", "hasattr", "TYPE_CHECKING")  # in an `if`, they choose by version


def _in_names(tree: ast.Module) -> Iterator[Newer]:
    modules = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    for node in _unconditional(tree):
        for name in _names(node, modules):
            needs = _NEEDS.get(name)
            if needs:
                yield Newer(_line(node), needs, f"`{name}`")


def _names(node: ast.AST, modules: dict[str, str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [n for alias in node.names for n in (alias.name.partition(".")[0], alias.name)]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        return [node.module.partition(".")[0], *names]
    if isinstance(node, ast.Attribute):
        module = modules.get(ast.unparse(node.value)) if _is_dotted(node.value) else None
        return [f"{module}.{node.attr}"] if module else []
    return []


def _is_dotted(node: ast.AST) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _unconditional(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below this one, but for those that run only if the version has what they need."""
    yield node
    for child in ast.iter_child_nodes(node):
        chosen = isinstance(child, ast.If) and any(
            word in ast.unparse(child.test) for word in _CHOICES
        )
        if not chosen and not isinstance(child, ast.Try):
            yield from _unconditional(child)
