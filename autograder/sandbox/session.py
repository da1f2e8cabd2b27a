"""A session: one worker's frames, read in the order in which it must make its calls.

Whatever is out of order, malformed, late or missing loses the worker, and with it the rest of the
test case that it was at; it never loses what was observed before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from autograder.levels import level
from autograder.sandbox import observation as seen
from autograder.sandbox.channel import ChannelClosed, ChannelError, Frame, FrameReader, OutOfTime
from autograder.sandbox.launch import LaunchError, Worker
from autograder.sandbox.observation import BatchObservation, MalformedError, Observation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograder.sandbox.request import CaseRun, Program

T = TypeVar("T")

_START_SECONDS: Final = 60.0  # a cold disk and a virus scanner, before any code of the student's
_TOTAL_TIME: Final = "the time for the whole submission was used up"
_ALLOWED: Final = {
    seen.IMPORT: (seen.DONE, seen.RAISED, seen.PLACEHOLDER),
    seen.CONSTRUCTOR: (seen.DONE, seen.RAISED, seen.PLACEHOLDER),
    seen.CALL: (seen.VALUE, seen.OTHER, seen.PLACEHOLDER, seen.RAISED),
}


class WorkerLimits(NamedTuple):
    """What a worker may use."""

    call_seconds: float
    memory_mb: int
    output_kb: int


class IsolationError(Exception):
    """This system cannot raise the walls that are required."""

    def __init__(self, available: str) -> None:
        super().__init__(f"the isolation that this system gives is only {available}")
        self.available = available


class _Lost(Exception):
    """The worker is of no use any more; carries the observation of what it was doing."""

    def __init__(self, observation: Observation) -> None:
        super().__init__(observation.outcome)
        self.observation = observation


class Session:
    """One worker, from its start to its end."""

    def __init__(
        self, worker: Worker, program: Program, limits: WorkerLimits, deadline: float
    ) -> None:
        self._worker: Worker | None = worker
        self._reader = FrameReader(worker)
        self._program = program
        self._limits = limits
        self._deadline = deadline
        self._print = _Print(limits.output_kb * 1024)

    def observe(self, runs: Sequence[CaseRun]) -> list[tuple[BatchObservation, ...]]:
        """Observe cases until the worker has run them all, or is lost in one of them."""
        try:
            imported = self._observation(seen.IMPORT)
        except _Lost as lost:
            imported = lost.observation
        if imported.outcome != seen.DONE:
            # Without the class no case can run; another try would only take as long again.
            return [_fill(self._program, run, [], imported) for run in runs]
        observed: list[tuple[BatchObservation, ...]] = []
        for run in runs:
            self._print.renew(self._limits.output_kb * 1024)
            batches: list[BatchObservation] = []
            try:
                self._observe_case(run, batches)
            except _Lost:
                missed = Observation(
                    seen.NOT_REACHED, reason="an earlier batch of this test failed"
                )
                return [*observed, _fill(self._program, run, batches, missed)]
            observed.append(tuple(batches))
        return observed

    def stop(self) -> str:
        """Stop the worker, once; says how it ended."""
        worker, self._worker = self._worker, None
        return str(worker.stop()) if worker else ""

    def await_start(self) -> list[str]:
        """Wait until the worker is ready to run the student's code; returns the walls around it.

        Raises IsolationError where it refused for want of a wall, and LaunchError where it died.
        """
        try:
            frame = self._reader.next(time.monotonic() + _START_SECONDS)
        except (OutOfTime, ChannelClosed, ChannelError):
            raise LaunchError(f"a worker did not start: its process {self.stop()}") from None
        walls: list[str] = frame.header["walls"]
        if frame.header["kind"] == "refused":
            raise IsolationError(level(walls))
        return walls

    def _observe_case(self, run: CaseRun, batches: list[BatchObservation]) -> None:
        constructed: Observation | None = None
        for _ in range(run.inputs.batches):
            calls: list[Observation] = []
            try:
                if constructed is None or constructed.outcome != seen.DONE or not run.shared_object:
                    constructed = self._observation(seen.CONSTRUCTOR)
                if constructed.outcome == seen.DONE:
                    self._observe_calls(calls)
                else:
                    calls.append(constructed)
                after = self._inputs(run.inputs.values) if run.return_inputs else None
            except _Lost as lost:
                batches.append(_padded(self._program, [*calls, lost.observation]))
                raise
            batches.append(_padded(self._program, calls, after))

    def _observe_calls(self, calls: list[Observation]) -> None:
        for _ in self._program.calls:
            calls.append(self._observation(seen.CALL))
            if calls[-1].outcome == seen.RAISED:
                break

    def _inputs(self, names: Iterable[str]) -> dict[str, NDArray[Any]]:
        """The inputs after the calls; one that is no array of numbers any more is left out."""
        after = {}
        for name in names:
            frame = self._next("input", seen.CALL)
            if frame.header.get("name") != name:
                raise self._lost(seen.CRASHED, seen.CALL, seen.OUT_OF_TURN)
            if "dtype" in frame.header:
                after[name] = self._decode(seen.decode_array, frame, seen.CALL)
        return after

    def _observation(self, stage: str) -> Observation:
        frame = self._next("observation", stage)
        observation = self._decode(seen.decode_observation, frame, stage)
        if observation.outcome not in _ALLOWED[stage]:
            raise self._lost(seen.CRASHED, stage, seen.OUT_OF_TURN)
        if observation.outcome == seen.DONE:
            return observation._replace(stage=stage)  # what it printed goes with the next call
        text, cut = self._print.take()
        return observation._replace(stage=stage, printed=text, printed_cut=cut)

    def _decode(self, decode: Callable[[dict[str, Any], bytes], T], frame: Frame, stage: str) -> T:
        try:
            return decode(frame.header, frame.body)
        except MalformedError:
            raise self._lost(seen.CRASHED, stage, seen.OUT_OF_TURN) from None

    def _next(self, kind: str, stage: str) -> Frame:
        """The next frame of a kind; text printed before it is collected."""
        until = min(time.monotonic() + self._limits.call_seconds, self._deadline)
        while True:
            try:
                frame = self._reader.next(until)
            except OutOfTime:
                reason = _TOTAL_TIME if until == self._deadline else ""
                raise self._lost(seen.TIMED_OUT, stage, reason) from None
            except ChannelClosed:
                raise self._lost(seen.CRASHED, stage, self.stop()) from None
            except ChannelError:
                raise self._lost(seen.CRASHED, stage, seen.OUT_OF_TURN) from None
            found = frame.header.get("kind")
            if found == kind:
                return frame
            if found != "printed":
                raise self._lost(seen.CRASHED, stage, seen.OUT_OF_TURN)
            self._print.add(frame)

    def _lost(self, outcome: str, stage: str, reason: str) -> _Lost:
        self.stop()
        text, cut = self._print.take()
        lost = Observation(outcome, stage, reason=reason, printed=text, printed_cut=cut)
        return _Lost(lost)


class _Print:
    """What a test case printed, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._parts: list[bytes] = []
        self._cut = False

    def renew(self, limit: int) -> None:
        self._left = limit

    def add(self, frame: Frame) -> None:
        taken = frame.body[: self._left]
        self._left -= len(taken)
        if taken:
            self._parts.append(taken)
        self._cut = self._cut or len(taken) < len(frame.body) or frame.header.get("cut") is True

    def take(self) -> tuple[str, bool]:
        """The text since the last time, and whether some of it was cut."""
        text, cut = b"".join(self._parts).decode("utf-8", "replace"), self._cut
        self._parts, self._cut = [], False
        return text, cut


def not_run(program: Program, run: CaseRun) -> tuple[BatchObservation, ...]:
    """What is observed of a case for which there was no time left."""
    return _fill(program, run, [], Observation(seen.NOT_REACHED, reason=_TOTAL_TIME))


def _fill(
    program: Program, run: CaseRun, batches: list[BatchObservation], observation: Observation
) -> tuple[BatchObservation, ...]:
    """The batches, completed with one observation for all that are missing."""
    missing = BatchObservation((observation,) * len(program.calls))
    return (*batches, *[missing] * (run.inputs.batches - len(batches)))


def _padded(
    program: Program, calls: list[Observation], after: dict[str, NDArray[Any]] | None = None
) -> BatchObservation:
    """A batch of observations, completed where a call kept the later ones from being made."""
    methods = [method for method, _ in program.calls]
    missed = Observation(seen.NOT_REACHED)
    if calls and calls[-1].stage != seen.CALL:
        missed = calls[-1]  # neither was the object made, nor any call
    elif calls and len(calls) < len(methods):
        missed = Observation(seen.NOT_REACHED, reason=f"{methods[len(calls) - 1]} did not return")
    observed = calls + [missed] * (len(methods) - len(calls))
    return BatchObservation(tuple(observed[: len(methods)]), after)
