"""Asks for 6 GiB at once, and touches none of it."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.kept = np.empty(6 * 2**30, np.uint8)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
