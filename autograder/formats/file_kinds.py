"""Files that are handed in as Python and are something else: told by how they begin."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_COPY: Final = "Copy your code into a plain text file called {wanted}, and hand that in."
_UNPACK: Final = "Unpack it, and hand in the {wanted} that is in it."
_ITSELF: Final = "Hand in the file {wanted} itself."
_DOWNLOAD: Final = (
    "Download the file itself (GitHub: the button Raw), and hand that in as {wanted}."
)
_ENCODE: Final = (
    'Save it again as UTF-8 (most editors: "Save as", then "Encoding"), and hand that in as '
    "{wanted}."
)


class Kind(NamedTuple):
    """A kind of file that is not Python: how it begins, its usual endings, and what to do about it."""

    begins: bytes  # a pattern
    endings: tuple[str, ...]
    what: str
    advice: str

    @property
    def is_archive(self) -> bool:
        """Whether it holds other files."""
        return self.advice is _UNPACK


def _kind(begins: bytes, endings: str, what: str, advice: str) -> Kind:
    return Kind(rb"(?:\xef\xbb\xbf)?(?:" + begins + rb")", tuple(endings.split()), what, advice)


# As most Python files begin, and no other text.
_PYTHON: Final = rb'\s*(?:#|"""|(?:from|import|class|def) )'
_HEAD: Final = 1024  # beyond which no kind looks for a zero byte
# No Python file that can be run begins so. The first that matches counts.
KINDS: Final = (
    _kind(
        rb'\s*\{(?=.*"(?:cells|worksheets)"\s*:\s*\[)(?=.*"(?:nbformat|cell_type)")',
        ".ipynb",
        "a Jupyter notebook",
        _COPY,
    ),
    _kind(
        rb"PK\x03\x04.{26}(?:\[Content_Types\]|_rels/|docProps|word/|mimetypeapp|Index/|preview)",
        ".docx .odt .pages .doc .dotx .gdoc",
        "a document of a word processor",
        _COPY,
    ),
    _kind(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", ".zip .zipx", "a zip", _UNPACK),
    _kind(rb"(?=[^\0]{1,107}\0).{257}ustar", ".tar", "a tar archive", _UNPACK),
    _kind(
        rb"\x1f\x8b|\x1f\x9d|BZh[1-9](?:1AY&SY|\x17rE8P)|\xfd7zXZ\0|\x28\xb5\x2f\xfd",
        ".gz .tgz .bz2 .tbz .tbz2 .xz .txz .zst .z",
        "a compressed file (gzip, bzip2, xz or the like)",
        _UNPACK,
    ),
    _kind(rb"Rar!\x1a\x07", ".rar", "a RAR archive", _UNPACK),
    _kind(rb"7z\xbc\xaf\x27\x1c", ".7z", "a 7z archive", _UNPACK),
    _kind(
        rb"..-l[hz][0-9ds]-.{4,16}?\0|MSCF\0|\x60\xea|xar!",
        ".lzh .lha .cab .arj .xar .ace .sit .dmg .iso",
        "an archive",
        _UNPACK,
    ),
    _kind(rb"%PDF-|%!PS", ".pdf .ps", "a PDF", _COPY),
    _kind(rb"\s*\{\\rtf", ".rtf", "a formatted text (RTF)", _COPY),
    _kind(rb"\xd0\xcf\x11\xe0\xa1\xb1", "", "a document of a word processor", _COPY),
    _kind(
        rb"\s*<[!?A-Za-z]|bplist00[\0-\x08\x80-\xff]"
        rb"|MIME-Version:|From: <|Return-Path: <|Received: (?:from|by) ",
        ".html .htm .mhtml .mht .webarchive .xml .eml .svg",
        "a web page or a mail",
        _DOWNLOAD,
    ),
    _kind(
        rb"\[InternetShortcut\]|\[Desktop Entry\]|L\0\0\0\x01\x14\x02\0|book\0\0\0\0mark",
        ".lnk .url .webloc .desktop .alias",
        "a shortcut to a file",
        _ITSELF,
    ),
    _kind(rb"version https://git-lfs", "", "a pointer of Git LFS to a file", _DOWNLOAD),
    _kind(rb"\0\x05\x16[\0\x07]", "", "what macOS notes about a file", _ITSELF),
    _kind(
        rb"..\r\n[\0-\x03]\0{3}.{8}[\xe3c]|\x03\xf3\r\n",
        ".pyc .pyo .pyd .so",
        "compiled Python",
        _ITSELF,
    ),
    _kind(
        rb"\x89PNG|\xff\xd8\xff|GIF8[79]a.[\0-\x08]|\0\0..ftyp|RIFF.{4}WEBP",
        ".png .jpg .jpeg .gif .heic .webp .bmp .mp4 .mov",
        "a picture or a video",
        _COPY,
    ),
    _kind(
        rb"\x93NUMPY|\x89HDF|\x80[\x02-\x05]|SQLite format 3|MZ[\x50-\x90]\0|\x7fELF|\xcf\xfa\xed\xfe",
        ".npy .npz .pkl .pickle .pt .pth .h5 .exe .mat",
        "a file of data or a program",
        _ITSELF,
    ),
    _kind(
        rb"diff --git |--- \S[^\n]*\n\+\+\+ ",
        ".diff .patch",
        "a list of changes (a patch)",
        _ITSELF,
    ),
    _kind(rb"\s*```", "", "text with Markdown's marks around the code", _COPY),
    _kind(rb"\s*(?:>>> |In \[\d+\]:)", "", "a session of an interpreter, with its prompts", _COPY),
    _kind(
        rb"\xff\xfe|\xfe\xff|\0\0\xfe\xff|(?:[\t\n\r -~]\0){4}|(?:\0[\t\n\r -~]){4}",
        "",
        "saved as UTF-16 or UTF-32, not plain UTF-8",
        _ENCODE,
    ),
    _kind(
        rb"\0+\Z",
        "",
        "empty: it holds nothing but zero bytes, because saving or copying it failed",
        _ITSELF,
    ),
)


def kind_of(content: bytes) -> Kind | None:
    """What a file is, if it is not Python."""
    if re.match(_PYTHON, content) and b"\0" not in content[:_HEAD]:
        return None  # which spares almost every submission the patterns of all kinds
    return next((kind for kind in KINDS if re.match(kind.begins, content, re.DOTALL)), None)


def kind_named(path: str) -> Kind | None:
    """What a file is by the ending of its name, if that is not one of Python's."""
    ending = path.rstrip()[path.rfind(".") :].lower()
    return next((kind for kind in KINDS if ending in kind.endings), None)


def sentence(kind: Kind, name: str, wanted: str) -> str:
    """What a file is in place of the one that is wanted, and what to do about it."""
    return f"{name} is {kind.what}. {kind.advice.format(wanted=wanted)}"
