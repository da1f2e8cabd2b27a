"""Makes the pictures of the documents, from real results in a real browser, light and dark.

`python -m autograder.tests.pictures [NAME ...]` makes all of them, or those named.
To add one, write a function that makes its page in a folder, and give it a line in `PICTURES`. It needs
Chromium, and the extra `class`, with which Pillow comes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from autograder.tests.browser import browse, find_browser
from autograder.tests.classes import NOT_DIVIDED, RAISES, RIGHT, write_files

REPOSITORY: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = REPOSITORY / "autograder" / "docs" / "pictures"
WRONG: Final = REPOSITORY / "autograder" / "tests" / "submissions" / "no_division" / "loss.py"
# Of Chromium's `preferredColorScheme`.
_SCHEMES: Final = {"": 1, "_dark": 0}


class Picture(NamedTuple):
    """A page and how much of it is shown, in CSS pixels."""

    make: Callable[[Path], Path]  # makes the page in a folder
    width: int
    height: int


def main(names: list[str]) -> None:
    browser = find_browser()
    if browser is None:
        sys.exit("no pictures were made: there is no Chromium here")
    unknown = sorted(set(names) - set(PICTURES))
    if unknown:
        sys.exit(f"there is no picture {unknown[0]}; there are {', '.join(PICTURES)}")
    FOLDER.mkdir(exist_ok=True)
    for name in names or PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            for path in draw(name, Path(folder), browser):
                shutil.copy(path, FOLDER / path.name)
                print(f"{path.name}: {path.stat().st_size:,} bytes")


def draw(name: str, folder: Path, browser: str) -> list[Path]:
    """Make a picture in a folder, light and dark."""
    make, width, height = PICTURES[name]
    page = make(folder)
    paths = []
    for suffix, scheme in _SCHEMES.items():
        path = folder / f"{name}{suffix}.png"
        browse(
            browser,
            page,
            f"--window-size={width},{height}",
            f"--blink-settings=preferredColorScheme={scheme}",
            f"--screenshot={path}",
        )
        _reduce(path)
        paths.append(path)
    return paths


def _reduce(path: Path) -> None:
    """Rewrite a picture with few colours: text needs no more, and it is a third of the size."""
    from PIL import Image

    with Image.open(path) as picture:
        reduced = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    reduced.save(path, optimize=True)


def _run(*arguments: object) -> None:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        sys.exit(f"no picture was made: autograder {arguments[0]} failed")


def _report(folder: Path) -> Path:
    """What a student sees who has not divided the gradient by N."""
    results, page = folder / "results.json", folder / "results.html"
    _run("grade", WRONG, "--results", results, "--assignment", REPOSITORY)
    _run("preview", results, "--out", page)
    return page


def _matrix(folder: Path) -> Path:
    """The matrix of a new assignment, which fits on a page."""
    page = folder / "matrix.html"
    _run("new-assignment", folder / "week_3")
    _run("matrix", "--assignment", folder / "week_3", "--out", page)
    return page


def _class(folder: Path) -> Path:
    """The page of a class in which many have not subtracted the maximum, or not divided by N."""
    wrong = WRONG.read_text(encoding="utf-8")
    divided = wrong.replace("return self.P - self.Y", "return (self.P - self.Y) / len(self.Y)")
    starter = (REPOSITORY / "handout" / "loss.py").read_text(encoding="utf-8")
    works = [RIGHT] * 9 + [divided] * 7 + [wrong] * 6 + [NOT_DIVIDED] * 3 + [RAISES] * 2 + [starter]
    export = write_files(folder / "class", {f"student_{n:02}.py": w for n, w in enumerate(works)})
    _run("class", export, "--assignment", REPOSITORY, "--out", folder / "out")
    return folder / "out" / "report.html"


PICTURES: Final[dict[str, Picture]] = {
    "report": Picture(_report, 1100, 800),
    "matrix": Picture(_matrix, 760, 480),
    "class": Picture(_class, 1000, 1100),
}

if __name__ == "__main__":
    main(sys.argv[1:])
