"""Examples: the lines of a program with the inputs of a batch, to be pasted into Python as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from autograder.explain.arrays import show_input, too_large
from autograder.formats.submission import Submission
from autograder.judging.diagnosis import Counterexample
from autograder.model import Batch
from autograder.sandbox.observation import BatchObservation
from autograder.steps import Import, Program, Step

_MOST_EARLIER: Final = 60  # numbers of the inputs of earlier batches that are worth showing
_INDENT: Final = "    "
BLOCK: Final = re.compile(r"(for|while|if|with|try|def|class|match)\b|@")


def show_example(
    program: Program, submission: Submission, shown: Counterexample, results: Sequence[str]
) -> str:
    """The lines that show results, or what the step of the last one raised.

    Of inputs that are too large to be pasted only shape, dtype and range are told.
    """
    row, earlier, observed, _ = shown
    last = row.observed.step if row.observed.step >= 0 else program.step_of(results[-1])
    # The shown step does not depend on those that failed before it, or else it would not be run.
    left_out = set(observed.left_out) - {last}
    ran = [step for n, step in enumerate(program.steps[: last + 1]) if n not in left_out]
    given = {name for step in ran for name in step.given}
    large = {n: a for n, a in row.batch.inputs.items() if n in given and too_large(a)}
    if large:  # lines that cannot be pasted are of no use beside the numbers that are wrong
        return "\n".join(_INDENT + show_input(name, array) for name, array in large.items())
    setup = [step for step in ran if step in program.setup]
    used = program.steps if program.setup_once and earlier else ran
    imported = {name for step in used for name in step.imported}
    lines = [
        _import_of(one, imported) for one in program.imports if imported.intersection(one.binds)
    ]
    random = re.compile(rb"^\s*(import|from) random\b", re.MULTILINE)
    sources = submission.sources.values()
    draws_in_python = observed.used_random and any(map(random.search, sources))
    lines += ["import random"] if draws_in_python else []

    def seeds(batch: Batch) -> list[str]:
        drawn = [f"np.random.seed({batch.seed})"] if observed.used_random else []
        return drawn + ([f"random.seed({batch.seed})"] if draws_in_python else [])

    if not program.setup_once or last < len(program.setup):
        lines += [*seeds(row.batch), *_lines_of_batch(row.batch, ran, observed)]
    else:
        short = sum(a.size for b in earlier for a in b.inputs.values()) <= _MOST_EARLIER
        first, *others = [*(earlier if short else ()), row.batch]
        lines += [*seeds(first), *_lines_of_batch(first, setup, observed)]
        if earlier and not short:
            lines.append(f"# after batches 1 to {row.number - 1} on the same objects")
        for batch in (first, *others):
            if batch is not first:
                lines += ["# then, on the same objects", *seeds(batch)]
            body = program.body if batch is not row.batch else ran[len(setup) :]
            lines += _lines_of_batch(batch, body, observed)
    if last == program.step_of(results[-1]) and row.observed.value is not None:
        lines += [f"print({result})" for result in results]
    if any(re.search(r"\bnp\.", text) for text in lines):
        lines.insert(0, "import numpy as np")
    return "\n".join(_INDENT + line if line else "" for text in lines for line in text.split("\n"))


def _import_of(one: Import, used: set[str]) -> str:
    """An import of no more names than are used: the file may lack one of the others."""
    names = [n if n == bound else f"{n} as {bound}" for n, bound in one.names if bound in used]
    return f"from {one.module} import {', '.join(names)}" if names else one.text


def _lines_of_batch(batch: Batch, steps: Sequence[Step], observed: BatchObservation) -> list[str]:
    """The sizes and inputs that steps use, then the steps; each gets the inputs as they were."""
    given = dict.fromkeys(name for step in steps for name in step.given)
    lines = [f"{name} = {batch.sizes[name]}" for name in given if name in batch.sizes]
    lines += [show_input(name, batch.inputs[name]) for name in given if name in batch.inputs]
    changed = {name for _, names in observed.changed for name in names}
    kept = [
        name for name in given if name in changed and sum(name in step.given for step in steps) > 1
    ]
    lines += [f"{name}_as_given = {name}.copy()" for name in kept]
    seen: set[str] = set()
    for step in steps:
        again = [name for name in kept if name in step.given and name in seen]
        lines += [f"{name} = {name}_as_given.copy()" for name in again]
        seen.update(step.given)
        lines.append("\n".join(_as_typed(step.text.rstrip())))
    return lines


def _as_typed(text: str) -> Iterator[str]:
    """The lines of a step as Python wants them when they are typed: a blank line ends a block."""
    block = BLOCK.match(text) is not None
    for line in text.splitlines():
        if line.strip() or not block or '""' in text or "''" in text:
            yield line
    if block:
        yield ""


def lines_of(program: Program, number: int) -> str:
    """A step on one line, for a sentence: a block by its first line."""
    first, *rest = program.steps[number].text.strip().splitlines()
    return first.strip() + (" ..." if rest else "")
