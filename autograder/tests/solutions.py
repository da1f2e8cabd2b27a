"""Solutions of the cross-entropy assignment that several tests use, and the names of its cases."""

from __future__ import annotations

EXAMPLE = "Worked example of the write-up"
ONE_HOT = "Random one-hot batches"
LARGE = "Many samples and classes"
SOFT = "Soft targets"
EXTREME = "Extreme rows"
UNCHANGED = "Inputs are left as they are"
ONE_HOT_UNCHANGED = "One-hot inputs are left as they are"
SHARED = "One object for several batches"

BOTH_UNCHANGED = {f"{case}: inputs unchanged" for case in (UNCHANGED, ONE_HOT_UNCHANGED)}

IN_LARGE = "if len(A) == 300:"  # the one batch of that case, and no other
IN_EXAMPLE = "if A.shape == (2, 3) and A[0, 0] == 2.0:"
EXTREME_ROWS = {f"{EXTREME}: forward", f"{EXTREME}: backward"}


def solution(
    loss: str = "loss",
    gradient: str = "gradient",
    *,
    top: str = "",
    forward: str = "pass",
    backward: str = "pass",
    bottom: str = "",
) -> str:
    """A right and stable solution, with other results, or with statements put in."""
    return f"""{top}
import numpy as np

class CrossEntropyLoss:
    def forward(self, A, Y):
        {forward}
        shifted = A - A.max(axis=1, keepdims=True)
        log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.P, self.Y = np.exp(log_P), Y
        loss = -(Y * log_P).sum() / len(A)
        return {loss}

    def backward(self):
        {backward}
        gradient = (self.P - self.Y) / len(self.Y)
        return {gradient}
{bottom}
"""


FORMULAS = """
import numpy as np

class CrossEntropyLoss:
    def forward(self, A, Y):
        self.Y = Y
        E = np.exp(A - A.max(axis=1, keepdims=True))
        self.P = E / E.sum(axis=1, keepdims=True)
        return -np.sum(Y * np.log(self.P)) / len(A)

    def backward(self):
        return (self.P - self.Y) / len(self.Y)
"""

ENDLESS = "__import__('time').sleep(600)"  # which takes no processor time
