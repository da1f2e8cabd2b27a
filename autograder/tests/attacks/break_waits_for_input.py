"""Waits for somebody to type."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        input("A? ")
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
