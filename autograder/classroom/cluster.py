"""Graders on the workers of a Dask cluster, each asked as one of this machine is.

Sources and the assignment travel as bytes, so no file system is shared. On each worker a grader is a
fresh interpreter, as on this machine: a worker has threads, and may have held another assignment's
answers. This module is imported only if there is Dask.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import tempfile
from collections.abc import Collection
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, Final

import distributed
from distributed import WorkerPlugin

from autograder.classroom.grader_process import GraderDied, GraderProcess
from autograder.classroom.pool import Pool
from autograder.classroom.store import Record, encode_record
from autograder.digest import digest_of_engine
from autograder.errors import UsageError
from autograder.levels import walls_of
from autograder.text import one_line

_IN_FLIGHT: Final = 4  # tasks a worker
_CONNECT_SECONDS: Final = 30
_LOOK_SECONDS: Final = 5
_PATIENCE: Final = 6  # looks at a cluster without workers; new ones may come
_GRADERS: Final[dict[str, Graders]] = {}  # of this worker, by the plugin's name


class Graders(WorkerPlugin):
    """A plugin for workers: graders as long as it is registered, on late workers too."""

    def __init__(self, digest: str, files: dict[str, bytes], walls: tuple[str, ...]) -> None:
        self.name = f"autograder-{digest}"
        self._digest = digest
        self._engine = digest_of_engine()
        self._files = files
        self._walls = walls

    def setup(self, worker: Any) -> None:
        """Make room for the graders of a worker (called by Dask, see WorkerPlugin)."""
        # Mode 0700; what a worker that is killed leaves there, the next one deletes.
        self._folder = tempfile.TemporaryDirectory(dir=worker.local_directory)
        for inside, content in self._files.items():
            path = Path(self._folder.name, inside)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._idle: queue.SimpleQueue[GraderProcess] = queue.SimpleQueue()
        self._all: list[GraderProcess] = []
        _GRADERS[self.name] = self

    def teardown(self, worker: Any) -> None:
        """End the graders of a worker (called by Dask)."""
        del worker
        _GRADERS.pop(self.name, None)
        for grader in self._all:
            grader.close()
        for grader in self._all:
            grader.end(1.0)
        self._folder.cleanup()

    def ask(self, request: bytes, least: Collection[str]) -> tuple[bytes, dict[str, Any]]:
        """The answer of a grader, nothing to no request, and what the grader says of itself."""
        if self._engine != digest_of_engine():
            return b"", {"failed": "a worker has another version of the engine"}
        try:
            grader = self._idle.get_nowait()
        except queue.Empty:
            setup = {"assignment": self._folder.name, "digest": self._digest}
            grader = GraderProcess(self._walls, setup)
            self._all.append(grader)
        hello = dict(grader.hello)
        if not set(least) <= set(walls_of(hello.get("level", "basic")) or ()):
            hello.setdefault("failed", f"a worker gives the isolation {hello.get('level')} only")
        answer = b""
        if request and "failed" not in hello:
            answer = grader.ask(request, hello["patience"])
        self._idle.put(grader)  # one that has died is forgotten
        return answer, hello


def _ask(name: str, request: bytes, least: Collection[str]) -> tuple[bytes, dict[str, Any]]:
    """A task, and what each worker is asked first."""
    return _GRADERS[name].ask(request, least)


class RemoteGrader:
    """The cluster, as a pool asks it; one for each request at a time."""

    def __init__(self, client: Any, name: str, hello: dict[str, Any]) -> None:
        self.hello = hello
        self._client = client
        self._name = name

    def ask(self, request: bytes, patience: float) -> bytes:
        """The answer. Raises GraderDied if all workers that had the request were lost."""
        del patience  # workers keep to it
        least = walls_of(self.hello["level"])
        try:
            future = self._client.submit(_ask, self._name, request, least, pure=False)
            try:
                answer, hello = self._result(future)
            finally:
                future.release()
        except UsageError:
            raise
        except (Exception, CancelledError) as error:  # KilledWorker, a lost connection, ...
            raise GraderDied(one_line(str(error))) from None
        return answer or encode_record(Record({"failed": hello["failed"]}, b""))

    def _result(self, future: Any) -> Any:
        """What a task gives. Raises UsageError if there is nobody any more to do it."""
        looks = 0
        while looks < _PATIENCE:
            with contextlib.suppress(distributed.TimeoutError):
                return future.result(timeout=_LOOK_SECONDS)
            running = self._client.status == "running"
            looks = 0 if running and self._client.scheduler_info()["workers"] else looks + 1
        raise UsageError(
            "the cluster has no workers any more; what has been stored stays, and the same command "
            "goes on from there"
        )

    def close(self) -> None:
        """End the graders on all workers."""
        with contextlib.suppress(Exception):  # of a cluster that may be gone
            self._client.unregister_worker_plugin(self._name)
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)

    def end(self, seconds: float = 0.0) -> None:
        """Do nothing: a single request holds nothing on a worker."""


def open_cluster(
    address: str, files: dict[str, bytes], digest: str, walls: tuple[str, ...]
) -> Pool:
    """The graders of a cluster. Raises UsageError if it has none that may be used."""
    logging.disable()  # we report errors ourselves, in one sentence
    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"no cluster at {address}: {one_line(str(error))}") from None
    plugin = Graders(digest, files, walls)
    try:
        client.register_plugin(plugin, name=plugin.name)
        told = [
            {**hello, "failed": f"{hello['failed']} ({worker})"} if "failed" in hello else hello
            for worker, (_, hello) in client.run(_ask, plugin.name, b"", ()).items()
        ]
        if not told:
            raise UsageError("the cluster has no workers")
    except Exception as error:  # whatever a worker raised
        RemoteGrader(client, plugin.name, {}).close()
        reason = (
            str(error) if isinstance(error, UsageError) else f"a worker cannot grade: {error!r}"
        )
        raise UsageError(one_line(reason)) from error
    hello = next((one for one in told if "failed" in one), dict(told[0]))
    if "failed" not in hello:
        for key in ("python", "numpy"):  # all of them are part of the digest
            hello[key] = ", ".join(sorted({one[key] for one in told}))
        hello["level"] = min((one["level"] for one in told), key=len)
    return Pool(_IN_FLIGHT * len(told), lambda: RemoteGrader(client, plugin.name, hello))
