"""Computes the loss by matrices of ones; it has the shape (1, 1)."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        N, C = A.shape
        return np.ones((1, N)) @ -(Y * self.log_p) @ np.ones((C, 1)) / N

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
