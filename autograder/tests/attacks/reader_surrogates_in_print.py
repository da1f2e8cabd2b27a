"""Prints lone surrogates."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        print("\ud800 \udcff")
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
