"""Is a dataclass, the annotations of which are kept as text."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class CrossEntropyLoss:
    scale: float = 1.0
    history: list[np.ndarray] = field(default_factory=list)

    def forward(self, A, Y):
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
