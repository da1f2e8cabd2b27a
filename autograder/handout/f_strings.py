"""Finds what stands between the braces of f-strings and could not stand there before Python 3.12.

Before, an f-string was first read like any other string, and then taken apart. So the braces could hold
neither its own quotes nor a backslash, a comment or a line end. Python 3.12 and newer have tokens for
the parts of an f-string, by which this is found; for an older one there is nothing to find.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from typing import Final, NamedTuple

Told = tuple[str, str]  # what was found, and what to write instead

_NAME_IT: Final = "Give the value a name in the line above."
_QUOTES: Final = (
    "an f-string with its own quotes inside the braces",
    "Use the other kind of quotes inside.",
)
_BACKSLASH: Final = ("a backslash inside the braces of an f-string", _NAME_IT)
_COMMENT: Final = ("a comment inside the braces of an f-string", "Move it out of the f-string.")
_LINES: Final = ("an f-string with a line end inside the braces", _NAME_IT)
_BRACES: Final = ("braces in braces in braces in an f-string", _NAME_IT)


class _FString(NamedTuple):
    quotes: str
    opened: list[str]  # what is open in it: a field `{`, its format `:`, or another bracket `(`


def newer_f_strings(source: bytes) -> Iterator[tuple[int, Told]]:
    """The lines of what only Python 3.12 and newer can read in f-strings, and what it is."""
    if not hasattr(tokenize, "FSTRING_START"):
        return
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    text = io.TextIOWrapper(io.BytesIO(source), encoding).read()
    lines = [line + "\n" for line in text.split("\n")]
    strings: list[_FString] = []
    end = (1, 0)
    for token in _tokens(text):
        name = tokenize.tok_name[token.type]
        if strings:
            piece = _between(lines, end, token.end)  # with what no token holds, such as a backslash
            for told in _in_piece(piece, name, strings):
                yield token.start[0], told
        if name == "FSTRING_START":
            strings.append(_FString(token.string.lstrip("rRfFbBuU"), []))
        elif name == "FSTRING_END":
            strings.pop()
        elif name == "OP" and strings:
            opened = strings[-1].opened
            _follow(opened, token.string)
            if opened.count("{") > 2:
                yield token.start[0], _BRACES
        end = token.end


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError, SystemError):
        return  # Python's tokenizer stumbles over rare f-strings that its parser accepts


def _in_piece(piece: str, name: str, strings: list[_FString]) -> Iterator[Told]:
    """What is newer in a token, or in the space before it, within these f-strings."""
    own = name in ("FSTRING_MIDDLE", "FSTRING_END")
    for string in strings[:-1] if own else strings:
        if "\\" in piece:
            yield _BACKSLASH
        elif name == "COMMENT":
            yield _COMMENT
        elif string.quotes in piece:
            yield _QUOTES
        elif "\n" in piece and len(string.quotes) == 1:
            yield _LINES
    if own and "\n" in piece and ":" in strings[-1].opened and len(strings[-1].quotes) == 1:
        yield _LINES


def _follow(opened: list[str], operator: str) -> None:
    """Keep account of the brackets that are open in an f-string, and of the formats of its fields."""
    if operator == "{" and (not opened or opened[-1] == ":"):
        opened.append("{")
    elif operator in ("(", "[", "{"):
        opened.append("(")
    elif operator in (")", "]", "}"):
        while opened and opened.pop() == ":":  # a format ends with its field
            pass
    elif operator == ":" and opened and opened[-1] == "{":
        opened.append(":")


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    text = "".join(lines[start[0] - 1 : end[0]])
    after = len(lines[end[0] - 1]) - end[1] if end[0] <= len(lines) else 0
    return text[start[1] : len(text) - after]
