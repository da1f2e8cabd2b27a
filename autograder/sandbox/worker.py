"""The worker: runs a student's code in a process of its own, and sends back what it did.

Whatever this process does may be the student's doing. It decides nothing: it makes the calls in
order and reports each with a frame; the grader, which knows the order, checks and judges.
"""

from __future__ import annotations

import copy
import io
import os
import sys
import threading
import warnings
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TextIO, cast

import numpy as np

from autograder.sandbox import observation as seen
from autograder.sandbox.channel import MAX_BODY, pack
from autograder.sandbox.importer import import_main
from autograder.sandbox.request import CaseRun, Program, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from autograder.formats.draws import Batch

_NO_OBJECT: Final = object()  # as the student's class may well give None
_NUMBERS: Final = (
    *(float, int, np.float64, np.float32, np.float16, np.longdouble),
    *(np.int64, np.int32, np.int16, np.int8, np.longlong),
    *(np.uint64, np.uint32, np.uint16, np.uint8, np.ulonglong),
)
# As Python itself has it: these are for the authors of libraries.
_QUIET_WARNINGS: Final = (
    DeprecationWarning,
    PendingDeprecationWarning,
    ImportWarning,
    ResourceWarning,
)
_SENT_DTYPES: Final = {"f2": "<f2", "f4": "<f4", "f8": "<f8", "f16": "<f8", "f12": "<f8"}


def work(request: Request, walls: list[str], result_fd: int) -> None:
    """Make every call that the request asks for, and report each; never raises."""
    sender = _Sender(result_fd, request.limits["output_kb"] * 1024)
    _reset_interpreter()
    sys.stdout = sender.text_stream()
    sys.stderr = sender.text_stream()
    sys.argv = [request.program.main]
    if not set(request.required) <= set(walls):
        sender.send({"kind": "refused", "walls": walls})
        return
    # Drawn before the student's code can touch numpy's state.
    drawn = [run.inputs.draw() for run in request.runs]
    sender.send({"kind": "ready", "walls": walls})
    if not request.runs:
        return
    student = _load(request.program, sender)
    if student is not None:
        for run, batches in zip(request.runs, drawn):
            _run_case(request.program, student, run, batches, sender)


def _reset_interpreter() -> None:
    """Undo what the grader, a test runner say, has changed in the interpreter that we copy."""
    sys.stdin = open(os.devnull)  # noqa: SIM115 - open as long as the process lives
    sys.excepthook = sys.__excepthook__
    sys.unraisablehook = sys.__unraisablehook__
    threading.excepthook = threading.__excepthook__
    warnings.showwarning = _show_warning
    warnings.resetwarnings()
    for category in _QUIET_WARNINGS:
        warnings.simplefilter("ignore", category)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    text = warnings.formatwarning(message, category, filename, lineno, line)
    (file or sys.stderr).write(text)


