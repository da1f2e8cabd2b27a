"""Several graders at work at once. One that dies is replaced, and its submission tried once more."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Final, TypeVar

from autograder.classroom.process import GraderDied, GraderProcess
from autograder.classroom.store import Record, decode_record
from autograder.sandbox.sweep import adopt_orphans, children, sweep

Key = TypeVar("Key")

_AHEAD: Final = 2  # requests at hand beyond those at work
_TRIES: Final = 2
_STARTS: Final = 3  # in a row that may fail, which is not the submission's fault
_END_SECONDS: Final = 5.0
_HURRIED_SECONDS: Final = 0.6


class NotGraded(Exception):
    """The grader failed, not the submission; the message says how, for staff."""


class Pool:
    """Graders of one assignment. Leaves no process behind when it is closed."""

    def __init__(
        self, jobs: int, start: Callable[[], GraderProcess], *, is_guest: bool = False
    ) -> None:
        """Start the first grader. Raises GraderDied, and OSError.

        A guest is in a process of others, the children of which are not its own to end.
        """
        self._is_guest = is_guest
        if not is_guest:
            adopt_orphans()
        self._others = children()
        self._jobs = jobs
        self._start = start
        self._patience = 0.0
        self._idle: queue.SimpleQueue[GraderProcess] = queue.SimpleQueue()
        self._all: set[GraderProcess] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._threads = ThreadPoolExecutor(jobs)
        try:
            first = self._new()
        except BaseException:
            self.close(hurried=True)
            raise
        self._idle.put(first)
        self.hello: dict[str, Any] = first.hello
        self._patience = self.hello.get("patience", 0.0)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close(hurried=error is not None)

    def grade_all(
        self, requests: Iterable[tuple[Key, bytes]], at_once: int | None = None
    ) -> Iterator[tuple[Key, Record | NotGraded]]:
        """The records of all requests as they come, in any order."""
        most = min(at_once or self._jobs + _AHEAD, self._jobs + _AHEAD)
        running: dict[Future[Record], Key] = {}
        left = iter(requests)
        more = True
        while more or running:
            while more and len(running) < most:
                for key, request in left:
                    running[self._threads.submit(self.grade, request)] = key
                    break
                else:
                    more = False
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                key = running.pop(future)
                error = future.exception()
                if error is not None and not isinstance(error, NotGraded):
                    raise error
                yield key, error or future.result()

    def close(self, *, hurried: bool = False) -> None:
        """End all graders, and whatever they have started."""
        with self._lock:
            self._closed = True
            graders = list(self._all)
        deadline = time.monotonic() + (_HURRIED_SECONDS if hurried else _END_SECONDS)
        for grader in graders:
            grader.close()
        for grader in graders:
            grader.wait(deadline)
        self._threads.shutdown(wait=True, cancel_futures=True)
        for grader in graders:
            grader.release()
        if not self._is_guest:
            sweep(self._others | {os.getpid()})

    def grade(self, request: bytes) -> Record:
        """The record of one request; for any thread. Raises NotGraded."""
        for _ in range(_TRIES):
            grader = self._next()
            try:
                record = decode_record(grader.ask(request, self._patience))
            except (GraderDied, ValueError):
                self._discard(grader)
                continue
            self._idle.put(grader)
            if "failed" in record.summary:
                raise NotGraded(record.summary["failed"])
            return record
        raise NotGraded("the grader's process ended twice over it")

    def _next(self) -> GraderProcess:
        """A grader that has nothing to do, a new one if there is none."""
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        reason = ""
        for _ in range(_STARTS):
            try:
                grader = self._new()
            except (GraderDied, OSError) as error:
                reason = str(error) or "it ended at once"
                continue
            if "failed" not in grader.hello:
                return grader
            self._discard(grader)
            raise NotGraded(grader.hello["failed"])
        raise NotGraded(f"no grader could be started: {reason}")

    def _new(self) -> GraderProcess:
        grader = self._start()
        with self._lock:
            self._all.add(grader)
            closed = self._closed
        if closed:
            grader.kill()
        return grader

    def _discard(self, grader: GraderProcess) -> None:
        with contextlib.suppress(OSError):
            grader.kill()
            grader.release()
        with self._lock:
            self._all.discard(grader)
