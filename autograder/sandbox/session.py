"""A session: one worker's frames, read in the order in which it must run its steps.

Whatever is out of order, malformed, late or missing loses the worker, and with it the rest of the
test case that it was at; it never loses what was observed before. The order stands in channel.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from autograder.levels import level
from autograder.model import Limits
from autograder.sandbox.allowance import Allowance
from autograder.sandbox.channel import ChannelClosed, Frame, FrameReader, OutOfTime, Printed
from autograder.sandbox.launch import LaunchError, Worker
from autograder.sandbox.ledger import Ledger, completed
from autograder.sandbox.observation import (
    INPUT_DTYPES,
    OWN_ERRORS,
    WRONG_COUNT,
    BatchObservation,
    MalformedError,
    Observation,
    Outcome,
    StudentError,
    check_failure,
    decode_array,
    decode_error,
    decode_names,
    decode_observation,
)
from autograder.sandbox.request import CaseRun
from autograder.typed import NDArray

OUT_OF_TURN: Final = "sent something other than its result"  # a reason to stop it
TOTAL_TIME: Final = "the time for the whole submission was used up"
EARLIER_BATCH: Final = "an earlier batch of this test failed"
LESS_TIME: Final = (
    "the tests before it used up their time without a result, so this one had only a fifth of it"
)

_START_SECONDS: Final = 60.0  # a cold disk and a virus scanner, before any code of the student's
_RESULT: Final = (Outcome.VALUE, Outcome.OTHER, Outcome.PLACEHOLDER)


class IsolationError(Exception):
    """This system cannot raise the walls that are required."""

    def __init__(self, available: str) -> None:
        super().__init__(f"the isolation that this system gives is only {available}")


class LostWorker(Exception):
    """The worker is of no use any more."""

    def __init__(self, seen: Observation) -> None:
        super().__init__(seen.outcome)
        self.seen = seen  # of what it was doing


class Session:
    """One worker, from its start to its end."""

    def __init__(self, worker: Worker, limits: Limits, allowance: Allowance) -> None:
        self._worker: Worker | None = worker
        self._reader = FrameReader(worker.read_some)
        self._limits = limits
        self._allowance = allowance
        self._until = 0.0  # the end of the current step
        self._at: StudentError | None = None  # where it was shortly before
        self._printed = Printed(limits.output_kb * 1024)
        self._imported: dict[str, Observation] = {}  # files, each of which is imported once

    def await_start(self) -> list[str]:
        """Wait until the worker is ready to run the student's code; returns the walls around it.

        Raises IsolationError if it refused for lack of a wall, and LaunchError if it died.
        """
        try:
            frame = self._reader.next(time.monotonic() + _START_SECONDS)
        except (OutOfTime, ChannelClosed, MalformedError):
            raise LaunchError(f"a worker did not start: its process {self.stop()}") from None
        walls: list[str] = frame.header["walls"]
        if frame.header["kind"] == "refused":
            raise IsolationError(level(walls))
        return walls

    def observe(
        self, run: CaseRun, failed_files: dict[str, Observation]
    ) -> tuple[BatchObservation, ...]:
        """Observe a case, batch by batch, as far as the worker lasts; the rest is not reached.

        A file whose import loses the worker is added to those that failed.
        """
        batches: list[BatchObservation] = []
        try:
            self._observe(run, batches)
        except LostWorker as lost:
            seen = lost.seen
            if seen.file:
                failed_files[seen.file] = seen
                return completed(run, [], seen)
            nothing = all(o.value is None for batch in batches for o in batch.results.values())
            timed_out = seen.outcome is Outcome.TIMED_OUT and seen.reason != TOTAL_TIME
            self._allowance.note(timed_out_at_once=timed_out and nothing)
            return completed(run, batches, Observation(Outcome.NOT_REACHED, reason=EARLIER_BATCH))
        self._allowance.note(timed_out_at_once=False)
        return tuple(batches)

    @property
    def alive(self) -> bool:
        """Whether it can go on: its worker has not been stopped."""
        return self._worker is not None

    def stop(self) -> str:
        """Stop the worker, once; says how it ended."""
        worker, self._worker = self._worker, None
        return worker.stop() if worker else ""

    def _observe(self, run: CaseRun, batches: list[BatchObservation]) -> None:
        self._printed = Printed(self._limits.output_kb * 1024)
        for file in run.program.files:
            observation = self._import(file)
            if observation.outcome is not Outcome.DONE:
                batches += completed(run, [], observation)
                return
        ledger: Ledger | None = None
        for _ in range(run.inputs.batches):
            ledger = Ledger(run.program, run.observed, ledger)
            try:
                for number in ledger.progress.runnable():
                    self._step(number, run, ledger)
                after = self._inputs(run) if run.return_inputs else None
            except LostWorker as lost:
                if lost.seen.step >= 0:
                    ledger.lost(lost.seen)
                batches.append(ledger.result())
                raise
            ledger.printed(*self._printed.take())
            batches.append(ledger.result(after))

    def _import(self, file: str) -> Observation:
        if file in self._imported:
            return self._imported[file]
        with self._in_time(file=file):
            seen = self._imported[file] = decode_observation(*self._next("observation"))
            if seen.outcome is Outcome.DONE:
                return seen  # what it printed goes with the next step
            check_failure(seen)
        self._imported[file] = seen._replace(file=file)
        return self._with_print(self._imported[file])

    def _step(self, number: int, run: CaseRun, ledger: Ledger) -> None:
        step = run.program.steps[number]
        names = ledger.observed_of(number)
        given = {name for s in run.program.steps[: number + 1] for name in s.given}
        results: dict[str, Observation] = {}
        with self._in_time(step=number):
            for name in names or ("",):
                frame = self._next("observation")
                observation = decode_observation(*frame)._replace(step=number)
                if not results:
                    # By the worker's own account: this is for texts only.
                    changed = frame.header.get("changed", [])
                    ledger.changed[number] = decode_names(changed, given & run.inputs.values.keys())
                    ledger.used_random |= frame.header.get("random") is True
                if frame.header.get("whole") is True:
                    # Only a step that unpacks gets a wrong count.
                    found = [e for e in OWN_ERRORS if e != WRONG_COUNT or step.unpacks]
                    check_failure(observation, found)
                    if results:
                        raise MalformedError("a failure after a result")
                    ledger.failed(number, self._with_print(observation))
                    return
                allowed = _RESULT if name else (Outcome.DONE,)
                if observation.outcome not in allowed or observation.error is not None:
                    raise MalformedError("not a result")
                results[name] = self._within_budget(observation)
        last = list(results)[-1]
        if last:
            results[last] = self._with_print(results[last])
        else:
            ledger.warned[number] = results.pop("").warned
        ledger.ran(number, results)

    def _inputs(self, run: CaseRun) -> dict[str, NDArray[Any]]:
        """The inputs after the steps, without those that are no arrays of numbers now, or too large."""
        after = {}
        with self._in_time():
            for name in run.inputs.values:
                frame = self._next("input")
                if frame.header.get("name") != name:
                    raise MalformedError("another input")
                if "dtype" in frame.header:
                    array = decode_array(*frame, INPUT_DTYPES)
                    if self._allowance.take_bytes(array.nbytes, of_input=True):
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

    @contextmanager
    def _in_time(self, **what: Any) -> Iterator[None]:
        """Give what is read here the time of one step; what goes wrong loses the worker.

        `what` are fields of the observation that LostWorker then carries.
        """
        self._at = None
        deadline = self._allowance.deadline
        self._until = min(time.monotonic() + self._allowance.call_seconds(self._limits), deadline)
        try:
            yield
            return
        except OutOfTime:
            self.stop()
            shortened = LESS_TIME if self._allowance.shortened else ""
            reason = TOTAL_TIME if self._until == deadline else shortened
            lost = Observation(Outcome.TIMED_OUT, error=self._at, reason=reason)
        except ChannelClosed:
            lost = Observation(Outcome.CRASHED, reason=self.stop())
        except MalformedError:
            self.stop()
            lost = Observation(Outcome.CRASHED, reason=OUT_OF_TURN)
        raise LostWorker(self._with_print(lost)._replace(**what))

    def _next(self, kind: str) -> Frame:
        """The next frame of a kind; text printed before it is collected."""
        while True:
            frame = self._reader.next(self._until)
            found = frame.header.get("kind")
            if found == kind:
                return frame
            if found == "at":
                self._at = decode_error(frame.header)
            elif found == "printed":
                self._printed.add(frame)
            else:
                raise MalformedError("a frame out of turn")
