"""Whole texts as students read them, one for each kind of failure, in golden/*.txt.

`python -m autograder.tests.golden` writes them anew; read what changed before you keep it. The head of
a file names an assignment below assignments/, one of its submissions, and a check.
"""

from __future__ import annotations

from pathlib import Path

from autograder.formats.assignment import load_assignment
from autograder.judging.suite import Suite
from autograder.pipeline import grade
from autograder.sandbox import Sandbox

TESTS = Path(__file__).resolve().parent
GOLDEN = TESTS / "golden"
_RULE = "-" * 80


def golden_files() -> list[Path]:
    return sorted(GOLDEN.glob("*.txt"))


def parts(path: Path) -> tuple[dict[str, str], str]:
    """The head of a golden file, and its text."""
    head, _, text = path.read_text(encoding="utf-8").partition(f"\n{_RULE}\n")
    return dict(line.split(": ", 1) for line in head.splitlines()), text


def text_now(head: dict[str, str], sandbox: Sandbox) -> str:
    """What the engine says today."""
    folder = TESTS / "assignments" / head["assignment"]
    assignment = load_assignment(folder)
    limits = assignment.limits._replace(call_seconds=0.5, example_seconds=60.0)
    report = grade(folder / head["submission"], Suite(assignment._replace(limits=limits)), sandbox)
    number, _, check = head["check"].partition(" ")
    found = next(v for v in report.verdicts if (v.number, v.check) == (number, check))
    return found.text + "\n"


def main() -> None:
    with Sandbox() as sandbox:
        for path in golden_files():
            head, before = parts(path)
            text = text_now(head, sandbox)
            lines = "\n".join(f"{key}: {value}" for key, value in head.items())
            path.write_text(f"{lines}\n{_RULE}\n{text}", encoding="utf-8")
            print(f"{'same   ' if text == before else 'changed'}  {path.name}")


if __name__ == "__main__":
    main()
