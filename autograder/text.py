"""Text from elsewhere made safe to show, and cut to size with a notice."""

from __future__ import annotations

import re
from typing import Final

# C0 and C1 controls but for tab and newline, surrogates, and the marks that reorder or hide text.
_UNSAFE: Final = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def safe(text: str) -> str:
    """The text with every control character, surrogate and bidirectional mark written as an escape."""
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.replace("\n", "").isprintable():
        return text  # nearly always, and faster than compiling the pattern
    return re.sub(_UNSAFE, lambda match: _escape(match[0]), text)


def one_line(text: str, most: int = 300) -> str:
    """The text, safe, on one line and cut to `most` characters."""
    line = " ".join(safe(text[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 3] + "..."


def cut(text: str, most: int, what: str = "text") -> str:
    """The text cut to at most `most` characters, with a notice that says so."""
    if len(text) <= most:
        return text
    notice = f"\n... ({what} cut here: {len(text):,} characters in all)"
    return text[: most - len(notice)].rstrip() + notice


def plural(count: int, noun: str) -> str:
    """`1 batch`, `3 batches`."""
    ending = "es" if noun.endswith(("ch", "sh", "s", "x")) else "s"
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{ending}"


def _escape(character: str) -> str:
    code = ord(character)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )
