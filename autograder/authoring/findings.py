"""Findings of lint, as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from autograder.errors import Place
from autograder.text import one_line

ERROR: Final = "error"
WARNING: Final = "warning"


class Finding(NamedTuple):
    """What lint says about a place: a fault, or something less severe."""

    place: Place
    message: str
    lines: tuple[str, ...] = ()  # to be pasted into the file
    severity: str = ERROR


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings sorted by place, errors first, each once and on one line."""
    found = {f._replace(message=one_line(f.message, 1000)) for f in findings}
    return sorted(found, key=lambda f: (f.place, f.severity, f.message, f.lines))
