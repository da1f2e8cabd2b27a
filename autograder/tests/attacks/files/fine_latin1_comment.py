"""Has a comment in latin-1, and does not say so."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y  # élève
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
