"""Gradescope's formats of text as HTML that is safe to show: nothing in it runs, nothing loads."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from typing import Final

from autograder.text import safe

_TAGS: Final = frozenset(
    [
        *("a", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre"),
        *("s", "samp", "small", "span", "strong", "sub", "summary", "sup"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
    ]
)
_VOID: Final = frozenset({"br", "hr"})
_SILENT: Final = frozenset({"script", "style", "template", "title"})
_COLOURS: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def to_html(text: str, text_format: str) -> str:
    """A text in one of Gradescope's formats as a piece of HTML; an unknown format is plain text."""
    if text_format == "html":
        return f'<div class="rich">{_sanitised(text)}</div>'
    if text_format == "simple_format":
        return f'<div class="rich">{_simple_format(text)}</div>'
    if text_format == "md":
        return f'<div class="rich">{_markdown(text)}</div>'
    if text_format == "ansi":
        return f"<pre>{_ansi(text)}</pre>"
    return f"<pre>{escape(safe(text))}</pre>"


# HTML. -------------------------------------------------------------------------------------------


class _Sanitiser(HTMLParser):
    """Keeps harmless tags, balanced and without attributes but for a link's address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "img":
            self.handle_data(f"[picture: {dict(attrs).get('alt') or 'not shown'}]")
        elif tag in _TAGS:
            self.parts.append(f"<{tag}{_link(attrs) if tag == 'a' else ''}>")
            if tag not in _VOID:
                self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in self._open:
            while (last := self._open.pop()) != tag:
                self.parts.append(f"</{last}>")
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(escape(safe(data)))

    def finish(self) -> str:
        self.close()
        self.parts += [f"</{tag}>" for tag in reversed(self._open)]
        return "".join(self.parts)


def _link(attributes: list[tuple[str, str | None]]) -> str:
    address = dict(attributes).get("href") or ""
    if not address.startswith(("https://", "http://", "mailto:")):
        return ""
    return f' href="{escape(safe(address))}" rel="noreferrer noopener"'


def _sanitised(text: str) -> str:
    parser = _Sanitiser()
    parser.feed(text)
    return parser.finish()


def _simple_format(text: str) -> str:
    """Paragraphs at empty lines and breaks at the ends of lines, in a text that may hold tags."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "".join(
        f"<p>{_sanitised(paragraph)}</p>".replace("\n", "<br>") for paragraph in paragraphs
    )


# Markdown: what outputs are likely to use, not all of it. ------------------------------------------

_INLINE: Final = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w*])\*(?! )([^*]+)\*"), r"<em>\1</em>"),
    (
        re.compile(r"\[([^\]]+)\]\((https?://[^\s)]+)\)"),
        r'<a href="\2" rel="noreferrer noopener">\1</a>',
    ),
)


def _markdown(text: str) -> str:
    html = []
    for number, block in enumerate(re.split(r"^```[^\n]*\n?", safe(text), flags=re.MULTILINE)):
        if number % 2:
            html.append(f"<pre>{escape(block)}</pre>")
        else:
            html += [_paragraph(part) for part in re.split(r"\n\s*\n", block) if part.strip()]
    return "".join(html)


def _paragraph(text: str) -> str:
    lines = text.strip().splitlines()
    heading = re.fullmatch(r"(#{1,6}) +(.+)", lines[0])
    if heading:
        level = len(heading[1])
        rest = "\n".join(lines[1:])
        title = f"<h{level}>{_inline(heading[2])}</h{level}>"
        return title + (_paragraph(rest) if rest.strip() else "")
    for tag, bullet in (("ul", r"\s*[-*+] +(.+)"), ("ol", r"\s*\d+[.)] +(.+)")):
        items = [re.fullmatch(bullet, line) for line in lines]
        if all(items):
            listed = "".join(f"<li>{_inline(item[1])}</li>" for item in items if item)
            return f"<{tag}>{listed}</{tag}>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _inline(text: str) -> str:
    parts = re.split(r"`([^`]+)`", escape(text))
    for number, part in enumerate(parts):
        if number % 2:
            parts[number] = f"<code>{part}</code>"
            continue
        for pattern, replacement in _INLINE:
            part = pattern.sub(replacement, part)
        parts[number] = part
    return "".join(parts)


# ANSI escapes. -------------------------------------------------------------------------------------


def _ansi(text: str) -> str:
    """Colours, bold and underlined text as spans; other escapes are left out."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-ln-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)", "", text)
    pieces = re.split(r"\x1b\[([0-9;]*)m", text)
    html = [escape(safe(pieces[0]))]
    classes: set[str] = set()
    for codes, piece in zip(pieces[1::2], pieces[2::2]):
        for code in codes.split(";"):
            classes = _after(classes, int(code[:3] or "0"))
        shown = escape(safe(piece))
        names = " ".join(sorted(classes))
        html.append(f'<span class="{names}">{shown}</span>' if names else shown)
    return "".join(html)


def _after(classes: set[str], code: int) -> set[str]:
    if code == 0:
        return set()
    if code in (1, 4):
        return classes | {"ansi-bold" if code == 1 else "ansi-underlined"}
    if 30 <= code <= 37 or 90 <= code <= 97 or code == 39:
        kept = {name for name in classes if name in ("ansi-bold", "ansi-underlined")}
        return kept if code == 39 else kept | {f"ansi-{_COLOURS[code % 10]}"}
    return classes
