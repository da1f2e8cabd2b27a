"""The ledger of a batch: what each step came to, told in the end by the names of the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.sandbox.observation import BatchObservation, Observation, Outcome, Warned
from autograder.sandbox.request import CaseRun
from autograder.steps import Failed, Program, Progress
from autograder.typed import NDArray

_NOTHING_CAME = (Outcome.RAISED, Outcome.PLACEHOLDER, Outcome.TIMED_OUT, Outcome.CRASHED)


class Ledger:
    """One batch of a case; the steps to run are `progress.runnable()`."""

    def __init__(
        self, program: Program, observed: tuple[str, ...], before: Ledger | None = None
    ) -> None:
        """`before` is the ledger of the batch before, if there was one."""
        self.used_random = False
        self._program = program
        self._observed = observed
        self._results: dict[str, Observation] = {}
        self._failures: dict[int, Observation] = {}  # of whole steps
        self._changed: list[tuple[int, tuple[str, ...]]] = []
        self._warned: list[tuple[int, tuple[Warned, ...]]] = []
        self._lost: Failed | None = None
        again = before is not None and program.setup_once
        self.progress: Progress = (
            before.progress.after_setup() if before and again else Progress(program)
        )
        if before and again:
            in_setup = len(program.setup)
            self._failures = {n: o for n, o in before._failures.items() if n < in_setup}

    def observed_of(self, number: int) -> tuple[str, ...]:
        """The results of a step that are looked at."""
        return tuple(n for n in self._program.steps[number].results if n in self._observed)

    def ran(self, number: int, results: Mapping[str, Observation]) -> None:
        """Enter a step that ended, with what came of each of its observed results."""
        nothing = tuple(n for n, o in results.items() if o.outcome is Outcome.PLACEHOLDER)
        self._results.update(results)
        self.progress.ran(number, nothing)

    def failed(self, number: int, observation: Observation) -> None:
        """Enter a step that raised."""
        self._failures[number] = observation
        unwritten = observation.outcome is Outcome.PLACEHOLDER
        self.progress.failed(number, unwritten=unwritten)

    def lost(self, number: int, observation: Observation) -> None:
        """Enter the step during which the worker was lost; nothing comes after it."""
        self._failures[number] = observation
        self._lost = Failed(number, unwritten=False)

    def changed(self, number: int, inputs: tuple[str, ...]) -> None:
        """Enter inputs that were changed in place when a step had ended."""
        if inputs:
            self._changed.append((number, inputs))

    def warned(self, number: int, warnings: tuple[Warned, ...]) -> None:
        """Enter what numpy warned of in a step that has no result to go with."""
        if warnings:
            self._warned.append((number, warnings))

    def printed(self, text: str, *, cut: bool) -> None:
        """Enter what was printed after the last result of the batch."""
        if text and self._results:
            name, last = list(self._results.items())[-1]
            self._results[name] = last._replace(
                printed=last.printed + text, printed_cut=last.printed_cut or cut
            )

    def result(self, inputs_after: dict[str, NDArray[Any]] | None = None) -> BatchObservation:
        """The batch, with an observation for every observed result."""
        return BatchObservation(
            {name: self._of(name) for name in self._observed},
            left_out=tuple(sorted({*self._failures, *self.progress.blocked})),
            complete=not (self._failures or self.progress.blocked or self._lost),
            inputs_after=inputs_after,
            changed=tuple(self._changed),
            used_random=self.used_random,
            warned=tuple(self._warned),
        )

    def _of(self, name: str) -> Observation:
        number = self._program.step_of(name)
        if name in self._results:
            return self._results[name]
        if number in self._failures:
            return self._failures[number]
        failed = self.progress.blocked.get(number, self._lost)
        assert failed is not None, "a step that was neither run nor skipped"
        failure = self._failures.get(failed.step)
        own = self.observed_of(failed.step)
        if not own and failure is not None:
            return failure  # which has no result of its own where it could be told
        blocked_by = next((n for n in own if self._gave_nothing(n)), own[0] if own else "")
        return Observation(Outcome.NOT_REACHED, number, blocked_by=blocked_by)

    def _gave_nothing(self, name: str) -> bool:
        return name not in self._results or self._results[name].outcome in _NOTHING_CAME


def all_alike(run: CaseRun, observation: Observation) -> BatchObservation:
    """A batch in which nothing was run: the same observation for all of its results."""
    return BatchObservation(dict.fromkeys(run.observed, observation))


def completed(
    run: CaseRun, batches: Sequence[BatchObservation], observation: Observation
) -> tuple[BatchObservation, ...]:
    """The batches of a case, with the same observation for all that are missing."""
    missing = [all_alike(run, observation)] * (run.inputs.batches - len(batches))
    return (*batches, *missing)
