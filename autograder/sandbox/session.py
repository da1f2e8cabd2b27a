"""A session: one worker's frames, read in the order in which it must run its steps.

Whatever is out of order, malformed, late or missing loses the worker, and with it the rest of the
test case that it was at; it never loses what was observed before. The order stands in channel.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from autograder.levels import level
from autograder.sandbox.allowance import Allowance, WorkerLimits
from autograder.sandbox.channel import ChannelClosed, ChannelError, Frame, FrameReader, OutOfTime
from autograder.sandbox.launch import LaunchError, Worker
from autograder.sandbox.ledger import Ledger, all_alike
from autograder.sandbox.observation import (
    BatchObservation,
    MalformedError,
    Observation,
    Outcome,
    StudentError,
    can_be_of_a_step,
    can_be_of_an_import,
    decode_error,
    decode_input,
    decode_names,
    decode_observation,
)
from autograder.sandbox.printed import Printed
from autograder.sandbox.request import CaseRun
from autograder.typed import NDArray

T = TypeVar("T")

OUT_OF_TURN: Final = "sent something other than its result"  # a reason to stop it
TOTAL_TIME: Final = "the time for the whole submission was used up"
EARLIER_BATCH: Final = "an earlier batch of this test failed"
LESS_TIME: Final = (
    "the tests before it got nowhere in their time, so this one had only a fifth of that"
)

_START_SECONDS: Final = 60.0  # a cold disk and a virus scanner, before any code of the student's
_RESULT: Final = (Outcome.VALUE, Outcome.OTHER, Outcome.PLACEHOLDER)


class IsolationError(Exception):
    """This system cannot raise the walls that are required."""

    def __init__(self, available: str) -> None:
        super().__init__(f"the isolation that this system gives is only {available}")
        self.available = available


class LostWorker(Exception):
    """The worker is of no use any more; carries the observation of what it was doing."""

    def __init__(self, observation: Observation) -> None:
        super().__init__(observation.outcome)
        self.observation = observation


class Session:
    """One worker, from its start to its end."""

    def __init__(self, worker: Worker, limits: WorkerLimits, allowance: Allowance) -> None:
        self._worker: Worker | None = worker
        self._reader = FrameReader(worker)
        self._limits = limits
        self._allowance = allowance
        self._until = 0.0  # the end of the current step
        self._at: StudentError | None = None  # where it was shortly before
        self._printed = Printed(limits.output_kb * 1024)

    def await_start(self) -> list[str]:
        """Wait until the worker is ready to run the student's code; returns the walls around it.

        Raises IsolationError if it refused for lack of a wall, and LaunchError if it died.
        """
        try:
            frame = self._reader.next(time.monotonic() + _START_SECONDS)
        except (OutOfTime, ChannelClosed, ChannelError):
            raise LaunchError(f"a worker did not start: its process {self.stop()}") from None
        walls: list[str] = frame.header["walls"]
        if frame.header["kind"] == "refused":
            raise IsolationError(level(walls))
        return walls

    def observe(self, run: CaseRun, batches: list[BatchObservation]) -> None:
        """Observe a case, batch by batch, into a list.

        Raises LostWorker, with the batch in which that happened in the list; with the import's
        observation and its file if it happened while a file was imported.
        """
        self._printed.renew()
        for file in run.program.files:
            observation = self._import(file)
            if observation.outcome is not Outcome.DONE:
                batches += [all_alike(run, observation)] * run.inputs.batches
                return
        ledger: Ledger | None = None
        for _ in range(run.inputs.batches):
            ledger = Ledger(run.program, run.observed, ledger)
            for number in ledger.progress.runnable():
                try:
                    self._step(number, run, ledger)
                except LostWorker as lost:
                    ledger.lost(number, lost.observation)
                    batches.append(ledger.result())
                    raise
            after = None
            if run.return_inputs:
                try:
                    after = self._inputs(run)
                except LostWorker:
                    batches.append(ledger.result())
                    raise
            text, cut = self._printed.take()
            ledger.printed(text, cut=cut)
            batches.append(ledger.result(after))

    @property
    def alive(self) -> bool:
        """Whether it can go on: its worker has not been stopped."""
        return self._worker is not None

    def stop(self) -> str:
        """Stop the worker, once; says how it ended."""
        worker, self._worker = self._worker, None
        return str(worker.stop()) if worker else ""

    def _import(self, file: str) -> Observation:
        self._start_clock()
        try:
            observation = self._decode(_observation, self._next("observation"))
            if not can_be_of_an_import(observation):
                raise self._lost(Outcome.CRASHED, OUT_OF_TURN)
        except LostWorker as lost:
            raise LostWorker(lost.observation._replace(file=file)) from None
        if observation.outcome is Outcome.DONE:
            return observation  # what it printed goes with the next step
        return self._with_print(observation._replace(file=file))

    def _step(self, number: int, run: CaseRun, ledger: Ledger) -> None:
        self._start_clock()
        names = ledger.observed_of(number)
        results: dict[str, Observation] = {}
        try:
            for name in names or ("",):
                frame = self._next("observation")
                observation = self._decode(_observation, frame)._replace(step=number)
                if not results:
                    ledger.changed(number, self._changed(frame, number, run))
                    ledger.used_random |= frame.header.get("random") is True
                if frame.header.get("whole") is True:
                    unpacks = run.program.steps[number].unpacks
                    if results or not can_be_of_a_step(observation, unpacks=unpacks):
                        raise self._lost(Outcome.CRASHED, OUT_OF_TURN)
                    ledger.failed(number, self._with_print(observation))
                    return
                allowed = _RESULT if name else (Outcome.DONE,)
                if observation.outcome not in allowed or observation.error is not None:
                    raise self._lost(Outcome.CRASHED, OUT_OF_TURN)
                results[name] = self._within_budget(observation)
        except LostWorker as lost:
            raise LostWorker(lost.observation._replace(step=number)) from None
        if "" in results:
            ledger.warned(number, results.pop("").warned)
        if results:
            last = list(results)[-1]
            results[last] = self._with_print(results[last])
        ledger.ran(number, results)

    def _changed(self, frame: Frame, number: int, run: CaseRun) -> tuple[str, ...]:
        """The inputs that were changed in place so far, by its own account: it is for texts only."""
        steps = run.program.steps[: number + 1]
        given = tuple(n for n in run.inputs.values if any(n in step.given for step in steps))
        return self._decode(lambda f: decode_names(f.header, "changed", given), frame)

    def _inputs(self, run: CaseRun) -> dict[str, NDArray[Any]]:
        """The inputs after the steps, without those that are no arrays of numbers now, or too large."""
        self._start_clock()
        after = {}
        for name in run.inputs.values:
            frame = self._next("input")
            if frame.header.get("name") != name:
                raise self._lost(Outcome.CRASHED, OUT_OF_TURN)
            if "dtype" in frame.header:
                array = self._decode(lambda f: decode_input(f.header, f.body), frame)
                if self._allowance.take_input_bytes(array.nbytes):
                    after[name] = array
        return after

    def _within_budget(self, observation: Observation) -> Observation:
        value = observation.value
        if value is None or self._allowance.take_bytes(value.nbytes):
            return observation
        what = f"numpy array of shape {value.shape}, too large beside the other results"
        return observation._replace(outcome=Outcome.OTHER, value=None, type_name=what)

    def _with_print(self, observation: Observation) -> Observation:
        text, cut = self._printed.take()
        return observation._replace(printed=text, printed_cut=cut)

    def _start_clock(self) -> None:
        self._at = None
        seconds = self._allowance.call_seconds(self._limits)
        self._until = min(time.monotonic() + seconds, self._allowance.deadline)

    def _next(self, kind: str) -> Frame:
        """The next frame of a kind; text printed before it is collected."""
        while True:
            try:
                frame = self._reader.next(self._until)
            except OutOfTime:
                raise self._lost(Outcome.TIMED_OUT, self._why_out_of_time()) from None
            except ChannelClosed:
                raise self._lost(Outcome.CRASHED, self.stop()) from None
            except ChannelError:
                raise self._lost(Outcome.CRASHED, OUT_OF_TURN) from None
            found = frame.header.get("kind")
            if found == kind:
                return frame
            if found == "at":
                self._at = self._decode(lambda f: decode_error(f.header), frame)
            elif found == "printed":
                self._printed.add(frame)
            else:
                raise self._lost(Outcome.CRASHED, OUT_OF_TURN)

    def _why_out_of_time(self) -> str:
        if self._until == self._allowance.deadline:
            return TOTAL_TIME
        return LESS_TIME if self._allowance.shortened else ""

    def _decode(self, decode: Callable[[Frame], T], frame: Frame) -> T:
        try:
            return decode(frame)
        except MalformedError:
            raise self._lost(Outcome.CRASHED, OUT_OF_TURN) from None

    def _lost(self, outcome: Outcome, reason: str) -> LostWorker:
        self.stop()
        at = self._at if outcome is Outcome.TIMED_OUT else None
        return LostWorker(self._with_print(Observation(outcome, error=at, reason=reason)))


def _observation(frame: Frame) -> Observation:
    return decode_observation(frame.header, frame.body)
