"""Runs a student's code in processes of its own, and gives back observations.

The sandbox knows nothing of expected values, points or tolerances. `Sandbox` is its face.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from autograder.sandbox.launch import Launcher, LaunchError, single_threaded_numpy
from autograder.sandbox.request import CaseRun, Program, Request, encode_request
from autograder.sandbox.session import Session, WorkerLimits, not_run
from autograder.sandbox.walls import LEVEL
from autograder.sandbox.warm import WarmLauncher, can_fork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from autograder.sandbox.observation import BatchObservation

__all__ = ["CaseRun", "LaunchError", "Program", "Sandbox", "WorkerLimits"]


class Sandbox:
    """A place to run submissions in. Make it before anything secret is in memory; close it after.

    `fresh` asks for a fresh interpreter for every worker, as on systems without a safe fork.
    """

    def __init__(self, *, fresh: bool = False) -> None:
        single_threaded_numpy()
        self._launcher = _launcher(fresh=fresh)
        self.level = LEVEL

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._launcher.close()

    def run(
        self, program: Program, runs: Sequence[CaseRun], limits: WorkerLimits, deadline: float
    ) -> list[tuple[BatchObservation, ...]]:
        """Run test cases, one after another in one process; a new one takes over where it dies.

        Returns an observation of every batch of every case, whatever happens. Nothing runs past
        the deadline, a time of time.monotonic(). Raises LaunchError where no process can be had.
        """
        observed: list[tuple[BatchObservation, ...]] = []
        while len(observed) < len(runs):
            left = runs[len(observed) :]
            if time.monotonic() >= deadline:
                return observed + [not_run(program, run) for run in left]
            enforced = {"memory_mb": limits.memory_mb, "output_kb": limits.output_kb}
            worker = self._launcher.start(encode_request(Request(program, left, enforced)))
            session = Session(worker, program, limits, deadline)
            try:
                observed += session.observe(left)
            finally:
                session.stop()
        return observed


def _launcher(*, fresh: bool) -> Launcher:
    if can_fork() and not fresh:
        return WarmLauncher()
    from autograder.sandbox.fresh import FreshLauncher

    return FreshLauncher()
