"""Says which Python and numpy ran a submission, if an error may come from their versions.

A student who has other versions at home sees the code work there, and needs to know why it fails here.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Modules of the standard library that some Python from 3.8 to 3.14 has and another has not.
_NAMES: Final = """
_bootlocale aifc annotationlib asynchat asyncore audioop binhex cgi cgitb chunk compression crypt
distutils dummy_threading formatter imghdr imp lib2to3 macpath mailcap msilib nis nntplib ossaudiodev
parser pipes smtpd sndhdr spwd sunau symbol telnetlib tomllib uu xdrlib
"""
_MODULES_OF_SOME: Final = frozenset(_NAMES.split())
_NOT_THE_VERSION: Final = re.compile(r"null bytes|codec|encoding")  # the file is not UTF-8 text
_NO_MODULE: Final = re.compile(r"No module named '([\w.]+)'")
_NO_NAME: Final = re.compile(r"cannot import name '\w+' from '([\w.]+)'")
_NO_ATTRIBUTE: Final = re.compile(r"module '([\w.]+)' has no attribute")
_REMOVED: Final = re.compile(r"`[\w.]+` was removed (?:in|from) .*NumPy \d")


def version_note(type_name: str, message: str, facts: Mapping[str, str]) -> str:
    """The sentence that names the versions in `facts` ("python", "numpy"), or "" if it would not help.

    It helps with a SyntaxError, and with an ImportError or AttributeError that says that Python's
    standard library or numpy lacks a name. The student's own modules are the same everywhere.
    """
    if not _may_depend(type_name, message) or not {"python", "numpy"} <= facts.keys():
        return ""
    return (
        f"This was graded with Python {facts['python']} and numpy {facts['numpy']}. If it works on "
        "your machine, your versions differ; write it so that it works with these."
    )


def _may_depend(type_name: str, message: str) -> bool:
    # Wrong indentation, which has types of its own, is wrong at any version.
    if type_name == "SyntaxError":
        return not _NOT_THE_VERSION.search(message)
    if type_name in ("ImportError", "ModuleNotFoundError"):
        if missing := _NO_MODULE.match(message):
            root, _, inner = missing[1].partition(".")
            return root in _MODULES_OF_SOME or (bool(inner) and _is_shared(root))
        lacking = _NO_NAME.match(message)
        return bool(lacking and _is_shared(lacking[1]))
    if type_name == "AttributeError":
        lacking = _NO_ATTRIBUTE.match(message)
        return bool(lacking and _is_shared(lacking[1])) or bool(_REMOVED.match(message))
    return False


def _is_shared(module: str) -> bool:
    """Whether a module is numpy's or of the standard library, so that its names go by the version."""
    root = module.partition(".")[0]
    return root == "numpy" or root in sys.stdlib_module_names or root in _MODULES_OF_SOME
