"""Progress on stderr: a bar on a terminal, if tqdm is there, else a plain line now and then."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import Any, Final

_EVERY_SECONDS: Final = 10.0


class Progress:
    """Counts up to a total; a context of which nothing is left on the terminal."""

    def __init__(self, what: str, total: int, *, of_bytes: bool = False) -> None:
        self._what, self._total, self._done = what, total, 0
        self._unit, self._divisor = (" MB", 10**6) if of_bytes else ("", 1)
        self._start = self._shown = time.monotonic()
        self._bar: Any = None
        if total and sys.stderr.isatty():
            with contextlib.suppress(ImportError):
                from tqdm import tqdm

                unit = "B" if of_bytes else ""
                self._bar = tqdm(
                    total=total, desc=what, unit=unit, unit_scale=of_bytes, leave=False
                )

    def step(self, count: int = 1) -> None:
        """Count some more, and show it if it is time."""
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif time.monotonic() >= self._shown + _EVERY_SECONDS:
            self._shown = time.monotonic()
            print(f"{self._what}: {self._line()}", file=sys.stderr, flush=True)

    def _line(self) -> str:
        seconds = time.monotonic() - self._start
        left = max(0, self._total - self._done) * seconds / max(self._done, 1)
        done, total = self._done // self._divisor, self._total // self._divisor
        rate = self._done / self._divisor / seconds
        minutes, rest = divmod(round(left), 60)
        return f"{done:,} of {total:,}{self._unit}, {rate:.3g} a second, {minutes}:{rest:02} to go"

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()
