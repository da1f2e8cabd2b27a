"""Workers forked from a warm process, which is forked from the grader before it knows anything.

The warm process is at work in `forkserver`; here is the grader's side of it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Final

from autograder.sandbox.channel import OutOfTime
from autograder.sandbox.forkserver import IGNORED, MOST_BYTES, STOP, UNSWEPT, serve, warm_up
from autograder.sandbox.launch import LaunchError, ending, fresh_interpreter
from autograder.sandbox.sweep import adopt_orphans, children, new_folder, remove_folder, sweep
from autograder.sandbox.walls.processes import kill, stat
from autograder.threads import SINGLE_THREADED

_ANSWER_SECONDS: Final = 20.0  # more than a sweep may take
_LOOK_SECONDS: Final = 0.2  # between looks whether the warm process is still there to answer
_LIVING: Final[set[int]] = set()  # warm processes of this grader


def can_fork() -> bool:
    """Whether this system forks safely once numpy is loaded.

    macOS does not: its frameworks, which numpy may use, break in a forked child; that is why
    multiprocessing starts fresh interpreters there as well.
    """
    return sys.platform == "linux"


class WarmProcess:
    """A warm process, which forks workers, as the grader sees it."""

    alive = True  # False once it cannot start any more

    def __init__(self, uid: int, *, fresh: bool = False) -> None:
        """Fork the warm process. Nothing secret may be in memory yet, and numpy should be.

        `uid` is the one that workers change to, 0 for none. With `fresh`, for when there are secrets
        by now, the warm process is an interpreter of its own; that takes as long as importing numpy.
        Raises LaunchError.
        """
        adopt_orphans()
        self._others = children()  # that the grader had before
        try:
            # Packet sockets keep messages apart, and tell an empty end from an empty message.
            self._control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._requests, requests = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            if fresh:
                self._pid = _spawn(control, requests, uid)
            else:
                warm_up()
                sys.stdout.flush()
                sys.stderr.flush()
                # A signal to both must not end the warm process before it knows to clear away first.
                mask = signal.pthread_sigmask(signal.SIG_BLOCK, IGNORED)
                try:
                    self._pid = os.fork()
                    if self._pid == 0:
                        self._control.close()
                        self._requests.close()
                        serve(control, requests, uid)
                finally:
                    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        except OSError as error:
            raise LaunchError(f"no process can be started: {error.strerror}") from error
        control.close()
        requests.close()
        self._control.settimeout(_LOOK_SECONDS)
        _LIVING.add(self._pid)

    def start_worker(self, request: bytes) -> ForkedWorker:
        """Have a worker forked, which takes the request. Raises LaunchError."""
        folder = ""
        ours: list[int] = []
        try:
            folder = new_folder(lambda path: self._control.send(os.fsencode(path)))
            ours += (os.memfd_create("request"), *os.pipe())
            request_fd, result, result_end = ours
            with open(request_fd, "wb", closefd=False) as file:
                file.write(request)
            socket.send_fds(self._requests, [os.fsencode(folder)], [request_fd, result_end])
            ours.remove(result)
        except OSError as error:
            if folder:
                remove_folder(folder)
            if isinstance(error, ConnectionError):
                self._clear_away()
                raise LaunchError("the warm process is gone") from error
            raise LaunchError(f"a worker cannot be started: {error.strerror}") from error
        finally:
            for descriptor in ours:
                os.close(descriptor)
        return ForkedWorker(result, folder, self._stop_worker)

    def close(self) -> None:
        """End the warm process."""
        # Shut down and not only closed: another warm process may have a copy of this end.
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        self._requests.close()
        _LIVING.discard(self._pid)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _stop_worker(self) -> bytes:
        """Have the worker ended; returns the warm process's answer, nothing if it gives none."""
        with contextlib.suppress(OSError):
            self._control.send(STOP)
            deadline = time.monotonic() + _ANSWER_SECONDS
            while time.monotonic() < deadline and not _is_stopped(self._pid):
                with contextlib.suppress(TimeoutError):
                    answer = self._control.recv(MOST_BYTES)
                    if answer:
                        return answer
                    break
        self._clear_away()
        return b""

    def _clear_away(self) -> None:
        """End what a warm process has left that was itself ended, or stopped, by a worker."""
        if not self.alive:
            return  # it has been reaped, and its number may be another's by now
        kill(self._pid)
        _LIVING.discard(self._pid)
        self.alive = False
        sweep(self._others | _LIVING | {os.getpid()})


class ForkedWorker:
    """A worker that the warm process forked; see launch.Worker."""

    def __init__(self, result: int, folder: str, stop: Callable[[], bytes]) -> None:
        self._result = result
        self._folder = folder
        self._stop = stop
        self._poll = select.poll()
        self._poll.register(result, select.POLLIN)

    def read_some(self, deadline: float) -> bytes:
        """See launch.Worker."""
        if not self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise OutOfTime
        return os.read(self._result, 1 << 20)

    def stop(self) -> str:
        """See launch.Worker."""
        os.close(self._result)
        answer = self._stop()
        remove_folder(self._folder)
        if answer == UNSWEPT:
            raise LaunchError("processes of the student's code could not be ended")
        if not answer:
            return ending(-signal.SIGKILL)
        return ending(os.waitstatus_to_exitcode(int(answer)))


def _spawn(control: socket.socket, requests: socket.socket, uid: int) -> int:
    import subprocess

    descriptors = (control.fileno(), requests.fileno())
    call = (
        "import socket; from autograder.sandbox import forkserver; "
        f"forkserver.serve(*[socket.socket(fileno=n) for n in {descriptors}], {uid})"
    )
    process = subprocess.Popen(
        fresh_interpreter(call), pass_fds=descriptors, env={**os.environ, **SINGLE_THREADED}
    )
    process.returncode = 0  # it is waited for by its number, as the forked one is
    return process.pid


def _is_stopped(pid: int) -> bool:
    """Whether a process has been sent SIGSTOP, as a worker may do if no wall keeps it from that."""
    try:
        return stat(pid)[0] == b"T"
    except OSError:
        return True  # it is not even there
