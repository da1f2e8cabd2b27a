"""Sets seeds, and checks its gradient with random numbers while it is imported."""

import random

import numpy as np

random.seed(0)
np.random.seed(0)
generator = np.random.default_rng(11785)


class CrossEntropyLoss:
    def forward(self, A, Y):
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)


def check():
    A, Y = generator.normal(size=(3, 4)), np.eye(4)[:3]
    loss = CrossEntropyLoss()
    before = loss.forward(A, Y)
    slope = loss.backward()[0, 0]
    A[0, 0] += 1e-6
    assert abs((loss.forward(A, Y) - before) / 1e-6 - slope) < 1e-3


check()
