"""Progress on stderr: a bar on a terminal, if tqdm is there, else a plain line now and then."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Final

_EVERY_SECONDS: Final = 10.0


class Progress:
    """Counts up to a total; a context of which nothing is left on the terminal."""

    def __init__(self, what: str, total: int, *, in_bytes: bool = False) -> None:
        self._what = what
        self._total = total
        self._in_bytes = in_bytes
        self._done = 0
        self._start = self._shown = time.monotonic()
        self._bar = _bar(what, total, in_bytes) if sys.stderr.isatty() else None

    def step(self, count: int = 1) -> None:
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif time.monotonic() >= self._shown + _EVERY_SECONDS:
            self._shown = time.monotonic()
            print(f"{self._what}: {self._line()}", file=sys.stderr, flush=True)

    def _line(self) -> str:
        seconds = time.monotonic() - self._start
        left = max(0, self._total - self._done) * seconds / max(self._done, 1)
        unit, divisor = (" MB", 10**6) if self._in_bytes else ("", 1)
        return (
            f"{self._done // divisor:,} of {self._total // divisor:,}{unit}, "
            f"{self._done / divisor / seconds:.3g} a second, {_duration(left)} to go"
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()


def _bar(what: str, total: int, in_bytes: bool) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    unit: dict[str, Any] = {"unit": "B", "unit_scale": True} if in_bytes else {"unit": ""}
    return tqdm(total=total, desc=what, leave=False, file=sys.stderr, **unit)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
