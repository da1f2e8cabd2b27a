"""Findings of lint, as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from autograder.errors import Fault, Place
from autograder.text import one_line

ERROR: Final = "error"
WARNING: Final = "warning"


class Finding(NamedTuple):
    """What lint says about a place; the severity is one of the names above."""

    place: Place
    severity: str
    message: str
    lines: tuple[str, ...] = ()  # to be pasted into the file


def faulty(fault: Fault) -> Finding:
    """A fault in the files, as a finding."""
    return Finding(fault.place, ERROR, fault.message, fault.lines)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings sorted by place, each once and on one line."""
    return sorted({f._replace(message=one_line(f.message, 1000)) for f in findings})
