"""Runs a student's code in processes of its own, and gives back observations.

The sandbox knows nothing of expected values, points or tolerances. `Sandbox` is its face.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Final

from autograder.levels import WALLS, level
from autograder.model import Limits
from autograder.sandbox.allowance import Allowance
from autograder.sandbox.launch import LaunchError, Worker
from autograder.sandbox.ledger import completed
from autograder.sandbox.observation import BatchObservation, Observation, Outcome
from autograder.sandbox.request import CaseRun, Code, Request, encode_request
from autograder.sandbox.session import LESS_TIME, TOTAL_TIME, IsolationError, Session
from autograder.sandbox.warm import WarmProcess, can_fork

__all__ = [
    "LESS_TIME",
    "TOTAL_TIME",
    "Allowance",
    "CaseRun",
    "Code",
    "IsolationError",
    "LaunchError",
    "Sandbox",
]

_MOST_RESTARTS: Final = 3  # of a warm process that ends before a worker has started


class Sandbox:
    """A place to run submissions in. Make it before anything secret is in memory; close it after.

    `walls` are raised as far as the system has them. `fresh` asks for a fresh interpreter for every
    worker, as on systems without a safe fork.
    """

    def __init__(self, *, walls: Sequence[str] = WALLS, fresh: bool = False) -> None:
        self._walls = walls
        self._uid = 0  # of workers; 0 for none of their own
        self._warm: WarmProcess | None = None
        self._raised: list[str] | None = None
        if can_fork():
            from autograder.sandbox.walls.identity import keep_memory_private, unused_uid

            self._uid = unused_uid() if "uid" in walls else 0
            self._warm = None if fresh else WarmProcess(self._uid)
            keep_memory_private()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        if self._warm:
            self._warm.close()
        if self._uid:
            from autograder.sandbox.walls.identity import release_uid

            release_uid(self._uid)

    @property
    def level(self) -> str:
        """The isolation that this system gives, found by trying: `uid+landlock+seccomp` or less."""
        if self._raised is None:
            limits, allowance = Limits(call_seconds=1.0), Allowance(time.monotonic() + 1)
            self._start(Code({}, {}), (), limits, allowance, ()).stop()
        return level(self._raised or ())

    def run(
        self,
        code: Code,
        runs: Sequence[CaseRun],
        limits: Limits,
        allowance: Allowance,
        required: Sequence[str] = (),
    ) -> list[tuple[BatchObservation, ...]]:
        """Run test cases, one after another in one process; a new one takes over if it dies.

        Returns an observation of every batch of every case, whatever happens. A file whose import
        ended its worker is not imported again. Nothing runs past the allowance's deadline. Raises
        LaunchError if no process is available, and IsolationError if a wall that is required is
        unavailable; no code has run then.
        """
        observed: dict[int, tuple[BatchObservation, ...]] = {}
        failed_files = {
            file: Observation(Outcome.NOT_REACHED, file=file, reason=what)
            for file, what in code.missing.items()
        }
        while True:
            for n, run in enumerate(runs):
                failed = [failed_files[f] for f in run.program.files if f in failed_files]
                if n not in observed and failed:
                    observed[n] = completed(run, [], failed[0])
            left = [n for n in range(len(runs)) if n not in observed]
            if left and time.monotonic() >= allowance.deadline:
                missed = Observation(Outcome.NOT_REACHED, reason=TOTAL_TIME)
                observed.update({n: completed(runs[n], [], missed) for n in left})
            elif left:
                cases = [runs[n] for n in left]
                session = self._start(code, cases, limits, allowance, required)
                try:
                    for n in left:
                        observed[n] = session.observe(runs[n], failed_files)
                        if not session.alive:
                            break
                finally:
                    session.stop()
            else:
                return [observed[n] for n in range(len(runs))]

    def _start(
        self,
        code: Code,
        runs: Sequence[CaseRun],
        limits: Limits,
        allowance: Allowance,
        required: Sequence[str],
    ) -> Session:
        """A worker that is ready to run the cases."""
        seconds = max(0.0, allowance.deadline - time.monotonic())
        enforced = {
            "memory_mb": limits.memory_mb,
            "output_kb": limits.output_kb,
            "cpu_seconds": math.ceil(seconds) + 1,
            "call_seconds": allowance.call_seconds(limits),
        }
        request = encode_request(Request(code, runs, enforced, self._walls, self._uid, required))
        restarts = 0
        while True:
            try:
                session = Session(self._launch(request), limits, allowance)
                try:
                    self._raised = session.await_start()
                except BaseException:
                    session.stop()
                    raise
                return session
            except LaunchError:
                if self._warm is None or self._warm.alive or restarts == _MOST_RESTARTS:
                    raise
                # A worker has ended the warm process, because no walls kept it from that.
                restarts += 1
                self._warm.close()
                self._warm = WarmProcess(self._uid, fresh=True)

    def _launch(self, request: bytes) -> Worker:
        if self._warm:
            return self._warm.start_worker(request)
        from autograder.sandbox.fresh import start_worker

        return start_worker(request)
