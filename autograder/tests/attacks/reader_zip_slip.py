"""Handed in within a zip that has entries outside of it, and odd names."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
