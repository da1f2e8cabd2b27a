"""Runs a student's code in processes of its own, and gives back observations.

The sandbox knows nothing of expected values, points or tolerances. `Sandbox` is its face.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

from autograder.levels import WALLS, level
from autograder.sandbox.launch import (
    Launcher,
    LaunchError,
    single_threaded_numpy,
)
from autograder.sandbox.request import CaseRun, Program, Request, encode_request
from autograder.sandbox.session import IsolationError, Session, WorkerLimits, not_run
from autograder.sandbox.walls import Plan
from autograder.sandbox.warm import WarmLauncher, can_fork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from autograder.sandbox.observation import BatchObservation

__all__ = ["CaseRun", "IsolationError", "LaunchError", "Program", "Sandbox", "WorkerLimits"]


_MOST_RESTARTS: Final = 3  # of a warm process that ends before a worker has started


class Sandbox:
    """A place to run submissions in. Make it before anything secret is in memory; close it after.

    `walls` are raised where the system has them. `fresh` asks for a fresh interpreter for every
    worker, as on systems without a safe fork.
    """

    def __init__(self, *, walls: Sequence[str] = WALLS, fresh: bool = False) -> None:
        single_threaded_numpy()
        self._plan = Plan(tuple(walls), _uid_for(walls))
        self._raised: list[str] | None = None
        self._launcher: Launcher = (
            WarmLauncher(self._plan.uid) if can_fork() and not fresh else _fresh_launcher()
        )
        _protect_ourselves()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._launcher.close()
        if self._plan.uid:
            from autograder.sandbox.walls.identity import release_uid

            release_uid(self._plan.uid)

    @property
    def level(self) -> str:
        """The isolation that this system gives, found by trying: `uid+landlock+seccomp` or less."""
        if self._raised is None:
            nothing = Program({}, "", "", (), ())
            self.run(nothing, (), WorkerLimits(1.0, 512, 1), time.monotonic() + 1)
        return level(self._raised or ())

    def run(
        self,
        program: Program,
        runs: Sequence[CaseRun],
        limits: WorkerLimits,
        deadline: float,
        required: Sequence[str] = (),
    ) -> list[tuple[BatchObservation, ...]]:
        """Run test cases, one after another in one process; a new one takes over where it dies.

        Returns an observation of every batch of every case, whatever happens. Nothing runs past
        the deadline, a time of time.monotonic(). Raises LaunchError where no process can be had,
        and IsolationError where a wall that is required is not to be had; no code has run then.
        """
        observed: list[tuple[BatchObservation, ...]] = []
        restarts = 0  # since anything was observed
        while len(observed) < len(runs) or self._raised is None:
            left = runs[len(observed) :]
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                return observed + [not_run(program, run) for run in left]
            enforced = {
                "memory_mb": limits.memory_mb,
                "output_kb": limits.output_kb,
                "cpu_seconds": math.ceil(seconds) + 1,
            }
            request = Request(program, left, enforced, self._plan, required)
            try:
                session = self._start(request, limits, deadline)
            except LaunchError:
                if self._launcher.alive or restarts == _MOST_RESTARTS:
                    raise
                restarts += 1
                # A worker has ended the warm process, where no walls kept it from that.
                self._launcher.close()
                self._launcher = WarmLauncher(self._plan.uid, fresh=True)
                continue
            restarts = 0
            try:
                observed += session.observe(left) if left else []
            finally:
                session.stop()
        return observed

    def _start(self, request: Request, limits: WorkerLimits, deadline: float) -> Session:
        worker = self._launcher.start(encode_request(request))
        session = Session(worker, request.program, limits, deadline)
        try:
            self._raised = session.await_start()
        except BaseException:
            session.stop()
            raise
        return session


def _fresh_launcher() -> Launcher:
    from autograder.sandbox.fresh import FreshLauncher

    return FreshLauncher()


def _uid_for(walls: Sequence[str]) -> int:
    if "uid" not in walls or not can_fork():
        return 0
    from autograder.sandbox.walls.identity import unused_uid

    return unused_uid()


def _protect_ourselves() -> None:
    """Keep processes of our own user out of the grader's memory, where the system can."""
    if can_fork():
        from autograder.sandbox.walls.identity import keep_memory_private

        keep_memory_private()
