"""Examples: the lines of a program with the inputs of a batch, to be pasted into Python as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from autograder.explain.arrays import show_input, too_large
from autograder.formats.submission import Submission
from autograder.judging.evidence import Row
from autograder.model import Batch, TestCase
from autograder.sandbox.bench import seed_of
from autograder.sandbox.observation import BatchObservation
from autograder.steps import Program, Step

_MOST_EARLIER: Final = 60  # numbers of the inputs of earlier batches that are worth showing
_INDENT: Final = "    "


def show_example(
    case: TestCase,
    submission: Submission,
    row: Row,
    earlier: Sequence[Batch],
    observed: BatchObservation,
    result: str,
) -> str:
    """The lines that show a result, or what a step raised, in the batch of a row.

    `earlier` are the batches before it, which count if the setup is run once.
    """
    program = case.program
    last = row.observed.step if row.observed.step >= 0 else program.step_of(result)
    steps = program.steps[: last + 1]
    lines = ["import numpy as np"] if _uses_numpy(row.batch, steps) else []
    lines += [one.text for one in program.imports if _is_used(one.binds, steps)]
    if observed.used_random:
        seed = seed_of(case.inputs, row.number - 1)
        lines.append(f"np.random.seed({seed})")
        if any(re.search(rb"^\s*(import|from) random\b", s, re.M) for s in _sources(submission)):
            lines.append(f"import random; random.seed({seed})")
    setup = len(program.setup)
    if not program.setup_once:
        lines += _lines_of_batch(row.batch, steps, observed)
    else:
        shown = sum(a.size for b in earlier for a in b.inputs.values()) <= _MOST_EARLIER
        lines += [step.text for step in program.setup]
        if earlier and not shown:
            lines.append(f"# after batches 1 to {row.number - 1} on the same objects")
        for batch in earlier if shown else ():
            lines += _lines_of_batch(batch, program.body, observed)
            lines.append("# then, on the same objects")
        lines += _lines_of_batch(row.batch, steps[setup:], observed)
    if last == program.step_of(result) and row.observed.value is not None:
        lines.append(f"print({result})")
    return "\n".join(_INDENT + line if line else "" for text in lines for line in text.split("\n"))


def _lines_of_batch(batch: Batch, steps: Sequence[Step], observed: BatchObservation) -> list[str]:
    """The sizes and inputs that steps use, then the steps; each gets the inputs as they were."""
    given = dict.fromkeys(name for step in steps for name in step.given)
    lines = [f"{name} = {batch.sizes[name]}" for name in given if name in batch.sizes]
    lines += [show_input(name, batch.inputs[name]) for name in given if name in batch.inputs]
    changed = {name for _, names in observed.changed for name in names}
    kept = [
        name
        for name in given
        if name in changed
        and not too_large(batch.inputs[name])
        and sum(name in step.given for step in steps) > 1
    ]
    lines += [f"{name}_as_given = {name}.copy()" for name in kept]
    seen: set[str] = set()
    for step in steps:
        again = [name for name in kept if name in step.given and name in seen]
        lines += [f"{name} = {name}_as_given.copy()" for name in again]
        seen.update(step.given)
        text = step.text.rstrip()
        lines.append(text + "\n" if "\n" in text and text.splitlines()[-1][:1] == " " else text)
    return lines


def _uses_numpy(batch: Batch, steps: Sequence[Step]) -> bool:
    given = {name for step in steps for name in step.given}
    arrays = any(name in given and array.ndim for name, array in batch.inputs.items())
    return arrays or any(re.search(r"\bnp\b", step.text) for step in steps)


def _is_used(names: Sequence[str], steps: Sequence[Step]) -> bool:
    return any(name in step.imported for name in names for step in steps)


def _sources(submission: Submission) -> list[bytes]:
    return list(submission.sources.values())


def lines_of(program: Program, number: int) -> str:
    """A step on one line, for a sentence: a block is told by its first line."""
    first, *rest = program.steps[number].text.strip().splitlines()
    return first.strip() + (" ..." if rest else "")
