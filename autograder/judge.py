"""The judge: observations and expected values become verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograder.compare import compare
from autograder.explain import Explainer, Failure
from autograder.formats.model import INPUTS_UNCHANGED
from autograder.sandbox import observation as seen
from autograder.verdicts import Verdict, verdict_on

if TYPE_CHECKING:
    from autograder.formats.draws import Batch
    from autograder.formats.model import TestCase
    from autograder.oracle import Expected
    from autograder.sandbox.observation import BatchObservation


def judge(
    case: TestCase,
    batches: list[Batch],
    observed: tuple[BatchObservation, ...],
    expected: Expected,
    explainer: Explainer,
) -> list[Verdict]:
    """A verdict for every check of a test case that has points, in the order of the calls."""
    verdicts = []
    for index, call in enumerate(explainer.calls):
        if call.method in case.points:
            observations = [batch.calls[index] for batch in observed]
            values = [result[call.method] for result in expected]
            failures = []
            for n, observation in enumerate(observations):
                problem = compare(observation, values[n], case.tolerance)
                if problem:
                    failures.append(Failure(n + 1, batches[n], observation, values[n], problem))
            text = explainer.call_text(case, call, failures, observations, values)
            share = 1 - len(failures) / len(batches)
            verdicts.append(verdict_on(case, call.method, share, text))
    if INPUTS_UNCHANGED in case.points:
        changes = [_changed(batch, after) for batch, after in zip(batches, observed)]
        text = explainer.inputs_text(changes)
        share = changes.count(None) / len(batches)
        verdicts.append(verdict_on(case, INPUTS_UNCHANGED, share, text))
    return verdicts


def _changed(batch: Batch, observed: BatchObservation) -> str | None:
    """The first input that a batch's calls changed, "" where they did not come that far, or None."""
    if observed.inputs_after is None or any(
        call.outcome not in (seen.VALUE, seen.OTHER) for call in observed.calls
    ):
        return ""
    for name, before in batch.items():
        after = observed.inputs_after.get(name)
        if after is None or after.shape != before.shape or not _equal(before, after):
            return name
    return None


def _equal(before: np.ndarray, after: np.ndarray) -> bool:
    # Bit by bit, so that a -0.0 for a 0.0 counts as a change; integers arrive as 64-bit ones.
    return before.astype(after.dtype).tobytes() == after.tobytes()
