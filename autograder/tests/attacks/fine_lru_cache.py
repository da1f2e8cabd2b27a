"""Keeps a matrix of ones by its size."""

import functools

import numpy as np


@functools.lru_cache(maxsize=None)
def ones(n):
    return np.ones((n, 1))


class CrossEntropyLoss:
    def forward(self, A, Y):
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        per_sample = -(Y * self.log_p) @ ones(A.shape[1])
        return (ones(len(A)).T @ per_sample).item() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
