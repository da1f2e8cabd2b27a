"""A grader: a process of its own that is sent the sources of submissions and answers with records.

Sent and answered are bytes with their length before them, never pickles: students' code runs next to
the grader. It opens its Sandbox before it is told anything, and ends as soon as its parent does.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import struct
import subprocess
import threading
import time
from typing import Any, Final, NoReturn

from autograder.sandbox.launch import fresh_interpreter

_LENGTH: Final = struct.Struct("<Q")
_END_SECONDS: Final = 0.5  # between asking a grader to stop and making it
_CHUNK: Final = 1 << 20


class GraderDied(Exception):
    """The process ended, or was ended, before it answered."""


class GraderProcess:
    """A grader, seen from its parent; asked by one thread at a time, and ended by any."""

    def __init__(self, walls: tuple[str, ...], setup: dict[str, Any], patience: float) -> None:
        """Start it; `hello` is its answer to the setup. Raises GraderDied, and OSError."""
        self._process = subprocess.Popen(
            fresh_interpreter("from autograder.classroom import process; process.boot()"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=os.name == "posix",  # the terminal's Ctrl-C is for the parent
        )
        self._writing = threading.Lock()
        self._closed = False
        try:
            self._send(json.dumps(walls).encode())
            self.hello: dict[str, Any] = json.loads(self.ask(json.dumps(setup).encode(), patience))
        except BaseException:
            self.kill()
            self.release()
            raise

    def ask(self, request: bytes, patience: float) -> bytes:
        """Its answer; it is killed if that takes longer than `patience`. Raises GraderDied."""
        timer = threading.Timer(patience, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            self._send(request)
            assert self._process.stdout is not None
            return read_frame(self._process.stdout.fileno())
        except (OSError, EOFError, ValueError):
            raise GraderDied from None
        finally:
            timer.cancel()

    def close(self) -> None:
        """Ask it to end, also in the middle of a submission."""
        if not self._writing.acquire(timeout=_END_SECONDS):
            self._process.kill()
            return
        with contextlib.suppress(OSError):
            self._closed = True
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._writing.release()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def wait(self, deadline: float) -> None:
        """Wait until it has ended, and make it end at the deadline, a time of time.monotonic()."""
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()

    def release(self) -> None:
        """Give back what is held of it, once it has ended and nobody waits for its answer."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _send(self, data: bytes) -> None:
        with self._writing:
            if self._closed:
                raise EOFError
            assert self._process.stdin is not None
            write_frame(self._process.stdin.fileno(), data)


def write_frame(descriptor: int, data: bytes) -> None:
    for part in (_LENGTH.pack(len(data)), data):
        view = memoryview(part)
        while view:
            view = view[os.write(descriptor, view[:_CHUNK]) :]


def read_frame(descriptor: int) -> bytes:
    """Raises EOFError if there is no whole one."""
    (length,) = _LENGTH.unpack(_read(descriptor, _LENGTH.size))
    return _read(descriptor, length)


def _read(descriptor: int, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        data = os.read(descriptor, min(length - len(found), _CHUNK))
        if not data:
            raise EOFError
        found += data
    return bytes(found)


# In the grader. ----------------------------------------------------------------------------------


def boot() -> NoReturn:
    """Be the grader, to the end of the process."""
    status = 1
    try:
        requests, replies = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):  # what the reference prints is not an answer
            os.dup2(nothing, standard)
        with contextlib.suppress(KeyboardInterrupt, EOFError, BrokenPipeError):
            _serve(requests, replies)
        status = 0
    finally:
        os._exit(status)


def _serve(requests: int, replies: int) -> None:
    from autograder.sandbox import Sandbox

    walls = json.loads(read_frame(requests))
    with Sandbox(walls=walls) as sandbox:
        # From here on there are secrets in memory.
        from autograder.classroom.grader import open_grader

        grader, hello = open_grader(json.loads(read_frame(requests)), sandbox)
        write_frame(replies, json.dumps(hello).encode())
        if grader is None:
            return
        listener = _Listener(requests)
        for request in iter(listener.next, None):
            write_frame(replies, grader.grade(request))


class _Listener:
    """Takes requests off the pipe, and notices at once that the parent has ended or hung up."""

    def __init__(self, requests: int) -> None:
        self._requests = requests
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._busy = False
        threading.Thread(target=self._listen, daemon=True).start()

    def next(self) -> bytes | None:
        self._busy = False
        request = self._queue.get()
        self._busy = request is not None
        return request

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._queue.put(read_frame(self._requests))
        self._queue.put(None)
        main = threading.main_thread().ident
        if self._busy and main is not None and hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main, signal.SIGINT)  # so that it leaves nothing behind
        time.sleep(_END_SECONDS)
        os._exit(1)
