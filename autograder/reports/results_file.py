"""Reading a results.json, whatever stands in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder.errors import UsageError
from autograder.text import safe


def read_results(path: Path) -> dict[str, Any]:
    """The content of a results.json. Raises UsageError if the file is not one."""
    try:
        results = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON: {error}") from error
    if not isinstance(results, dict):
        raise UsageError(f"{path} is not a results.json: expected a mapping at the top level")
    return results


def list_in(value: object) -> list[Any]:
    """The list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def text_in(value: object) -> str:
    """A text or a number as text that is safe to show; empty for anything else."""
    return safe(str(value)) if isinstance(value, (str, int, float)) else ""


def value_text(value: object) -> str:
    """Any value as text that is safe to show."""
    return safe(value) if isinstance(value, str) else json.dumps(value)


def finite_in(value: object) -> float | None:
    """A number that a page can show; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < 1e15 else None  # neither NaN, nor what no page can show


def number_text(value: float, digits: int = 0) -> str:
    """`8`, `2.5`; with at least so many digits after the point: `85.0`."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.{digits}f}" if digits and "." not in text else text
