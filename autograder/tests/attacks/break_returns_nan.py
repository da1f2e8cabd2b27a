"""Returns NaN."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return np.nan

    def backward(self):
        return np.full(self.A.shape, np.nan)
