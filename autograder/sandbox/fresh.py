"""Fresh interpreters: the workers of systems without a safe fork, Windows and macOS."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import Final

from autograder.sandbox.channel import OutOfTime
from autograder.sandbox.launch import (
    LaunchError,
    close_standard_files,
    ending,
    fresh_interpreter,
    take_over,
)
from autograder.sandbox.sweep import adopt_orphans, children, remove_folder, sweep
from autograder.sandbox.walls import be_first_to_go, clean_environment, wipe_variables
from autograder.threads import SINGLE_THREADED

_KEPT_VARIABLES: Final = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "HOME", "LANG")
_LINGER_SECONDS: Final = 2.0


def start_worker(request: bytes) -> SpawnedWorker:
    """Start an interpreter as a worker on a request. Raises LaunchError."""
    adopt_orphans()
    folder = ""
    others = children()
    try:
        folder = tempfile.mkdtemp(prefix="autograder-")
        return SpawnedWorker(_interpreter(request, folder), folder, others)
    except OSError as error:
        if folder:
            remove_folder(folder)
        raise LaunchError(f"a worker cannot be started: {error.strerror}") from error


def _interpreter(request: bytes, folder: str) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    with tempfile.TemporaryFile() as file:
        file.write(request)
        file.seek(0)
        return subprocess.Popen(
            fresh_interpreter("from autograder.sandbox import fresh; fresh.boot()"),
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={**environment, **SINGLE_THREADED},
            start_new_session=os.name == "posix",
        )


class SpawnedWorker:
    """A worker in a fresh interpreter; a thread reads its pipe, as Windows cannot wait on one."""

    def __init__(self, process: subprocess.Popen[bytes], folder: str, others: set[int]) -> None:
        self._process = process
        self._others = others  # children that the grader had before
        self._folder = folder
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=64)
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()

    def _pump(self) -> None:
        assert self._process.stdout is not None
        chunk = b"-"
        while chunk:
            try:
                chunk = os.read(self._process.stdout.fileno(), 1 << 16)
            except OSError:
                chunk = b""
            self._chunks.put(chunk)

    def read_some(self, deadline: float) -> bytes:
        """See launch.Worker."""
        try:
            return self._chunks.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise OutOfTime from None

    def stop(self) -> str:
        """See launch.Worker."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        code = self._process.wait()
        swept = sys.platform != "linux" or sweep(self._others | {os.getpid()})
        # The thread ends once the pipe does; until then it may be waiting for room in the queue. A
        # process that got away from the kill may hold the pipe open: the thread is then left to it.
        deadline = time.monotonic() + _LINGER_SECONDS
        while self._thread.is_alive() and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                self._chunks.get(timeout=0.01)
        if not self._thread.is_alive() and self._process.stdout is not None:
            self._process.stdout.close()
        remove_folder(self._folder)
        if not swept:
            raise LaunchError("processes of the student's code could not be ended")
        return ending(code)


def boot() -> None:
    """Become the worker: in the fresh interpreter, the request on stdin, the channel on stdout."""
    import numpy.random  # noqa: F401 - before the packages' folder is taken away

    from autograder.sandbox import worker  # noqa: F401 - as above

    wipe_variables()
    clean_environment()
    be_first_to_go()
    request, result = os.dup(0), os.dup(1)
    close_standard_files()
    # Nothing else ends it if its grader is killed and it does not use up its processor time.
    take_over(request, result, os.getcwd(), ends_itself=True)
