"""Where NaN and infinities come from: numpy's own warnings tell, or else the size of the inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from autograder.hints.patterns.batches import Failing, Finding, shown_of

_EXP_OVERFLOWS: Final = 709.0  # exp of more is beyond the largest double, 1.8e308
_EXP_VANISHES: Final = -745.0  # exp of less is 0

# What numpy warns of, by the beginning of its message, the first that fits; {} is the function's name.
_WARNINGS: Final = {
    "overflow encountered in exp": Finding(
        "An exponential overflows, as numpy itself warns.",
        f"exp of more than {_EXP_OVERFLOWS:.0f} is infinite, and inf / inf and inf - inf are NaN.",
    ),
    "divide by zero encountered in log": Finding(
        "The logarithm of 0 is taken, as numpy itself warns.",
        "log(0) is -inf, and 0 * -inf is NaN.",
    ),
    "invalid value encountered in log": Finding(
        "The logarithm of a negative number is taken, as numpy itself warns.", "That is NaN."
    ),
    "invalid value encountered in sqrt": Finding(
        "The square root of a negative number is taken, as numpy itself warns.", "That is NaN."
    ),
    "invalid value encountered in power": Finding(
        "A negative number is raised to a fraction, as numpy itself warns.", "That is NaN."
    ),
    "divide by zero encountered in": Finding(
        "A number is divided by 0, as numpy itself warns.", "That is infinite."
    ),
    "invalid value encountered in divide": Finding(
        "0 is divided by 0, or inf by inf, as numpy itself warns.", "Both are NaN."
    ),
    "invalid value encountered in multiply": Finding(
        "0 is multiplied by an infinity, as numpy itself warns.", "That is NaN."
    ),
    "invalid value encountered in subtract": Finding(
        "An infinity is subtracted from another, as numpy itself warns.", "That is NaN."
    ),
    "overflow encountered in": Finding(
        "A number becomes larger than floating-point numbers can be, as numpy itself warns.",
        "Beyond 1.8e308 there is only inf.",
    ),
}


def _as_numpy_warns(failing: Sequence[Failing]) -> Iterator[Finding]:
    shown = shown_of(failing)
    for message, _, _ in shown.warned:
        text = re.sub(r"(?<= in )(?:scalar )?(?:true_)?", "", message)
        for beginning, finding in _WARNINGS.items():
            if not text.startswith(beginning):
                continue
            if beginning.endswith("in divide") and _vanishes(shown):
                more = f"Both are NaN; exp of less than {_EXP_VANISHES:.0f} is 0."
                finding = finding._replace(more=more)
            if shown.elsewhere:
                more = (
                    f"{finding.more} It happens in an earlier step, and this one goes on with it."
                )
                finding = finding._replace(more=more)
            yield finding


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
