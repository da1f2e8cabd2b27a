"""JSON Schemas of the YAML files, made from the structure by which they are read.

Editors take them from `autograder/schemas/`; `python -m autograder.formats.schemas` writes them anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from autograder.files import write_atomically
from autograder.formats.assignment import SETTINGS_STRUCTURE
from autograder.formats.case_structure import CASE_FILE as CASE_FILE_STRUCTURE
from autograder.formats.inputs import DEFINITIONS
from autograder.formats.structure import Schema

FOLDER: Final = Path(__file__).resolve().parents[1] / "schemas"
CASE_FILE: Final = "case_file.schema.json"
SETTINGS: Final = "assignment.schema.json"


def schemas() -> dict[str, Schema]:
    """The schema of each kind of file, by the name of the schema's own file."""
    kinds = {
        CASE_FILE: CASE_FILE_STRUCTURE.means("A file of test cases."),
        SETTINGS: SETTINGS_STRUCTURE.means("The settings of an assignment."),
    }
    dialect = "http://json-schema.org/draft-07/schema#"  # the newest that editors agree on
    return {
        name: {"$schema": dialect, **kind.schema, "definitions": DEFINITIONS}
        for name, kind in kinds.items()
    }


def as_text(schema: Schema) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=True) + "\n"


def schema_line(folder: Path, assignment_folder: Path) -> str:
    """The comment by which editors find the schema of a case file in a folder.

    If engine and assignment are in one tree, it holds for everybody who has that tree.
    """
    schema = FOLDER / CASE_FILE
    root, assignment_folder = FOLDER.parents[1], assignment_folder.resolve()
    one_tree = "site-packages" not in root.parts and (
        root.is_relative_to(assignment_folder) or assignment_folder.is_relative_to(root)
    )
    address = Path(os.path.relpath(schema, folder.resolve())) if one_tree else schema
    return f"# yaml-language-server: $schema={address.as_posix()}"


def _write_all() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        write_atomically(FOLDER / name, as_text(schema).encode())
        print(f"{name} written")


if __name__ == "__main__":
    _write_all()
