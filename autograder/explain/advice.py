"""What to do about an exception, by its type and message; and whether it may come from the versions."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence
from typing import Final

import numpy as np

_FILE: Final = (
    "Your code may read and write only what is in memory while it is graded: leave out open(...) for "
    "writing, np.save, logging to files and the like, or move them below `if __name__ == "
    '"__main__":`.'
)
_DATA: Final = (
    "Only Python files are read from a submission: `{0}` is not there. Put its numbers into your "
    "code."
)
_NETWORK: Final = (
    "There is no network while your code is graded: leave out sockets and downloads, and hand in "
    "whatever your code needs as Python."
)
_PROCESS: Final = (
    "Your code cannot start programs or processes while it is graded: do the work in your own "
    "function, without subprocess, os.system and multiprocessing."
)
# By `type: message`, a pattern from end to end. {0} is what its first group matched, and so on;
# {memory_mb} is the limit.
_TABLE: Final = {
    "EOFError: .*": "Nobody is there to type while your code is graded: leave out input().",
    "BdbQuit: .*": "Leave out breakpoint() and pdb: nobody is there to type.",
    "SystemExit: .*": (
        'Leave out exit(), quit() and sys.exit(), or move them below `if __name__ == "__main__":`.'
    ),
    "KeyboardInterrupt: .*": "Do not raise KeyboardInterrupt; the graded code must run to its end.",
    "RecursionError: .*": (
        "A function calls itself endlessly; look for the case that should stop it."
    ),
    r"\S*MemoryError: .*": "Your code asked for more memory than it may use ({memory_mb} MB).",
    "IndentationError: .*": "Indent with four spaces everywhere, and all lines of a block equally.",
    "TabError: .*": "Indent with spaces only; tabs and spaces are mixed.",
    "SyntaxError: .*": "Python cannot read the file; fix this line, or the one above it.",
    "FileNotFoundError: .*No usable temporary directory.*": _FILE,
    "FileNotFoundError: .*?'([^']*)'.*": _DATA,
    r"FileNotFoundError: (.*) not found\.": _DATA,  # numpy's loadtxt and genfromtxt
    "OSError: .*File too large.*": _FILE,
    "OperationalError: unable to open database file": _FILE,
    "(?:Permission|OS|FileExists|IsADirectory)Error: (?:.*Read-only.*|.*: '.*')": _FILE,
    "(?:URLError|gaierror|ConnectionRefusedError|timeout|TimeoutError): .*": _NETWORK,
    "RuntimeError: can't start new thread.*": (
        "Your code starts too many threads: do the work in a loop, or leave it to numpy."
    ),
    "BlockingIOError: .*": _PROCESS,
    r"ImportError: cannot import name '(\w+)' from partially initialized module.*": (
        "The file imports itself, or two files import each other: delete the import of `{0}`."
    ),
    r"AttributeError: 'NoneType' object has no attribute '(\w+)'": (
        "This line needs something with `{0}`, and gets None: look for a function that ends without "
        "`return`."
    ),
    "IndexError: arrays used as indices must be of integer.*": (
        "Only an array of integers or bools can be an index, and this one holds floats: look at what "
        "you are given, and how it says which entry is meant."
    ),
    "IndexError: shape mismatch: indexing arrays.*": (
        "Arrays that index together pick one entry each, so they must be equally long."
    ),
    r"IndexError: index (-?\d+) is out of bounds for axis (\d+) with size (\d+)": (
        "Axis {1} has the length {2} there, and positions count from 0: look at the size by which "
        "your loop or your index goes."
    ),
    r"AxisError: axis (-?\d+) is out of bounds for array of dimension (\d+)": (
        "Axes count from 0, and this array has {1} of them."
    ),
    "ValueError: operands could not be broadcast together.*": (
        "numpy lines shapes up at their right ends, and there each pair of lengths must be equal, or "
        "one of them 1. `keepdims=True` keeps an axis that a sum or a maximum would drop."
    ),
    "ValueError: (?:matmul: .*|shapes .* not aligned.*)": (
        "A matrix product needs a last axis on its left that is as long as the first on its right. "
        "Is `*` meant, which multiplies entry by entry, or a transpose, `.T`?"
    ),
    "ValueError: setting an array element with a sequence.*": (
        "One entry of an array holds a single number, and here a whole array is put into it."
    ),
    "ValueError: The truth value of an array.*": (
        "`if`, `and` and `or` need a single yes or no: use np.where, np.maximum or np.clip, which "
        "look at every entry."
    ),
    "ValueError: (?:math domain error|expected a (?:positive|nonnegative) input.*)": (
        "The math module refuses this number: log takes no 0 and nothing below, sqrt nothing below 0."
    ),
    "OverflowError: .*(?:math range error|too large).*": (
        "The result is beyond 1.8e308, the largest number there is: keep exponents small."
    ),
    "TypeError: only .* arrays can be converted to Python scalars": (
        "Functions of the math module, `float` and `int` take a single number: numpy's, such as "
        "np.exp, take arrays."
    ),
    "TypeError: ufunc 'bitwise_xor'.*": "`^` is not a power in Python: write `**`, or np.exp.",
    "TypeError: .*unexpected keyword argument '(?:dim|keepdim)'.*": (
        "PyTorch says `dim` and `keepdim`, numpy `axis` and `keepdims`."
    ),
    r"TypeError: unsupported operand .*'(?:builtin_function_or_)?(?:method|function)'.*": (
        "A function or method is used here without being called: add the round brackets, or read what "
        "holds its result."
    ),
    "TypeError: unsupported operand .*'NoneType'.*": (
        "Something in this line is None: look for a function that ends without `return`."
    ),
    "TypeError: unsupported operand .*'(list|tuple|str)'.*": (
        "Something in this line is a {0}, which does no arithmetic: make an array or a number of it."
    ),
    r"TypeError: object of type '(\w+)' has no len\(\)": (
        "`len` takes arrays and lists, and here it is given a {0}."
    ),
    "ValueError: cannot reshape array of size .*": (
        "An array keeps all its numbers when it is reshaped: the new lengths must multiply to its size."
    ),
    "TypeError: '(.*)' object is not callable": (
        "Something of the type {0} is called like a function: are the round brackets too many, or is "
        "a result stored under the name of a function?"
    ),
    "TypeError: descriptor '__init__' of 'super'.*": "Write `super().__init__()`, brackets twice.",
    r"TypeError: Can't instantiate abstract class '?(\w+).*": (
        "A base class only announces methods: write those that the message names in {0}."
    ),
    "UFuncTypeError: Cannot cast ufunc .*": (
        "An array of whole numbers takes no fractions in place: make a new array instead."
    ),
    "FloatingPointError: .*": (
        "np.seterr makes an exception of what numpy warns of. Keep the numbers in range where it "
        "happens: exp of more than 709 is infinite, of less than -745 it is 0."
    ),
    "AssertionError: .*": "An `assert` of your own does not hold for these inputs.",
    "NameError: name 'np' is not defined": "Write `import numpy as np` at the top of the file.",
}
# By the line of the student's own, if the message does not say enough.
_BY_LINE: Final = (
    (r"socket|urlopen|requests|asyncio|http", _NETWORK),
    (r"subprocess|multiprocessing|\bPool\b|os\.(system|fork|popen|exec)|Process", _PROCESS),
    (r"open\(|save|dump|mkdir|write|remove|tofile|Path\(", _FILE),
)

# Modules of the standard library that some Python from 3.8 to 3.14 has and another has not.
_OF_SOME: Final = re.compile(
    "_bootlocale|aifc|annotationlib|asynchat|asyncore|audioop|binhex|cgi|cgitb|chunk|compression|crypt"
    "|distutils|dummy_threading|formatter|imghdr|imp|lib2to3|macpath|mailcap|msilib|nis|nntplib"
    "|ossaudiodev|parser|pipes|smtpd|sndhdr|spwd|sunau|symbol|telnetlib|tomllib|uu|xdrlib"
)
_LACKS: Final = re.compile(  # the module that lacks something
    r"(?:ImportError|ModuleNotFoundError): "
    r"(?:No module named|cannot import name '\w+' from) '([\w.]+)'"
    r"|AttributeError: module '([\w.]+)' has no attribute"
)


def advice_on(type_name: str, message: str, line: str, memory_mb: int) -> str:
    """A sentence on an exception that was raised in a line of the student's; "" if there is none."""
    if type_name == "SyntaxError" and re.search(r"^\s+[%!]", line, re.MULTILINE):
        return "This is a command of a notebook and not Python: delete the line."
    flat = " ".join(message.split())
    for pattern, advice in _TABLE.items():
        found = re.fullmatch(pattern, f"{type_name}: {flat}")
        if found:
            groups = [(group or "")[:80] for group in found.groups()]
            return advice.format(*groups, memory_mb=memory_mb)
    of_numpy = re.match(r"'numpy\.\w+' object has no attribute '(\w+)'", flat)
    if type_name == "AttributeError" and of_numpy:
        return _not_of_numpy(of_numpy[1])
    misspelt = re.fullmatch(r"module 'numpy' has no attribute '(\w+)'", flat)
    close = closest(misspelt[1], dir(np), 0.8) if misspelt else ""
    if close:
        return f"Is np.{close} meant?"
    if type_name in ("PermissionError", "OSError"):
        for pattern, advice in _BY_LINE:
            if re.search(pattern, line):
                return advice
        return (
            "Your code may only compute while it is graded: no files, network or other processes."
        )
    return ""


