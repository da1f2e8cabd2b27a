"""Launching workers: what every way of starting one has in common."""

from __future__ import annotations

import os
import signal
import sys
from typing import Final, NamedTuple, NoReturn

from autograder.sandbox.channel import Source

SINGLE_THREADED: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


class Ending(NamedTuple):
    """How a worker's process ended: by itself with a status, or by a signal."""

    status: int | None
    signal: int | None = None

    def __str__(self) -> str:
        if self.signal is not None:
            return f"was ended by the signal {_signal_name(self.signal)}"
        return f"ended itself with status {self.status}"


class Worker(Source):
    """A started worker: a source of frames, and a process that can be stopped."""

    def stop(self) -> Ending:
        """Kill what is left of the process and of its children, and free everything it held."""
        raise NotImplementedError


class Launcher:
    """A way of starting workers."""

    alive = True  # False once it cannot start any more

    def start(self, request: bytes) -> Worker:
        """Start a worker on a request. Raises LaunchError."""
        raise NotImplementedError

    def close(self) -> None:
        """Leave nothing behind."""


class LaunchError(Exception):
    """No worker could be started; the grader's or the machine's fault, not the student's."""


def single_threaded_numpy() -> None:
    """Import numpy with one BLAS thread: a thread more would not survive the fork, and eats memory.

    To be called before anything else imports numpy.
    """
    if "numpy" not in sys.modules:
        for name, value in SINGLE_THREADED.items():
            os.environ.setdefault(name, value)
    __import__("numpy")


def fresh_interpreter(statement: str) -> list[str]:
    """The command for a fresh interpreter that runs a statement, with our own modules at hand.

    Their path is handed over by value: the child ignores the environment (-I), and would not find
    what this process was told of in other ways. It is written in ASCII, as not every system has a way to
    pass other characters on a command line.
    """
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    path = [package, *(entry for entry in sys.path if entry)]
    # Ours first; what else is in their folder comes last, as it may be a student's random.py.
    start = (
        f"import sys; sys.path[:] = {path!a}; import autograder; sys.path.append(sys.path.pop(0))"
    )
    return [sys.executable, "-I", "-c", f"{start}; {statement}"]


def take_over(
    request_fd: int, result_fd: int, folder: str, *, ends_itself: bool = False
) -> NoReturn:
    """Be the worker, from here to the end of the process, in the working folder given.

    One that `ends_itself` outlives its grader by no more than the time that was granted to it.
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

            timer = threading.Timer(request.limits["cpu_seconds"] + 1.0, os._exit, (1,))
            timer.daemon = True
            timer.start()
        walls = raise_walls(request.plan, request.limits, folder)
        work(request, walls, result_fd)
    finally:
        os._exit(0)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
