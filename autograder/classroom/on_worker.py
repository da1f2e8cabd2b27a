"""What a class run does on the workers of a Dask cluster; imported only if there is Dask."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any, Final

from distributed import WorkerPlugin

from autograder.classroom.pool import NotGraded, Pool
from autograder.classroom.process import GraderDied, GraderProcess
from autograder.classroom.store import Record, encode_record
from autograder.digest import digest_of_engine

_START_SECONDS: Final = 600.0
_POOLS: Final[dict[str, Pool]] = {}  # of this worker, by the plugin's name


class Graders(WorkerPlugin):
    """A plugin for workers: graders as long as it is registered, on late workers too."""

    def __init__(
        self, name: str, files: dict[str, bytes], digest: str, walls: tuple[str, ...]
    ) -> None:
        self.name = name
        self._files = files
        self._digest = digest
        self._walls = walls
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def setup(self, worker: Any) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="autograder-assignment-")  # mode 0700
        for inside, content in self._files.items():
            path = Path(self._folder.name, inside)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        setup = {"assignment": self._folder.name, "digest": self._digest}

        def start() -> GraderProcess:
            return GraderProcess(self._walls, setup, _START_SECONDS)

        with contextlib.suppress(GraderDied, OSError):  # which `hello` tells
            _POOLS[self.name] = Pool(worker.state.nthreads, start, is_guest=True)

    def teardown(self, worker: Any) -> None:
        del worker
        pool = _POOLS.pop(self.name, None)
        if pool is not None:
            pool.close(hurried=True)
        if self._folder is not None:
            self._folder.cleanup()


def hello(name: str) -> dict[str, Any]:
    """What this worker's graders say of themselves."""
    pool = _POOLS.get(name)
    told = {"failed": "no grader could be started"} if pool is None else pool.hello
    return {**told, "engine": digest_of_engine()}


def grade(name: str, engine: str, request: bytes) -> bytes:
    """A task: the record of one submission, as bytes; for this version of the engine only."""
    if engine != digest_of_engine():
        return _failed("a worker has another version of the engine")
    pool = _POOLS.get(name)
    if pool is None:
        return _failed("no grader could be started on a worker")
    try:
        return encode_record(pool.grade(request))
    except NotGraded as error:
        return _failed(str(error))


def _failed(reason: str) -> bytes:
    return encode_record(Record({"failed": reason}, b""))
