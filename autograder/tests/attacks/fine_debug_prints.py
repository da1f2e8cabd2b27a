"""Prints what it computes."""

import sys

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        print("A", A.shape, A, "Y", Y)
        print("to stderr", file=sys.stderr)
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        print("backward", self.Y)
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
