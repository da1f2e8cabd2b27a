"""`autograder preview`: a page that shows results.json as Gradescope would."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from autograder.commands.arguments import describe, writing
from autograder.errors import UsageError
from autograder.files import write_atomically
from autograder.reports.preview import page


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Show a results.json as Gradescope would, to students and to instructors: a page beside it,\n"
        "opened in the browser.",
        "autograder preview results.json",
    )
    parser.add_argument("results", type=Path, help="a results.json")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write the page to FILE, and open nothing"
    )


def run(options: argparse.Namespace) -> int:
    """Write the page; without `--out`, beside the results, and open it in the browser."""
    results: Path = options.results
    out: Path | None = options.out
    html = page(_read(results), f"{results.name}, as on Gradescope")
    path = out or results.with_suffix(".html")
    with writing(path):
        write_atomically(path, html.encode("utf-8"))
    print(path)
    if out is None:
        import webbrowser

        if not webbrowser.open(path.resolve().as_uri()):
            print("There is no browser here to open it with.")
    return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        results = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON: {error}") from error
    if not isinstance(results, dict):
        raise UsageError(f"{path} is not a results.json: expected a mapping at the top level")
    return results
