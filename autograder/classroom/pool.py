"""Several graders at work at once. One that dies is replaced, and its submission tried once more."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Final, Protocol, TypeVar

from autograder.classroom.grader_process import GraderDied
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


class Asked(Protocol):
    """A grader, on this machine or another; see grader_process.py."""

    hello: dict[str, Any]

    def ask(self, request: bytes, patience: float) -> bytes: ...
    def close(self) -> None: ...
    def end(self, seconds: float = 0.0) -> None: ...


class Pool:
    """Graders of one assignment. Leaves no process behind when it is closed."""

    def __init__(self, jobs: int, start: Callable[[], Asked]) -> None:
        """Start the first grader of as many as there are jobs. Raises GraderDied."""
        adopt_orphans()
        self._others = children()
        self._most = jobs + _AHEAD
        self._start = start
        self._idle: queue.SimpleQueue[Asked] = queue.SimpleQueue()
        self._all: set[Asked] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._threads = ThreadPoolExecutor(jobs)
        try:
            first = self._started()
        except BaseException:
            self.close(hurried=True)
            raise
        self._idle.put(first)
        self.hello = first.hello

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self.close(hurried=kind is not None)

    def grade_all(
        self, requests: Iterable[tuple[Key, bytes]], *, alone: bool = False
    ) -> Iterator[tuple[Key, Record | NotGraded]]:
        """The records of all requests as they come, in any order."""
        running: dict[Future[Record], Key] = {}
        left = iter(requests)
        more = True
        while more or running:
            while more and len(running) < (1 if alone else self._most):
                for key, request in left:
                    running[self._threads.submit(self._grade, request)] = key
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
            grader.end(deadline - time.monotonic())
        self._threads.shutdown(wait=True, cancel_futures=True)
        sweep(self._others | {os.getpid()})

    def _grade(self, request: bytes) -> Record:
        """The record of one request. Raises NotGraded."""
        for _ in range(_TRIES):
            grader = self._next()
            try:
                record = decode_record(grader.ask(request, self.hello["patience"]))
            except (GraderDied, ValueError):
                self._discard(grader)
                continue
            self._idle.put(grader)
            if "failed" in record.summary:
                raise NotGraded(record.summary["failed"])
            return record
        raise NotGraded("the grader's process ended twice over it")

    def _next(self) -> Asked:
        """A grader that has nothing to do, a new one if there is none."""
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        try:
            grader = self._started()
        except GraderDied as error:
            raise NotGraded(str(error)) from None
        if "failed" in grader.hello:
            self._discard(grader)
            raise NotGraded(grader.hello["failed"])
        return grader

    def _started(self) -> Asked:
        """A new grader. Raises GraderDied if several in a row end before they have answered."""
        reason = ""
        for _ in range(_STARTS):
            try:
                grader = self._start()
            except (GraderDied, OSError) as error:
                reason = str(error) or "it ended at once"
                continue
            with self._lock:
                self._all.add(grader)
                closed = self._closed
            if closed:
                grader.end()
            return grader
        raise GraderDied(f"no grader could be started: {reason}")

    def _discard(self, grader: Asked) -> None:
        grader.end()
        with self._lock:
            self._all.discard(grader)
