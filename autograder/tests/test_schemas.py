"""The JSON Schemas for editors: made from the structure, and of one mind with the reader."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from autograder.formats import keys
from autograder.formats.draws import DRAWS
from autograder.formats.nodes import Node
from autograder.formats.schemas import CASE_FILE, FOLDER, SETTINGS, schemas
from autograder.formats.structure import Kind, read
from autograder.formats.yaml_tree import read_yaml
from autograder.tests.conftest import REPOSITORY
from autograder.tests.test_faulty_yaml import Entry, by_title, entries_of, read_cases

BEYOND = "(beyond a schema)"
BETWEEN_VALUES = (
    "make all rows|list of length|above `high`|a number, found (a list|`)|expected a size|"
    "not Python|cannot be imported|second time"
)
STRUCTURES = {CASE_FILE: keys.CASE_FILE, SETTINGS: keys.ASSIGNMENT}
VALIDATORS = {name: Draft7Validator(json.loads(text)) for name, text in schemas().items()}
SHIPPED = sorted(
    path
    for folder in (REPOSITORY, *(REPOSITORY / "autograder" / "tests" / "assignments").iterdir())
    for path in (folder / "testcases").glob("*.yaml")
)


def schema_for(path: Path) -> str:
    return SETTINGS if path.name == "assignment.yaml" else CASE_FILE


def data_of(node: Node) -> Any:
    """What an editor sees: the values, without places."""
    value = node.value
    if isinstance(value, dict):
        return {key: data_of(entry.node) for key, entry in value.items()}
    return [data_of(item) for item in value] if isinstance(value, list) else value


def tree_of(text: str, folder: Path) -> tuple[Node | None, bool]:
    """The tree of a YAML text, and whether it is sound YAML."""
    path = folder / "text.yaml"
    path.write_text(text, encoding="utf-8")
    faults: list[Any] = []
    return read_yaml(path, faults), not faults


# The files.


@pytest.mark.parametrize("name", [CASE_FILE, SETTINGS])
def test_the_files_for_editors_are_those_that_follow_from_the_structure(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == schemas()[name], (
        "the structure has changed since; run `python -m autograder.formats.schemas`"
    )
    Draft7Validator.check_schema(json.loads(written))


def keys_of(schema: Any, way: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that a schema knows, at any depth, with its own schema."""
    if isinstance(schema, list):
        for item in schema:
            yield from keys_of(item, way)
    elif isinstance(schema, dict):
        properties = schema.get("properties", {})
        others = schema.get("additionalProperties")
        for key, below in [*properties.items(), *([("*", others)] if others else [])]:
            yield f"{way}.{key}", below
            yield from keys_of(below, f"{way}.{key}")
        for word in ("anyOf", "items"):
            yield from keys_of(schema.get(word), way)


@pytest.mark.parametrize("name", [CASE_FILE, SETTINGS])
def test_every_key_is_described(name: str) -> None:
    described = {
        key: schema.get("description", "") for key, schema in keys_of(VALIDATORS[name].schema)
    }
    assert len(described) > 10
    assert [key for key, description in described.items() if not description.endswith(".")] == []


def test_every_draw_is_completed_with_all_of_its_settings() -> None:
    (inputs,) = [
        schema for key, schema in keys_of(VALIDATORS[CASE_FILE].schema) if key == ".cases.inputs.*"
    ]
    forms = [set(form.get("properties", ())) for form in inputs["anyOf"]]
    for name, draw in DRAWS.items():
        assert {name, *draw.options, "shift", "dtype"} in forms


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_files_name_a_schema_that_accepts_them(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    line = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert line
    schema = (path.parent / line[1]).resolve()
    assert schema == FOLDER / schema_for(path)
    node, sound = tree_of(text, tmp_path)
    assert sound
    assert node is not None
    assert not list(VALIDATORS[schema.name].iter_errors(data_of(node)))


# One mind with the reader.


@pytest.mark.parametrize("entry", entries_of("none.txt"), ids=by_title)
def test_what_the_reader_accepts_the_schema_accepts(
    entry: Entry, tmp_path: Path, repository: Path
) -> None:
    folder = tmp_path / "testcases"
    folder.mkdir()
    settings_file = folder / "assignment.yaml"
    settings_file.write_bytes((repository / "testcases" / "assignment.yaml").read_bytes())
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "loss.py").write_text("", encoding="utf-8")
    assert read_cases(folder / "1_good.yaml", entry.text)
    node, _ = tree_of(entry.text, tmp_path)
    assert node is not None
    assert not list(VALIDATORS[CASE_FILE].iter_errors(data_of(node)))


