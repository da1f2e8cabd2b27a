"""A real browser without a screen: what a page looks like, and what it does.

`python -m autograder.tests.browser PAGE.html PICTURE.png [WIDTH HEIGHT]` makes a picture of a page.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--hide-scrollbars",
)


def find_browser() -> str | None:
    """The browser of this machine."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def browse(browser: str, page: Path, *options: str) -> str:
    """Open a page in a new profile; gives what the browser prints."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [browser, *_OPTIONS, f"--user-data-dir={profile}", *options, page.resolve().as_uri()],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )
    return done.stdout


def main(page: str, picture: str, width: str = "1100", height: str = "760") -> None:
    browser = find_browser()
    if browser is None:
        sys.exit("no picture: there is no Chromium here")
    browse(browser, Path(page), f"--window-size={width},{height}", f"--screenshot={picture}")


if __name__ == "__main__":
    main(*sys.argv[1:])
