"""A grader: a process of its own that is sent the sources of submissions and answers with records.

Sent and answered are bytes with their length before them, never pickles: students' code runs next to
the grader. It opens its Sandbox before it reads anything, and ends as soon as its parent does.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import struct
import subprocess
import threading
import time
from typing import IO, Any, Final, NoReturn

from autograder.sandbox.launch import fresh_interpreter

_LENGTH: Final = struct.Struct("<Q")
_START_SECONDS: Final = 600.0  # to read an assignment and to try its expectations
_END_SECONDS: Final = 0.5  # between asking a grader to stop and making it


class GraderDied(Exception):
    """The process ended, or was ended, before it answered."""


class GraderProcess:
    """A grader, seen from its parent; asked by one thread at a time, and ended by any."""

    def __init__(self, walls: tuple[str, ...], setup: dict[str, Any]) -> None:
        """Start it; `hello` is its answer to the setup. Raises GraderDied, and OSError."""
        self._process = subprocess.Popen(
            fresh_interpreter("from autograder.classroom import grader_process as g; g.boot()"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name == "posix",  # the terminal's Ctrl-C is for the parent
        )
        try:
            hello = self.ask(json.dumps([walls, setup]).encode(), _START_SECONDS)
        except BaseException:
            self.end()
            raise
        self.hello: dict[str, Any] = json.loads(hello)

    def ask(self, request: bytes, patience: float) -> bytes:
        """Its answer; it is killed if that takes longer than `patience`. Raises GraderDied."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = threading.Timer(patience, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            _write(self._process.stdin, request)
            return _read(self._process.stdout)
        except (OSError, EOFError, ValueError):
            raise GraderDied from None
        finally:
            timer.cancel()

    def close(self) -> None:
        """Ask it to end, also in the middle of a submission."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def end(self, seconds: float = 0.0) -> None:
        """Wait until it has ended, and make it end after so many seconds."""
        self.close()
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def _write(file: IO[bytes], data: bytes) -> None:
    file.write(_LENGTH.pack(len(data)))
    file.write(data)
    file.flush()


def _read(file: IO[bytes]) -> bytes:
    """Raises EOFError if there is no whole frame."""
    head = file.read(_LENGTH.size)
    if len(head) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        data = file.read(length)
        if len(data) == length:
            return data
    raise EOFError


# In the grader. ----------------------------------------------------------------------------------


def boot() -> NoReturn:
    """Be the grader, to the end of the process."""
    try:
        requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):  # what the reference prints is not an answer
            os.dup2(nothing, standard)
        with contextlib.suppress(KeyboardInterrupt, EOFError, BrokenPipeError):
            _serve(requests, replies)
    finally:
        os._exit(0)


def _serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    walls, setup = json.loads(_read(requests))
    from autograder.sandbox import Sandbox

    with Sandbox(walls=walls) as sandbox:
        busy = threading.Event()
        busy.set()  # with the assignment
        threading.Thread(target=_end_with_parent, args=(requests, busy), daemon=True).start()
        # From here on there are secrets in memory.
        from autograder.classroom.grader import open_grader

        grader, hello = open_grader(setup, sandbox)
        _write(replies, json.dumps(hello).encode())
        if grader is None:
            return
        gc.freeze()  # what is there by now stays
        while True:
            busy.clear()
            request = _read(requests)
            busy.set()
            _write(replies, grader.grade(request))


def _end_with_parent(requests: IO[bytes], busy: threading.Event) -> None:
    """Notice at once that the parent has ended or hung up, also in the midst of a submission."""
    if not hasattr(select, "poll"):  # on Windows it is noticed once that is graded
        return
    watch = select.poll()
    watch.register(requests, select.POLLHUP)
    while not any(event & select.POLLHUP for _, event in watch.poll()):
        pass
    main = threading.main_thread().ident
    if busy.is_set() and main is not None:
        signal.pthread_kill(main, signal.SIGINT)  # so that it leaves nothing behind
    time.sleep(_END_SECONDS)
    os._exit(1)
