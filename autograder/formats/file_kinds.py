"""Files that are handed in as Python and are something else: told by how they begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_ADVICE: Final = {
    "copy": "Copy your code into a plain text file called {wanted}, and hand that in.",
    "unpack": "Unpack it, and hand in the {wanted} that is in it.",
    "itself": "Hand in the file {wanted} itself.",
    "download": "Download the file itself (GitHub: the button Raw), and hand that in as {wanted}.",
    "encode": 'Save it again as UTF-8 (most editors: "Save as", then "Encoding"), and hand that in '
    "as {wanted}.",
}
# What a file is, what to do about it, its usual endings; below that, a pattern for how it begins. No
# Python file that runs begins like that. The first that matches counts.
_TABLE: Final = r"""
a Jupyter notebook | copy | .ipynb
    \s*\{(?=.*"(?:cells|worksheets)"\s*:\s*\[)(?=.*"(?:nbformat|cell_type)")
a document of a word processor | copy | .docx .odt .pages .doc .dotx .gdoc
    PK\x03\x04.{26}(?:\[Content_Types\]|_rels/|docProps|word/|mimetypeapp|Index/|preview)
    |\xd0\xcf\x11\xe0\xa1\xb1
a zip | unpack | .zip .zipx
    PK(?:\x03\x04|\x05\x06|\x07\x08)
a tar archive | unpack | .tar
    (?=[^\0]{1,107}\0).{257}ustar
a compressed file (gzip, bzip2, xz or the like) | unpack | .gz .tgz .bz2 .tbz .tbz2 .xz .txz .zst .z
    \x1f\x8b|\x1f\x9d|BZh[1-9](?:1AY&SY|\x17rE8P)|\xfd7zXZ\0|\x28\xb5\x2f\xfd
a RAR archive | unpack | .rar
    Rar!\x1a\x07
a 7z archive | unpack | .7z
    7z\xbc\xaf\x27\x1c
an archive | unpack | .lzh .lha .cab .arj .xar .ace .sit .dmg .iso
    ..-l[hz][0-9ds]-.{4,16}?\0|MSCF\0|\x60\xea|xar!
a PDF | copy | .pdf .ps
    %PDF-|%!PS
a formatted text (RTF) | copy | .rtf
    \s*\{\\rtf
a web page or a mail | download | .html .htm .mhtml .mht .webarchive .xml .eml .svg
    \s*<[!?A-Za-z]|bplist00[\0-\x08\x80-\xff]
    |MIME-Version:|From: <|Return-Path: <|Received: (?:from|by)\x20
a shortcut to a file | itself | .lnk .url .webloc .desktop .alias
    \[InternetShortcut\]|\[Desktop Entry\]|L\0\0\0\x01\x14\x02\0|book\0\0\0\0mark
a pointer of Git LFS to a file | download |
    version https://git-lfs
macOS's own notes about a file | itself |
    \0\x05\x16[\0\x07]
compiled Python | itself | .pyc .pyo .pyd .so
    ..\r\n[\0-\x03]\0{3}.{8}[\xe3c]|\x03\xf3\r\n
a picture or a video | copy | .png .jpg .jpeg .gif .heic .webp .bmp .mp4 .mov
    \x89PNG|\xff\xd8\xff|GIF8[79]a.[\0-\x08]|\0\0..ftyp|RIFF.{4}WEBP
a file of data or a program | itself | .npy .npz .pkl .pickle .pt .pth .h5 .exe .mat
    \x93NUMPY|\x89HDF|\x80[\x02-\x05]|SQLite format 3|MZ[\x50-\x90]\0|\x7fELF|\xcf\xfa\xed\xfe
a list of changes (a patch) | itself | .diff .patch
    diff --git |--- \S[^\n]*\n\+\+\+\x20
text with Markdown's marks around the code | copy |
    \s*```
a session of an interpreter, with its prompts | copy |
    \s*(?:>>> |In \[\d+\]:)
saved as UTF-16 or UTF-32, not plain UTF-8 | encode |
    \xff\xfe|\xfe\xff|\0\0\xfe\xff|(?:[\t\n\r -~]\0){4}|(?:\0[\t\n\r -~]){4}
empty: it holds nothing but zero bytes, because saving or copying it failed | itself |
    \0+\Z
"""
# As most Python files begin, and no other text.
_PYTHON: Final = rb'\s*(?:#|"""|(?:from|import|class|def) )'
_HEAD: Final = 1024  # beyond which no kind looks for a zero byte


class Kind(NamedTuple):
    """A kind of file that is not Python, and what to do about it."""

    begins: bytes  # a pattern
    endings: tuple[str, ...]
    what: str
    advice: str  # a key of _ADVICE


def _kinds() -> Iterator[Kind]:
    for entry in re.split(r"\n(?=\S)", _TABLE.strip()):
        head, *pattern = entry.split("\n    ")
        what, advice, endings = head.split("|")
        begins = rf"(?:\xef\xbb\xbf)?(?:{''.join(pattern)})".encode()
        yield Kind(begins, tuple(endings.split()), what.strip(), advice.strip())


KINDS: Final = tuple(_kinds())


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
    return f"{name} is {kind.what}. {_ADVICE[kind.advice].format(wanted=wanted)}"
