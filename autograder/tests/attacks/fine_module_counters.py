"""Counts its calls in globals, and its objects in the class."""

import numpy as np

calls = 0
history = []


class CrossEntropyLoss:
    made = 0

    def __init__(self):
        type(self).made += 1

    def forward(self, A, Y):
        global calls
        calls += 1
        history.append(calls)
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
