"""The reference's own steps, and the first of them that a wrong result contradicts.

An object of the reference may have a method `steps`, which gives for each result the named
intermediate results of the last batch, in order of computation. A fixed case that gives wrong numbers
shows them. How far a result agrees with them can be told in two ways: it is another simple function of
a step (its sum, say, or the step itself), or another result that goes through the same step is right.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Set
from typing import Any, Final, TypeAlias

import numpy as np

from autograder.explain.arrays import show_step
from autograder.explain.sentences import WRONG_NUMBERS
from autograder.hints.factors import factor_of
from autograder.judging.compare import within
from autograder.judging.evidence import Evidence, Steps
from autograder.judging.suite import Suite
from autograder.model import Tolerance
from autograder.typed import NDArray

Form: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_WRONG: Final = "wrong"
_MOST_NUMBERS: Final = 24  # of one step; more explains nothing

# What a result may be of a step that it has come to, if it goes on wrongly from there.
_FORMS: Final[dict[str, Form]] = {
    "": lambda step: step,
    "the negative of ": np.negative,
    "the sum of ": lambda step: np.asarray(step.sum()),
    "the mean of ": lambda step: np.asarray(step.mean()),
    "the largest of ": lambda step: np.asarray(step.max()),
    "the smallest of ": lambda step: np.asarray(step.min()),
    "the sum along axis 0 of ": lambda step: step.sum(axis=0, keepdims=True),
    "the mean along axis 0 of ": lambda step: step.mean(axis=0, keepdims=True),
    "the sum along axis 1 of ": lambda step: step.sum(axis=1, keepdims=True),
    "the mean along axis 1 of ": lambda step: step.mean(axis=1, keepdims=True),
    "the transpose of ": lambda step: step.T,
}
# What may have been done to each of its numbers before that.
_OF_EACH: Final[dict[str, Form]] = {
    "": lambda step: step,
    "the squares of ": np.square,
    "the sizes of ": np.abs,
    "the exponentials of ": np.exp,
}


def explain_steps(
    failed: Evidence, check: str, suite: Suite, tolerance: Tolerance, told: Set[str]
) -> str:
    """The steps to the expected result of a fixed, small case, with where the result parts from them.

    `told` are the results of whose failure more is known.
    """
    case = failed.case
    fixed = (
        other
        for other in suite.assignment.cases
        if other.inputs.random is None and not other.program.setup_once
        if other.program.key == case.program.key
    )
    if next(fixed, None) is not case or check not in failed.results:
        return ""  # after the first case with fixed inputs, the steps would be too much
    row = failed.checks[check].rows[0]
    if row.problem is None or row.problem.kind not in WRONG_NUMBERS:
        return ""  # what raised, or is not written yet, came to no numbers to compare
    steps = suite.steps(case)
    own = steps.get(check, {})
    if not own or any(step.size > _MOST_NUMBERS for step in own.values()):
        return ""
    listed = [f"{n}. {name}:\n{show_step(step)}" for n, (name, step) in enumerate(own.items(), 1)]
    parting = _parting(failed, check, own, steps, tolerance, told)
    return "\n".join(filter(None, ["Step by step, with the inputs above:", *listed, parting]))


def _parting(
    failed: Evidence,
    check: str,
    own: dict[str, NDArray[np.float64]],
    steps: Steps,
    tolerance: Tolerance,
    told: Set[str],
) -> str:
    """The sentence about the first step that a result contradicts, as far as that can be told."""
    names = list(own)
    value = failed.checks[check].rows[0].observed.value
    assert value is not None
    # The last step is the result itself: to equal another form of it is to miss it by that.
    for number in range(len(names), 0, -1):
        form = _form_of(value, own[names[number - 1]], number < len(names), tolerance)
        if form is not None:
            wrong = min(number + 1, len(names))
            return (
                f"Your result is {form}step {number} ({names[number - 1]}), so step {wrong} "
                f"({names[wrong - 1]}) is the first that it contradicts."
            )
    others = {
        other: _state(failed, other, steps[other], tolerance) for other in steps if other != check
    }
    shared = [
        (number, other)
        for number, name in enumerate(names[:-1], 1)
        for other in others
        if name in steps[other] and others[other]
    ]
    vouched = [(number, other) for number, other in shared if others[other] != _WRONG]
    if vouched:
        number, other = vouched[-1]
        return (
            f"Your {other} is {others[other]} and goes through step {number} ({names[number - 1]}) too, "
            f"so look at step {number + 1} ({names[number]}) first."
        )
    if shared:
        number, other = shared[0]
        if other in told:
            return f"Your {other} is wrong as well, and its text says more: look at that first."
        return (
            f"Your {other} is wrong as well. Both go through step {number} ({names[number - 1]}), so "
            "compare that first. If yours is the same, look at what both do with the inputs, and then "
            f"at step {number + 1} ({names[number]})."
        )
    if len(names) > 1:
        return "Your result alone does not show which step is wrong; compare yours, one by one."
    return ""


def _state(
    failed: Evidence, result: str, own: dict[str, NDArray[np.float64]], tolerance: Tolerance
) -> str:
    """What a result is: right, so up to something, or wrong; "" if it has not come, or no points."""
    value = failed.checks[result].rows[0].observed.value if result in failed.checks else None
    if value is None:
        return ""
    if not failed.failed(result):
        return "right"
    wanted = list(own.values())[-1]
    if wanted.size < 2 or value.dtype == np.bool_:
        return _WRONG
    form = _form_of(value, wanted, False, tolerance)
    if form is not None:
        return f"{form}what is expected"
    if value.shape != wanted.shape:
        return _WRONG
    factor = factor_of(value.astype(np.float64), wanted, tolerance)
    return _WRONG if factor is None else "right up to a factor"


def _form_of(
    value: NDArray[Any], step: NDArray[np.float64], itself: bool, tolerance: Tolerance
) -> str | None:
    """The first simple form of a step that a result equals; the step as it is counts if `itself`."""
    for (each, change), (whole, form) in itertools.product(_OF_EACH.items(), _FORMS.items()):
        words = whole + each
        if (not words and not itself) or (each and step.size < 2):
            continue
        try:
            wanted = form(change(step))
        except ValueError:
            continue
        if value.shape not in (wanted.shape, wanted.squeeze().shape) and (
            value.size != 1 or wanted.size != 1
        ):
            continue
        if wanted.size > 1 or step.size > 1 or words:
            got = value.astype(np.float64).reshape(wanted.shape)
            if within(got, wanted, tolerance).all() and np.abs(wanted).max() > tolerance.atol:
                return words
    return None
