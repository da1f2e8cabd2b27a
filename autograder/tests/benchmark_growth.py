"""How the cost of grading grows: with the number of cases, batches, numbers and known mistakes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from autograder.formats.assignment import load_assignment
from autograder.judging.storing import store_mistakes
from autograder.judging.suite import Suite
from autograder.tests.benchmark import FLOOR, Cost, measure, setting

_MISTAKE: Final = '''
class Times{n}(Loss):
    """You multiply by {n} where nothing is to be multiplied, say by the number of something."""

    breaks = ("forward", "backward")

    def forward(self, A, Y):
        return {n} * super().forward(A, Y)

    def backward(self):
        return {n} * super().backward()
'''
_LOSS: Final = """
import numpy as np


class Loss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        return np.mean((A - Y) ** 2)

    def backward(self):
        return {factor} * (self.A - self.Y) / self.A.size
"""
_SETTINGS: Final = """
title: Growth
submission: loss.py
setup: loss = Loss()
program: |
  forward = loss.forward(A, Y)
  backward = loss.backward()
limits: {total_seconds: 600}
"""


class Size(NamedTuple):
    """How large an assignment is."""

    cases: int = 16
    batches: int = 4
    numbers: int = 100  # in each input
    mistakes: int = 8


_SIZES: Final = {
    "cases": (16, 64, 256, 1000),
    "batches": (4, 16, 64, 256),
    "numbers": (100, 1_000, 10_000, 100_000),
    "mistakes": (8, 32, 128),
}


def print_growth(folder: Path, runs: int) -> None:
    """Measure assignments that differ in one size each, and fit an exponent to the last steps."""
    print(f"Processor time beyond that of importing numpy, in ms; {setting(runs)}")
    for field, sizes in _SIZES.items():
        commands = {FLOOR: ["-c", "import numpy"]}
        for size in sizes:
            assignment = _make(folder / f"{field}{size}", Size(**{field: size}))
            for which in ("right", "wrong"):
                path = str(assignment / which / "loss.py")
                commands[f"{which} {size}"] = _command(path, assignment)
        costs = measure(commands, runs)
        for which in ("right", "wrong"):
            beyond = [_beyond(costs[f"{which} {size}"], costs[FLOOR]) for size in sizes]
            shown = "  ".join(f"{size}: {1000 * cost:.0f}" for size, cost in zip(sizes, beyond))
            print(f"{field:9} {which:6} {shown}   exponent {_exponent(sizes, beyond):.2f}")


def _command(path: str, assignment: Path) -> list[str]:
    results = str(assignment / "results.json")
    where = ["--assignment", str(assignment), "--results", results]
    return ["-m", "autograder", "grade", path, *where]


def _make(folder: Path, size: Size) -> Path:
    """An assignment of a size, as it is in the zip, with a right and a wrong submission."""
    rows = max(1, math.isqrt(size.numbers // 10))
    cases = "".join(
        f"  - name: Case {n}\n"
        f"    random: {{seed: {n}, batches: {size.batches}, N: 1..{2 * rows}}}\n"
        f"    inputs: {{A: {{normal: [N, {size.numbers // rows}]}}, "
        f"Y: {{normal: [N, {size.numbers // rows}]}}}}\n"
        "    points: {forward: 1, backward: 1}\n"
        for n in range(size.cases)
    )
    mistakes = "".join(_MISTAKE.format(n=n) for n in range(3, size.mistakes + 3))
    for path, text in {
        "testcases/assignment.yaml": _SETTINGS,
        "testcases/10_cases.yaml": "cases:\n" + cases,
        "reference/loss.py": _LOSS.format(factor=2),
        "reference/mistakes.py": "from loss import Loss\n" + mistakes,
        "right/loss.py": _LOSS.format(factor=2),
        "wrong/loss.py": _LOSS.format(factor=1),
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    assignment = load_assignment(folder)
    assignment.answers_path.write_bytes(store_mistakes(Suite(assignment)))
    return folder


def _beyond(costs: Sequence[Cost], floor: Sequence[Cost]) -> float:
    return statistics.median(one.cpu - other.cpu for one, other in zip(costs, floor))


def _exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """Of cost ~ size ** exponent between the two largest sizes, as the smaller ones hide in the rest."""
    (less, more), (before, after) = sizes[-2:], costs[-2:]
    return math.log(after / before) / math.log(more / less)
