"""The graders of a Dask cluster, in the place of those of this machine.

Sources and the assignment travel as bytes, so no file system is shared. On each worker a grader is a
fresh interpreter, as on this machine: a worker has threads, and may have held another assignment's
answers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Final, TypeVar

from autograder.classroom.pool import NotGraded
from autograder.classroom.store import Record, decode_record
from autograder.digest import digest_of_engine
from autograder.errors import UsageError
from autograder.levels import walls_of
from autograder.text import one_line

Key = TypeVar("Key")

_IN_FLIGHT: Final = 4  # tasks a worker
_TRIES: Final = 2
_CONNECT_SECONDS: Final = 30
_TOLD: Final = ("python", "numpy", "level")  # by each worker; all of them are part of the digest


class Cluster:
    """The graders of a cluster. Raises UsageError if it has none that may be used."""

    def __init__(
        self, address: str, files: dict[str, bytes], digest: str, walls: tuple[str, ...]
    ) -> None:
        try:
            import distributed

            from autograder.classroom import on_worker
        except ImportError:
            raise UsageError("--dask needs Dask: `pip install 'autograder[class-dask]'`") from None
        connect: Any = distributed.Client
        self._task = on_worker.grade
        try:
            self._client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"no cluster at {address}: {one_line(str(error))}") from None
        self._plugin = f"autograder-{digest}"
        try:
            plugin = on_worker.Graders(self._plugin, files, digest, walls)
            self._client.register_plugin(plugin, name=self._plugin)
            told = self._client.run(on_worker.hello, self._plugin)
        except Exception as error:  # whatever a worker raised
            self.close(hurried=True)
            raise UsageError(f"a worker cannot grade: {one_line(str(error))}") from error
        self.hello = self._common(told)

    def _common(self, told: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """What all workers say of themselves; a level is that of the least."""
        if not told:
            self.close(hurried=True)
            raise UsageError("the cluster has no workers")
        for worker, hello in told.items():
            if hello["engine"] != digest_of_engine():
                self.close(hurried=True)
                raise UsageError(f"the worker {worker} has another version of the engine")
        for hello in told.values():
            if "failed" in hello:
                return hello
        common = dict(next(iter(told.values())))
        for key in _TOLD:
            common[key] = ", ".join(sorted({hello[key] for hello in told.values()}))
        common["level"] = min((hello["level"] for hello in told.values()), key=len)
        return common

    def __enter__(self) -> Cluster:
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
        """The records of all requests as they come; each is released by the cluster at once."""
        import distributed

        engine = digest_of_engine()
        running: dict[Any, tuple[Key, bytes, int]] = {}
        as_completed: Any = distributed.as_completed
        done = as_completed(loop=self._client.loop)

        def submit(key: Key, request: bytes, tries: int) -> None:
            future = self._client.submit(self._task, self._plugin, engine, request, pure=False)
            running[future.key] = (key, request, tries)
            done.add(future)

        left = iter(requests)
        more = True
        while more or running:
            most = at_once or _IN_FLIGHT * max(1, len(self._client.nthreads()))
            while more and len(running) < most:
                for key, request in left:
                    submit(key, request, 1)
                    break
                else:
                    more = False
            if not running:
                break
            future = next(done)
            key, request, tries = running.pop(future.key)
            record = self._record_of(future)
            future.release()
            if record is None and tries < _TRIES:
                submit(key, request, tries + 1)
            else:
                yield key, record or NotGraded("the workers that had it were lost")

    def _record_of(self, future: Any) -> Record | NotGraded | None:
        """The record of a task; None if its workers were lost."""
        try:
            record = decode_record(future.result())
        except Exception:  # KilledWorker, a lost connection, a cancelled task
            return None
        if "failed" in record.summary:
            return NotGraded(record.summary["failed"])
        found = record.summary["level"]
        if not set(walls_of(self.hello["level"]) or ()) <= set(walls_of(found) or ()):
            return NotGraded(f"a worker that came later gives the isolation {found} only")
        return record

    def close(self, *, hurried: bool = False) -> None:
        """End the graders on all workers."""
        del hurried
        with contextlib.suppress(Exception):  # of a cluster that may be gone
            self._client.unregister_worker_plugin(self._plugin)
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)
