"""Prints thousands of lines, most of them empty."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        print("\n" * 10_000 + "x\r\n" * 2000)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
