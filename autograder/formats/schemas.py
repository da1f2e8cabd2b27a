"""JSON Schemas of the YAML files, made from the structure by which they are read.

Editors take them from `autograder/schemas/`; `python -m autograder.formats.schemas` writes them anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from autograder.files import write_atomically
from autograder.formats import keys
from autograder.formats.inputs import DEFINITIONS

FOLDER: Final = Path(__file__).resolve().parents[1] / "schemas"
CASE_FILE: Final = "case_file.schema.json"
SETTINGS: Final = "assignment.schema.json"


def schemas() -> dict[str, str]:
    """The text of the schema of each kind of file, by the name of the schema's own file."""
    kinds = {
        CASE_FILE: keys.CASE_FILE.means("A file of test cases."),
        SETTINGS: keys.ASSIGNMENT.means("The settings of an assignment."),
    }
    dialect = "http://json-schema.org/draft-07/schema#"  # the newest that editors agree on
    documents = {
        name: {"$schema": dialect, **kind.schema, "definitions": DEFINITIONS}
        for name, kind in kinds.items()
    }
    return {name: json.dumps(document, indent=2) + "\n" for name, document in documents.items()}


def schema_line(assignment_folder: Path, name: str = CASE_FILE) -> str:
    """The comment by which editors find the schema of a file in `testcases/`.

    If engine and assignment are in one tree, it names the engine's own; else the schemas are copied
    beside the cases. So it holds for everybody who has that tree. Raises OSError.
    """
    root, testcases = FOLDER.parents[1], assignment_folder.resolve() / "testcases"
    one_tree = "site-packages" not in root.parts and (
        root.is_relative_to(testcases.parent) or testcases.is_relative_to(root)
    )
    folder = FOLDER if one_tree else testcases / ".schemas"
    if not one_tree:
        write_all(folder)
    address = Path(os.path.relpath(folder / name, testcases))
    return f"# yaml-language-server: $schema={address.as_posix()}"


def write_all(folder: Path = FOLDER) -> None:
    """Write the schemas to files in a folder. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        write_atomically(folder / name, text.encode())


if __name__ == "__main__":
    write_all()
    print(f"{' and '.join(schemas())} written")
