"""Sends frames from the worker: results, printed text among them, and the line of a slow step."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import warnings
from collections.abc import Mapping
from types import FrameType
from typing import Any, BinaryIO, Final, TextIO, cast

from autograder.sandbox.channel import pack
from autograder.sandbox.describe import place_of
from autograder.sandbox.observation import MOST_WARNINGS, Warned

_AT_SHARE: Final = 0.8  # of a step's time, after which its line is sent
# As Python itself has it: these are for the authors of libraries.
_QUIET_WARNINGS: Final = (
    DeprecationWarning,
    PendingDeprecationWarning,
    ImportWarning,
    ResourceWarning,
)


class Sender:
    """Sends frames; one at a time, and from this process only."""

    def __init__(self, fd: int, output_limit: int, sources: Mapping[str, bytes]) -> None:
        self.warned: list[Warned] = []  # numpy's warnings since the step began
        self._fd = fd
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._sending = False
        self._output_limit = self._output_left = output_limit
        self._sources = sources

    def take_over_output(self) -> None:
        """Send on what the code prints, and keep what numpy warns of apart from it."""
        sys.stdout = self._text_stream()
        sys.stderr = self._text_stream()
        warnings.showwarning = self._show_warning
        warnings.resetwarnings()
        for category in _QUIET_WARNINGS:
            warnings.simplefilter("ignore", category)
        # Each time, and not only the first, because each step gets its own warnings.
        warnings.simplefilter("always", RuntimeWarning)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._tell_line)

    def start_case(self) -> None:
        """Count what is printed anew, for the next case."""
        self._output_left = self._output_limit

    def set_alarm(self, seconds: float) -> None:
        """Tell the line of what takes nearly so long, if the system can; 0 when it is over."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, seconds * _AT_SHARE)

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Send a frame; ends the process if the grader is gone."""
        if os.getpid() != self._pid:
            os._exit(0)  # a copy that the student's code forked has nothing to report
        view = memoryview(pack(header, body))
        with self._lock:
            self._sending = True
            try:
                while view:
                    view = view[os.write(self._fd, view) :]
            except OSError:
                os._exit(1)  # nobody listens any more
            self._sending = False

    def printed(self, data: bytes) -> None:
        """Send what was printed, as far as there is room."""
        if self._output_left > 0:
            taken = data[: self._output_left]
            cut = len(taken) < len(data)
            self._output_left = 0 if cut else self._output_left - len(taken)
            self.send({"kind": "printed", "cut": cut}, taken)

    def _text_stream(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(
            cast("BinaryIO", _Printed(self)),  # it is written to, and nothing else
            encoding="utf-8",
            errors="backslashreplace",
            newline="\n",
            write_through=True,  # what was printed before a hang is worth the most
        )

    def _show_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        text = str(message)
        if category is RuntimeWarning and (" encountered in " in text or " slice" in text):
            told = Warned(text[:100], str(filename)[:200], int(lineno))
            if told not in self.warned and len(self.warned) < MOST_WARNINGS:
                self.warned.append(told)
            return
        told_in_full = warnings.formatwarning(message, category, filename, lineno, line)
        # A line of the grader's or of a library's says nothing to the student.
        short = f"{category.__name__}: {text}\n"
        (file or sys.stderr).write(told_in_full if filename in self._sources else short)

    def _tell_line(self, _number: int, frame: FrameType | None) -> None:
        # Between two parts of a frame there is no room for another.
        if not self._sending and frame is not None:
            self.send({"kind": "at", **place_of(frame, self._sources)})


class _Printed(io.RawIOBase):
    """The raw stream behind the student's stdout and stderr."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._sender.printed(bytes(data))
        return len(data)