class _Sender:
    """Sends frames, printed text among them; one at a time, and from this process only."""

    def __init__(self, fd: int, output_limit: int) -> None:
        self._fd = fd
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._output_limit = output_limit
        self._output_left = output_limit

    def text_stream(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(
            cast("BinaryIO", _Printed(self)),  # it is written to, and nothing else
            encoding="utf-8",
            errors="backslashreplace",
            newline="\n",
            write_through=True,  # what was printed before a hang is worth the most
        )

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        self._write(pack(header, body))

    def start_case(self) -> None:
        self._output_left = self._output_limit

    def printed(self, data: bytes) -> None:
        if self._output_left > 0:
            taken = data[: self._output_left]
            self._output_left -= len(taken)
            cut = len(taken) < len(data)
            self._output_left = 0 if cut else self._output_left
            self._write(pack({"kind": "printed", "cut": cut}, taken))

    def _write(self, data: bytes) -> None:
        if os.getpid() != self._pid:
            os._exit(0)  # a copy that the student's code forked has nothing to report
        view = memoryview(data)
        with self._lock:
            try:
                while view:
                    view = view[os.write(self._fd, view) :]
            except OSError:
                os._exit(1)  # nobody listens any more


class _Printed(io.RawIOBase):
    """The raw stream behind the student's stdout and stderr."""

    def __init__(self, sender: _Sender) -> None:
        self._sender = sender

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._sender.printed(bytes(data))
        return len(data)


def _load(program: Program, sender: _Sender) -> type | None:
    try:
        module = import_main(program.sources, program.main)
        student = getattr(module, program.class_name, None)
    except BaseException as error:
        sender.send(_raised(error, program.sources))
        return None
    if not isinstance(student, type):
        names = sorted(name for name, value in vars(module).items() if _is_own_class(value, module))
        missing = {"type": "MissingClass", "message": ", ".join(names)[:500], "line": 0}
        sender.send({"kind": "observation", "outcome": seen.RAISED, "error": missing})
        return None
    sender.send({"kind": "observation", "outcome": seen.DONE})
    return student


def _is_own_class(value: Any, module: Any) -> bool:
    return isinstance(value, type) and getattr(value, "__module__", None) == module.__name__


def _run_case(
    program: Program, student: type, run: CaseRun, batches: list[Batch], sender: _Sender
) -> None:
    sender.start_case()
    instance: object = _NO_OBJECT
    for batch in batches:
        if instance is _NO_OBJECT or not run.shared_object:
            instance = _construct(program, student, sender)
        handed: dict[str, list[NDArray[Any]]] = {name: [] for name in batch}
        if instance is not _NO_OBJECT:
            for method, names in program.calls:
                # Each call gets copies of its own, so that a change in place costs one check only.
                arguments = [batch[name].copy() for name in names]
                for name, array in zip(names, arguments):
                    handed[name].append(array)
                header, body = _call(instance, method, arguments, program)
                sender.send(header, body)
                if header["outcome"] == seen.RAISED:
                    break
        if run.return_inputs:
            for name, pristine in batch.items():
                changed = (array for array in handed[name] if not _same(array, pristine))
                header, body = _array(next(changed, pristine))
                sender.send({"kind": "input", "name": name, **header}, body)


def _construct(program: Program, student: type, sender: _Sender) -> object:
    try:
        # Copies, so that what one object does to its arguments stays with that object.
        instance: object = student(*map(copy.copy, program.constructor))
    except BaseException as error:
        sender.send(_raised(error, program.sources))
        return _NO_OBJECT
    sender.send({"kind": "observation", "outcome": seen.DONE})
    return instance


def _call(
    instance: object, method: str, arguments: list[NDArray[Any]], program: Program
) -> tuple[dict[str, Any], bytes]:
    try:
        function = getattr(instance, method, None)
        if function is None:
            missing = {"type": "MissingMethod", "message": method, "line": 0}
            return {"kind": "observation", "outcome": seen.RAISED, "error": missing}, b""
        return _returned(function(*arguments))
    except BaseException as error:
        return _raised(error, program.sources), b""


def _returned(value: object) -> tuple[dict[str, Any], bytes]:
    header: dict[str, Any] = {"kind": "observation"}
    if value is None or value is NotImplemented:
        return {**header, "outcome": seen.PLACEHOLDER, "type": repr(value)}, b""
    # By exact type: a subclass brings operators of its own, and its numbers are not plain numbers.
    if type(value) is np.ndarray or type(value) in _NUMBERS:
        array = value if type(value) is np.ndarray else _as_array(value)
        array_header, body = _array(array) if array is not None else ({}, b"")
        if array_header:
            return {**header, "outcome": seen.VALUE, "type": _name(value), **array_header}, body
    return {**header, "outcome": seen.OTHER, "type": _name(value)}, b""


def _as_array(number: Any) -> NDArray[Any] | None:
    try:
        return np.array(number, dtype=np.float64 if type(number) in (float, int) else None)
    except OverflowError:  # an int beyond the range of a float
        return None


def _array(array: NDArray[Any]) -> tuple[dict[str, Any], bytes]:
    """Header and bytes of an array of plain numbers; an empty header for any other, or a huge one."""
    kind = array.dtype.kind
    if kind not in "iuf" or array.size * 8 > MAX_BODY:
        return {}, b""
    if kind == "f":
        array = array.astype(_SENT_DTYPES[f"f{array.dtype.itemsize}"])
    else:
        array = array.astype(f"<{kind}8")
    return seen.array_header(array), array.tobytes()


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return (one.dtype, one.shape) == (other.dtype, other.shape) and one.tobytes() == other.tobytes()


def _name(value: object) -> str:
    kind = type(value)
    if kind is np.ndarray:
        array: Any = value
        size = f"shape {array.shape}, too large" if array.size * 8 > MAX_BODY else array.dtype
        return f"numpy array of {size}"
    module, name = kind.__module__, kind.__qualname__[:200]
    return name if module == "builtins" else f"{str(module)[:200]}.{name}"


def _raised(error: BaseException, sources: Mapping[str, bytes]) -> dict[str, Any]:
    """Describe an exception; its own methods are the student's code and may do anything."""
    try:
        described = _describe(error, sources)
    except BaseException:
        described = {"type": "an exception that cannot be shown", "message": "", "line": 0}
    outcome = seen.RAISED
    if _is_placeholder(error, described, sources):
        outcome = seen.PLACEHOLDER
    return {"kind": "observation", "outcome": outcome, "error": described}


def _describe(error: BaseException, sources: Mapping[str, bytes]) -> dict[str, Any]:
    path, line, function = "", 0, ""
    if isinstance(error, SyntaxError) and error.filename in sources:
        path, line = str(error.filename), error.lineno or 0
        message = str(error.msg)
    else:
        message = str(error)
        step: TracebackType | None = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            if code.co_filename in sources:
                path, line, function = code.co_filename, step.tb_lineno, code.co_name
            step = step.tb_next
    if isinstance(error, ImportError) and error.name and not message:
        message = error.name
    return {
        "type": str(type(error).__name__)[:200],
        "message": message[:2000],
        "path": path,
        "line": int(line),
        "function": str(function)[:200],
    }


def _is_placeholder(
    error: BaseException, described: dict[str, Any], sources: Mapping[str, bytes]
) -> bool:
    """Whether a starter's body raised this: NotImplementedError, `raise NotImplemented`, None / None."""
    if type(error) is NotImplementedError:
        return True
    if type(error) is not TypeError:
        return False
    message = str(described["message"])
    if message.startswith("unsupported operand") and message.count("'NoneType'") == 2:
        return True
    lines = sources.get(described.get("path", ""), b"").splitlines()
    number = described["line"]
    return 0 < number <= len(lines) and b"raise NotImplemented" in lines[number - 1]
