"""Returns an integer beyond the range of floats."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 10**5000

    def backward(self):
        return np.zeros(self.A.shape)
