"""`autograder preview`: a page that shows results.json as Gradescope would."""

from __future__ import annotations

from pathlib import Path

from autograder.errors import UsageError
from autograder.files import write_atomically
from autograder.reports.preview import page
from autograder.reports.results_file import read_results


def run(results: Path, out: Path | None = None) -> int:
    """Write the page, beside the results and open in a browser where no file is named."""
    html = page(read_results(results), f"{results.name}, as on Gradescope")
    path = out or results.with_suffix(".html")
    try:
        write_atomically(path, html.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    print(path)
    if out is None:
        import webbrowser

        if not webbrowser.open(path.resolve().as_uri()):
            print("There is no browser here to open it with.")
    return 0
