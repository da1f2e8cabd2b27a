"""Text from elsewhere made safe to show, and cut to size with a notice."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

# C0 and C1 controls but for tab and newline, surrogates, line separators, what reorders or annotates,
# and what shows nothing: Unicode's Default_Ignorable_Code_Point and the blank of braille.
_UNSAFE: Final = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_MOST_MARKS: Final = 2  # on one letter: Vietnamese and Thai write two


def safe(text: str) -> str:
    """The text with what is invisible, reorders others or piles up on a letter written as an escape."""
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.replace("\n", "").isprintable():
        return text  # nearly always, and faster than compiling the pattern
    text = re.sub(_UNSAFE, lambda match: _escape(match[0]), text)
    return text if text.isascii() else _without_piles(text)


def _without_piles(text: str) -> str:
    """The text with few combining marks on each letter, and none on what comes before the text."""
    from unicodedata import category

    shown = []
    marks = _MOST_MARKS
    for character in text:
        marks = marks + 1 if category(character) in ("Mn", "Me") else 0
        shown.append(character if marks <= _MOST_MARKS else _escape(character))
    return "".join(shown)


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


def show_shape(shape: tuple[int, ...]) -> str:
    """A shape as students know it; of a single number in words."""
    return str(tuple(shape)) if shape else "() (a single number)"


def closest(word: str, known: Collection[str]) -> str:
    """The known word that is most like this one, if one is close."""
    import difflib  # only needed once something is wrong

    return next(iter(difflib.get_close_matches(word, known, n=1)), "")


def did_you_mean(word: str, known: Collection[str]) -> str:
    """`; did you mean `points`?` if a known word is close, otherwise nothing."""
    meant = closest(word, known)
    return f"; did you mean `{meant}`?" if meant else ""


def listed(words: Collection[str]) -> str:
    """Words for a sentence: `a`, `b`, `c`."""
    return ", ".join(f"`{word}`" for word in words)


def _escape(character: str) -> str:
    if character < "\x80":
        return f"\\x{ord(character):02x}"
    return character.encode("ascii", "backslashreplace").decode()
