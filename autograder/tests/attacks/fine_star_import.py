"""Imports all of numpy, over the built-in functions."""

from numpy import *


class CrossEntropyLoss:
    def forward(self, A, Y):
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - log(exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (exp(self.log_p) - self.Y) / len(self.Y)
