"""Progress on stderr: a bar on a terminal, if tqdm is there, else a plain line now and then."""

from __future__ import annotations

import sys
import time
from typing import Any, Final

_EVERY_SECONDS: Final = 10.0


class Progress:
    """Counts up to a total; a context of which nothing is left on the terminal."""

    def __init__(self, what: str, total: int, unit: str = "", divisor: int = 1) -> None:
        self._what, self._unit, self._divisor = what, unit, divisor
        self._total = total
        self._done = 0
        self._start = self._shown = time.monotonic()
        self._bar: Any = None
        if sys.stderr.isatty():
            try:
                from tqdm import tqdm

                self._bar = tqdm(
                    total=total, desc=what, unit=unit, unit_scale=1 / divisor, leave=False
                )
            except ImportError:
                pass

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
        unit = f" {self._unit}" if self._unit else ""
        return f"{done:,} of {total:,}{unit}, {rate:.3g} a second, {minutes}:{rest:02} to go"

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()