def closest(name: str, known: Sequence[str], cutoff: float) -> str:
    """The name that is most like another one; "" if none is."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, 1, cutoff)), "")


def version_note(type_name: str, message: str) -> str:
    """The sentence that names the versions of Python and numpy; "" if it would not help.

    It helps with a SyntaxError, and with an ImportError or AttributeError that says that Python's
    standard library or numpy lacks a name. The student's own modules are the same everywhere.
    """
    if not _may_depend(type_name, message):
        return ""
    return (
        f"This was graded with Python {platform.python_version()} and numpy {np.__version__}. If it "
        "works on your machine, your versions differ; write it so that it works with these."
    )


def _not_of_numpy(name: str) -> str:
    if callable(getattr(np, name, None)):
        return f"`{name}` is a function of numpy and not a method of arrays: write np.{name}(...)."
    close = closest(name, dir(np.ndarray), 0.7)
    if close and close not in name:  # unsqueeze is not a slip of the pen
        return f"Is `{close}` meant?"
    return f"numpy's arrays have no `{name}`; those of other libraries may, such as PyTorch's."


def _may_depend(type_name: str, message: str) -> bool:
    # Wrong indentation, which has types of its own, is wrong at any version.
    if type_name == "SyntaxError":
        return not re.search(r"null bytes|codec|encoding", message)  # the file is not UTF-8 text
    what = f"{type_name}: {message}"
    if re.match(r"AttributeError: `[\w.]+` was removed (?:in|from) .*NumPy \d", what):
        return True
    lacking = _LACKS.match(what)
    if lacking is None:
        return False
    root, _, inner = (lacking[1] or lacking[2]).partition(".")
    if _OF_SOME.fullmatch(root):
        return True
    shared = root == "numpy" or root in sys.stdlib_module_names
    return shared and (bool(inner) or not message.startswith("No module"))
