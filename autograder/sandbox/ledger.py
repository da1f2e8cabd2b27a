"""The ledger of a batch: what each step came to, told in the end by the names of the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.sandbox.observation import BatchObservation, Observation, Outcome, Warned
from autograder.sandbox.request import CaseRun
from autograder.steps import Failed, Program, Progress
from autograder.typed import NDArray

_NOTHING = (Outcome.RAISED, Outcome.PLACEHOLDER, Outcome.TIMED_OUT, Outcome.CRASHED)


class Ledger:
    """One batch of a case; the steps to run are `progress.runnable()`."""

    def __init__(
        self, program: Program, observed: tuple[str, ...], before: Ledger | None = None
    ) -> None:
        """`before` is the ledger of the batch before, if there was one."""
        self.used_random = False
        self.changed: dict[int, tuple[str, ...]] = {}  # by step, inputs changed in place by its end
        self.warned: dict[int, tuple[Warned, ...]] = {}  # by step, of those without a result
        self._program = program
        self._observed = observed
        self._results: dict[str, Observation] = {}
        self._failures: dict[int, Observation] = {}  # of whole steps
        self._lost: Failed | None = None
        self.progress = Progress(program)
        if before and program.setup_once:
            self.progress = before.progress.after_setup()
            in_setup = len(program.setup)
            self._failures = {n: o for n, o in before._failures.items() if n < in_setup}

    def observed_of(self, number: int) -> tuple[str, ...]:
        """The results of a step that are looked at."""
        return tuple(n for n in self._program.steps[number].results if n in self._observed)

    def ran(self, number: int, results: Mapping[str, Observation]) -> None:
        """Enter a step that ended, with what came of each of its observed results."""
        self._results.update(results)
        nothing = (n for n, o in results.items() if o.outcome is Outcome.PLACEHOLDER)
        self.progress.ran(number, tuple(nothing))

    def failed(self, number: int, observation: Observation) -> None:
        """Enter a step that raised."""
        self._failures[number] = observation
        self.progress.failed(number, unwritten=observation.outcome is Outcome.PLACEHOLDER)

    def lost(self, observation: Observation) -> None:
        """Enter the step during which the worker was lost; nothing comes after it."""
        self._failures[observation.step] = observation
        self._lost = Failed(observation.step, unwritten=False)

    def printed(self, text: str, cut: bool) -> None:
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
            changed=tuple((number, names) for number, names in self.changed.items() if names),
            used_random=self.used_random,
            warned=tuple((number, warned) for number, warned in self.warned.items() if warned),
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
        if failure is not None and not own:
            return failure  # which has no result of its own where it could be told
        empty = [n for n in own if n not in self._results or self._results[n].outcome in _NOTHING]
        return Observation(Outcome.NOT_REACHED, number, blocked_by=(*empty, *own, "")[0])


def completed(
    run: CaseRun, batches: Sequence[BatchObservation], observation: Observation
) -> tuple[BatchObservation, ...]:
    """The batches of a case; those that are missing have the same observation for all results."""
    missing = BatchObservation(dict.fromkeys(run.observed, observation))
    return (*batches, *[missing] * (run.inputs.batches - len(batches)))
