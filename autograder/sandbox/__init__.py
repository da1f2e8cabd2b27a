"""Runs a student's code in processes of its own, and gives back observations.

The sandbox knows nothing of expected values, points or tolerances. `Sandbox` is its face.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Final

from autograder.levels import WALLS, level
from autograder.sandbox.allowance import Allowance, WorkerLimits
from autograder.sandbox.launch import (
    Launcher,
    LaunchError,
    single_threaded_numpy,
)
from autograder.sandbox.ledger import completed
from autograder.sandbox.observation import BatchObservation, Observation, Outcome
from autograder.sandbox.request import CaseRun, Code, Request, encode_request
from autograder.sandbox.session import (
    EARLIER_BATCH,
    LESS_TIME,
    TOTAL_TIME,
    IsolationError,
    LostWorker,
    Session,
)
from autograder.sandbox.walls import Plan
from autograder.sandbox.warm import WarmLauncher, can_fork

__all__ = [
    "LESS_TIME",
    "TOTAL_TIME",
    "Allowance",
    "CaseRun",
    "Code",
    "IsolationError",
    "LaunchError",
    "Sandbox",
    "WorkerLimits",
]


_MOST_RESTARTS: Final = 3  # of a warm process that ends before a worker has started


class Sandbox:
    """A place to run submissions in. Make it before anything secret is in memory; close it after.

    `walls` are raised as far as the system has them. `fresh` asks for a fresh interpreter for every
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
            limits, allowance = WorkerLimits(1.0, 512, 1), Allowance(time.monotonic() + 1)
            self._start(Code({}, {}), (), limits, allowance, ()).stop()
        return level(self._raised or ())

    def run(
        self,
        code: Code,
        runs: Sequence[CaseRun],
        limits: WorkerLimits,
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
                        observed[n] = _observe(session, runs[n], allowance, failed_files)
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
        limits: WorkerLimits,
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
        request = encode_request(Request(code, runs, enforced, self._plan, required))
        for restarts in range(_MOST_RESTARTS + 1):
            try:
                session = Session(self._launcher.start(request), limits, allowance)
                try:
                    self._raised = session.await_start()
                except BaseException:
                    session.stop()
                    raise
                return session
            except LaunchError:
                if self._launcher.alive or restarts == _MOST_RESTARTS:
                    raise
                # A worker has ended the warm process, because no walls kept it from that.
                self._launcher.close()
                self._launcher = WarmLauncher(self._plan.uid, fresh=True)
        raise AssertionError("unreachable")


def _observe(
    session: Session, run: CaseRun, allowance: Allowance, failed_files: dict[str, Observation]
) -> tuple[BatchObservation, ...]:
    """Observe one case; a file whose import ended the worker is added to those that failed."""
    batches: list[BatchObservation] = []
    try:
        session.observe(run, batches)
    except LostWorker as lost:
        seen = lost.observation
        if seen.file:
            failed_files[seen.file] = seen
            return completed(run, [], seen)
        nothing = all(o.value is None for batch in batches for o in batch.results.values())
        timed_out = seen.outcome is Outcome.TIMED_OUT and seen.reason != TOTAL_TIME
        allowance.note(timed_out_at_once=timed_out and nothing)
        return completed(run, batches, Observation(Outcome.NOT_REACHED, reason=EARLIER_BATCH))
    allowance.note(timed_out_at_once=False)
    return tuple(batches)


def _fresh_launcher() -> Launcher:
    from autograder.sandbox.fresh import FreshLauncher

    return FreshLauncher()


def _uid_for(walls: Sequence[str]) -> int:
    if "uid" not in walls or not can_fork():
        return 0
    from autograder.sandbox.walls.identity import unused_uid

    return unused_uid()


def _protect_ourselves() -> None:
    """Keep processes of our own user out of the grader's memory, if the system can."""
    if can_fork():
        from autograder.sandbox.walls.identity import keep_memory_private

        keep_memory_private()