@pytest.mark.parametrize(
    ("schema", "entry"),
    [
        pytest.param(schema, entry, id=f"{file}-{entry.title}")
        for schema, file in ((CASE_FILE, "case_files.txt"), (SETTINGS, "settings.txt"))
        for entry in entries_of(file)
    ],
)
def test_what_the_reader_refuses_the_schema_refuses_if_it_can(
    schema: str, entry: Entry, tmp_path: Path
) -> None:
    node, sound = tree_of(entry.text, tmp_path)
    if sound and node is not None:  # else editors tell of the YAML itself
        accepted = VALIDATORS[schema].is_valid(data_of(node))
        assert accepted == entry.title.endswith(BEYOND)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.floats(-2, 700),
    st.sampled_from([2.0, 0.0]),
    st.sampled_from(["", " ", "N", "1..64", "0..3", "1-4", "visible", "once", "loss.py", ".py"]),
    st.sampled_from(
        ["a/b.py", "forward(A, Y)", "f(", "N // 2", "basic", "uid+seccomp", "uid+", "int8"]
    ),
    st.just([]),
    st.just({}),
    st.just([[1, 2]]),
    st.just({"normal": ["N", 3], "scale": 2}),
    st.just({"labels": ["N - 1"], "of": "C"}),
    st.just({"values": [1], "dtype": "int8"}),
    st.just({"values": [[0, 2], [1, 0.5]], "dtype": "bool"}),
)
KEYS = st.sampled_from(
    [
        "name",
        "points",
        "seed",
        "normal",
        "shift",
        "values",
        "hints",
        "atol",
        "title",
        "program",
        "run_setup",
        "observe",
        "of",
        "N",
        "a b",
        "x",
    ]
)


def places_in(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    if isinstance(data, (dict, list)):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from places_in(value, (*way, key))


def spoil(data: Any, draw: Callable[..., Any]) -> Any:
    """The data with a value replaced, removed or added, somewhere."""
    data = copy.deepcopy(data)
    way = draw(st.sampled_from(list(places_in(data))))
    if not way:
        return draw(ODD)
    parent = data
    for step in way[:-1]:
        parent = parent[step]
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            parent[way[-1]] = draw(ODD)
        case "remove":
            del parent[way[-1]]
        case "add" if isinstance(parent, dict):
            parent[draw(KEYS)] = draw(ODD)
        case _:
            parent.append(draw(ODD))
    return data


@functools.cache
def good_documents(folder: Path) -> list[tuple[str, Any]]:
    texts = [(schema_for(path), path.read_text(encoding="utf-8")) for path in SHIPPED]
    texts += [(CASE_FILE, entry.text) for entry in entries_of("none.txt")]
    trees = [(schema, tree_of(text, folder)[0]) for schema, text in texts]
    return [(schema, data_of(node)) for schema, node in trees if node is not None]


def accepted_by_structure(structure: Kind, data: Any, folder: Path) -> tuple[bool, Any]:
    node, sound = tree_of(json.dumps(data), folder)  # JSON is YAML
    assert sound
    assert node is not None
    faults: list[Any] = []
    read(structure, node, faults)
    return not faults, faults


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_schema_and_structure_accept_and_refuse_the_same(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    name, document = data.draw(st.sampled_from(good_documents(folder)))
    spoilt = spoil(document, data.draw)
    ours, faults = accepted_by_structure(STRUCTURES[name], spoilt, folder)
    told = [fault.message for fault in faults]
    if any(re.search(BETWEEN_VALUES, message) for message in told):
        return  # which is beyond a schema
    assert VALIDATORS[name].is_valid(spoilt) == ours, (spoilt, told)
