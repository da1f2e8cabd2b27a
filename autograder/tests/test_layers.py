"""The engine in layers: each imports only from those before it, there is no circle, no long module."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ENGINE = Path(__file__).resolve().parents[1]
MOST_LINES = 250

# From the bottom to the top. A name is a module of the engine, or a package with all below it; the
# names of one layer may not import each other, unless they are the same.
LAYERS = (
    ("needs",),
    ("typed", "levels", "text", "files", "archive", "threads"),
    ("errors",),
    ("steps", "digest"),
    ("model",),
    ("formats",),
    ("sandbox",),
    ("judging",),
    ("explain",),
    ("hints",),
    ("grading",),
    ("pipeline",),
    ("reports",),
    ("gradescope", "handout"),
    ("authoring",),
    ("classroom",),
    ("commands",),
    ("cli",),
    ("__main__",),
)


@cache
def modules() -> dict[str, Path]:
    """Every module of the engine, by its dotted name below `autograder`."""
    found = {}
    for path in ENGINE.rglob("*.py"):
        parts = path.relative_to(ENGINE).with_suffix("").parts
        if not {"tests", "image", "template"} & set(parts):
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


@cache
def imports_of(path: Path) -> set[str]:
    """The modules of the engine that a module imports anywhere, dotted, below `autograder`."""
    known = modules()
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        below = [n.removeprefix("autograder").lstrip(".") for n in names if is_ours(n)]
        known_names = [name for name in below if name in known and name]
        imported.update(known_names[-1:] if len(known_names) > 1 else known_names)
    return imported


def is_ours(name: str) -> bool:
    return name == "autograder" or name.startswith("autograder.")


def layer_of(name: str) -> int:
    for number, layer in enumerate(LAYERS):
        if name.partition(".")[0] in layer:
            return number
    pytest.fail(f"{name} stands in no layer; give it one in LAYERS")


def test_arrows_point_down() -> None:
    up = []
    for name, path in modules().items():
        if not name:
            continue
        for imported in imports_of(path):
            here, there = layer_of(name), layer_of(imported)
            own = name.partition(".")[0] == imported.partition(".")[0]
            if there > here or (there == here and not own):
                up.append(f"{name} -> {imported}")
    assert not up


def test_there_is_no_circle() -> None:
    known = modules()
    graph = {name: imports_of(path) - {name} for name, path in known.items() if name}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            pytest.fail(" -> ".join((*way[way.index(name) :], name)))
        if name not in done:
            for other in sorted(graph.get(name, ())):
                visit(other, (*way, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_no_module_is_longer_than_one_reads_at_a_time() -> None:
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules().items()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_two_modules_have_the_same_name() -> None:
    names: dict[str, list[str]] = {}
    for name in modules():
        if not name.startswith("commands") and "." in name:
            names.setdefault(name.rpartition(".")[2], []).append(name)
    assert {name: found for name, found in names.items() if len(found) > 1} == {}
