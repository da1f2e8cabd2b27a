"""Prints NUL and other controls."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        print('before\x00after\x7f\x85\r over')
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
