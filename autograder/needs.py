"""What the engine needs to start, told in a sentence that any Python from 2.7 on can print.

Any of them must be able to read this file, `__init__.py` and `__main__.py`: no annotations, no
f-strings, and nothing imported that one of them lacks.
"""

import os
import re
import sys

PYTHON = (3, 10)
PYTEST = (7, 4)
PACKAGES = (("numpy", "numpy"), ("yaml", "PyYAML"))  # by the name to import, that to install

_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_ENVIRONMENTS = (".venv", "venv", "env")
_MADE_OF = re.compile(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", re.MULTILINE)


def complaint(command, pytest_version=None):
    # type: (str, str | None) -> str
    """What is missing and what to type, or an empty text; `command` is how to start it anew."""
    if sys.version_info < PYTHON:
        return "Python %d.%d or newer is needed, and this is Python %s (%s). %s" % (
            PYTHON + (sys.version.split()[0], sys.executable or "unknown", _newer(command))
        )
    missing = [name for module, name in PACKAGES if not _found(module)]
    if pytest_version is not None and _numbers(pytest_version) < PYTEST:
        missing.append("pytest %d.%d or newer" % PYTEST)
    return _install(missing, command) if missing else ""


def complaint_about_imports():
    # type: () -> str
    """The same about a package that is there and cannot be imported, which this tries."""
    try:
        for module, _ in PACKAGES:
            __import__(module)
    except ImportError as error:
        return complaint_about(error)
    return ""


def complaint_about(error):
    # type: (ImportError) -> str
    """The same about a package whose import raised the error; empty if it was none of them."""
    trace = error.__traceback__
    while trace:
        module = trace.tb_frame.f_globals.get("__name__", "").split(".")[0]
        if module in dict(PACKAGES):
            about = (dict(PACKAGES)[module], sys.version.split()[0], sys.executable)
            again = "Type `%s`, and then the command again" % _pip("--force-reinstall ")
            return "%s cannot be imported by Python %s (%s). " % about + again
        trace = trace.tb_next
    return ""


def _newer(command):
    # type: (str) -> str
    """What to type if the Python that runs is too old."""
    environment = _environment()
    if environment:
        return "Type `%s`, and then `%s`" % (_activation(environment), command)
    newer = "py"
    if os.name != "nt":
        names = ["python3.%d" % minor for minor in range(20, PYTHON[1] - 1, -1)]
        if sys.version_info < (3,):
            names.append("python3")  # any but this one
        newer = next((name for name in names if _on_path(name)), "")
    if not newer:
        return "Install a newer one from https://www.python.org, and then type `%s`" % command
    steps = [newer + " -m venv .venv", _activation(".venv"), _pip(python="python"), command]
    return "Type, one after the other, %s" % ", ".join("`%s`" % step for step in steps)


def _install(missing, command):
    # type: (list[str], str) -> str
    """What to type if packages are missing from the Python that runs."""
    what = "%s %s missing from this Python %s (%s)." % (
        " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1]))),
        "is" if len(missing) == 1 else "are",
        sys.version.split()[0],
        sys.executable or "unknown",
    )
    environment = _environment()
    if not environment:
        return "%s Type `%s`, and then the command again" % (what, _pip())
    typed = (_activation(environment), command, _pip())
    return what + " Type `%s`, and then `%s`; to use this Python, `%s`" % typed


def _pip(options="", python=""):
    # type: (str, str) -> str
    requirements = os.path.join(_FOLDER, "requirements.txt")
    if os.path.exists(requirements):
        what = "-r " + _quoted(_short(requirements))
    elif os.path.exists(os.path.join(_FOLDER, "pyproject.toml")):
        what = _quoted(_short(_FOLDER))
    else:
        what = "numpy PyYAML pytest"
    return "%s -m pip install %s%s" % (python or _quoted(sys.executable or "python"), options, what)


def _environment():
    # type: () -> str
    """A virtual environment that is there, new enough, and not the one that runs."""
    for folder in (os.curdir, _FOLDER):
        for name in _ENVIRONMENTS:
            path = os.path.join(os.path.abspath(folder), name)
            try:
                with open(os.path.join(path, "pyvenv.cfg")) as file:
                    version = _MADE_OF.search(file.read())
            except (IOError, OSError, ValueError):
                continue
            new_enough = version is None or tuple(map(int, version.groups())) >= PYTHON
            if new_enough and os.path.realpath(path) != os.path.realpath(sys.prefix):
                return path
    return ""


def _activation(environment):
    # type: (str) -> str
    if os.name == "nt":
        return _quoted(os.path.join(_short(environment), "Scripts", "activate"))
    return "source %s" % _quoted(os.path.join(_short(environment), "bin", "activate"))


def _found(module):
    # type: (str) -> bool
    from importlib.util import find_spec

    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None  # a mere folder has none


def _on_path(name):
    # type: (str) -> bool
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders)


def _numbers(version):
    # type: (str) -> tuple[int, ...]
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _short(path):
    # type: (str) -> str
    """A path from the current folder if it is below it."""
    try:
        relative = os.path.relpath(path)
    except (ValueError, OSError):  # on another drive, or the current folder is gone
        return path
    return path if relative.startswith(os.pardir) else relative


def _quoted(text):
    # type: (str) -> str
    return text if re.match(r"[\w./\\:~+-]+$", text) else '"%s"' % text
