"""Launching workers: what every way of starting one has in common."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Final, NoReturn, Protocol

from autograder.errors import UsageError
from autograder.sandbox.sweep import remove_folder

_LOOK_SECONDS: Final = 0.2  # between a fresh worker's looks for its grader


class LaunchError(UsageError):
    """No worker could be started; the grader's or the machine's fault, not the student's."""


class Worker(Protocol):
    """A started worker: a source of frames, and a process that can be stopped."""

    def read_some(self, deadline: float) -> bytes:
        """Some bytes, none at the end. Raises OutOfTime at the deadline (of time.monotonic)."""

    def stop(self) -> str:
        """End the process with all that it started, and free what it held; says how it ended.

        Raises LaunchError if something is left of it.
        """


def ending(code: int) -> str:
    """How a process ended: by itself with a status, or, if it is below 0, by a signal."""
    if code >= 0:
        return f"ended itself with status {code}"
    known = -code in [*signal.Signals]
    return f"was ended by the signal {signal.Signals(-code).name if known else -code}"


def fresh_interpreter(statement: str) -> list[str]:
    """The command for a fresh interpreter that runs a statement, with our own modules at hand.

    Their path is handed over by value: the child ignores the environment (-I), and would not find
    what this process was told of in other ways. It is written in ASCII, because some systems have no way
    to pass other characters on a command line.
    """
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    path = [package, *(entry for entry in sys.path if entry)]
    # Ours first; what else is in their folder comes last: it may be a student's random.py.
    start = (
        f"import sys; sys.path[:] = {path!a}; import autograder; sys.path.append(sys.path.pop(0))"
    )
    return [sys.executable, "-I", "-c", f"{start}; {statement}"]


def close_standard_files() -> None:
    """Have nothing to read from, and nobody who sees what is written."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)


def take_over(
    request_fd: int, result_fd: int, folder: str, *, ends_itself: bool = False
) -> NoReturn:
    """Be the worker, from here to the end of the process, in the working folder given.

    One that `ends_itself` removes the folder and ends once its grader is gone, or its time is up.
    """
    from autograder.sandbox.request import decode_request
    from autograder.sandbox.walls import raise_walls
    from autograder.sandbox.worker import work

    try:
        with open(request_fd, "rb") as file:
            file.seek(0)
            request = decode_request(file.read())
        if ends_itself:
            import threading  # which the grader does not need, and would wait for

            seconds = request.limits["cpu_seconds"] + 1.0
            threading.Thread(target=_end_alone, args=(seconds, folder), daemon=True).start()
        walls = raise_walls(request.walls, request.uid, request.limits, folder)
        work(request, walls, result_fd)
    finally:
        os._exit(0)


def _end_alone(seconds: float, folder: str) -> None:
    grader, deadline = os.getppid(), time.monotonic() + seconds
    while os.getppid() == grader and time.monotonic() < deadline:  # on Windows it never changes
        time.sleep(_LOOK_SECONDS)
    try:
        remove_folder(folder)
    finally:
        os._exit(1)
