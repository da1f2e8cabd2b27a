"""`autograder matrix`: which test case catches which known mistake."""

from __future__ import annotations

from pathlib import Path

from autograder.authoring.matrix import Matrix
from autograder.authoring.matrix_report import matrix_csv, matrix_html, matrix_text
from autograder.errors import UsageError
from autograder.files import write_atomically
from autograder.formats.assignment import find_assignment, load_assignment


def run(assignment_folder: Path | None = None, out: Path | None = None) -> int:
    """Print the matrix, and write it to a .csv or .html file; returns 1 where a mistake goes free."""
    if out is not None and out.suffix not in (".csv", ".html"):
        raise UsageError(f"{out} has to end in .csv or .html; that says how it is written")
    assignment = load_assignment(assignment_folder or find_assignment(Path.cwd()))
    if not assignment.mistakes_path.is_file():
        raise UsageError(
            f"there are no known mistakes: write some to {assignment.mistakes_path}, classes over the "
            "reference with the hint as docstring and `breaks = (...)`, the checks that each fails"
        )
    matrix = Matrix(assignment)
    if out is not None:
        html = out.suffix == ".html"
        text = matrix_html(matrix, assignment.title) if html else matrix_csv(matrix)
        try:
            write_atomically(out, text.encode("utf-8"))
        except OSError as error:
            raise UsageError(f"cannot write {out}: {error.strerror}") from error
    print(matrix_text(matrix), end="")
    return 1 if matrix.uncaught else 0
