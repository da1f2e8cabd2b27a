"""Where NaN and infinities come from: numpy's own warnings tell, or else the size of the inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from autograder.hints.patterns.batches import Failing, Finding, shown_of

_EXP_OVERFLOWS: Final = 709.0  # exp of more is beyond the largest double, 1.8e308
_EXP_VANISHES: Final = -745.0  # exp of less is 0
_NAN: Final = "That is NaN."

# What numpy warns of, by the beginning of its message, the first that fits; and what follows from it.
_WARNINGS: Final = {
    "overflow encountered in exp": (
        "An exponential overflows",
        f"exp of more than {_EXP_OVERFLOWS:.0f} is infinite, and inf / inf and inf - inf are NaN.",
    ),
    "divide by zero encountered in log": (
        "The logarithm of 0 is taken",
        "log(0) is -inf, and 0 * -inf is NaN.",
    ),
    "invalid value encountered in log": ("The logarithm of a negative number is taken", _NAN),
    "invalid value encountered in sqrt": ("The square root of a negative number is taken", _NAN),
    "invalid value encountered in power": ("A negative number is raised to a fraction", _NAN),
    "Mean of empty slice": ("The mean of no numbers at all is taken", _NAN),
    "divide by zero encountered in": ("A number is divided by 0", "That is infinite."),
    "invalid value encountered in divide": ("0 is divided by 0, or inf by inf", "Both are NaN."),
    "invalid value encountered in multiply": ("0 is multiplied by an infinity", _NAN),
    "invalid value encountered in subtract": ("An infinity is subtracted from another", _NAN),
    "overflow encountered in": (
        "A number becomes larger than floating-point numbers can be",
        "Beyond 1.8e308 there is only inf.",
    ),
}


def _as_numpy_warns(failing: Sequence[Failing]) -> Iterator[Finding]:
    shown = shown_of(failing)
    for message, _, _ in shown.warned:
        text = re.sub(r"(?<= in )(?:scalar )?(?:true_)?", "", message)
        for beginning, (what, more) in _WARNINGS.items():
            if not text.startswith(beginning):
                continue
            if beginning.endswith("in divide") and _vanishes(shown):
                more = f"Both are NaN; exp of less than {_EXP_VANISHES:.0f} is 0."
            if shown.elsewhere:
                more += " It happens in an earlier step, and this one goes on with it."
            yield Finding(f"{what}, as numpy itself warns.", more)


def _by_the_size_of_inputs(failing: Sequence[Failing]) -> Iterator[Finding]:
    numbers = [a.astype(np.float64) for a in shown_of(failing).batch.inputs.values() if a.size]
    low = min((float(a.min()) for a in numbers), default=0.0)
    high = max((float(a.max()) for a in numbers), default=0.0)
    if low >= _EXP_VANISHES and high <= _EXP_OVERFLOWS:
        return
    yield Finding(
        "It looks as if something leaves the range of floating-point numbers.",
        f"The inputs go from {low:.4g} to {high:.4g} here: exp of more than {_EXP_OVERFLOWS:.0f} is "
        f"infinite, exp of less than {_EXP_VANISHES:.0f} is 0, log(0) is -inf, and 0 / 0, inf / inf, "
        "inf - inf and 0 * inf are NaN.",
    )


def _vanishes(one: Failing) -> bool:
    inputs = [array.astype(np.float64) for array in one.batch.inputs.values() if array.size]
    return any(float(array.min()) < _EXP_VANISHES for array in inputs)


NOT_FINITE: Final = (_as_numpy_warns, _by_the_size_of_inputs)
