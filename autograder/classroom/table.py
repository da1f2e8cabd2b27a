"""grades.csv: a row a student, for spreadsheets and for people, and read back as `--before`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

BEFORE_CHECKS: Final = ("Name", "Email", "SID", "Submission", "Total", "Max")
AFTER_CHECKS: Final = ("Level", "Seconds", "Mistakes", "Note")
CHANGES: Final = ("Before", "Change")
# What a spreadsheet may take for a formula, also after spaces and quotes of our own.
_FORMULA: Final = re.compile(r"'*\s*[=+\-@\t\r＝＋－＠]")  # noqa: RUF001 - wide ones
_UNWRITABLE: Final = re.compile("[\0\ud800-\udfff]")

Cell = str | float | None  # a text, a number, or nothing


def table_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table as RFC 4180 has it, with a mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(map(_cell, header))
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = _UNWRITABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", cell)
        return f"'{text}" if _FORMULA.match(text) else text
    return format(round(cell, 6) + 0.0, ".15g")


def plain_text(cell: str) -> str:
    """A text as it was before it was written."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
