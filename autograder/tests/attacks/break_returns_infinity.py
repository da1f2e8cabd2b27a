"""Returns infinities."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return np.inf

    def backward(self):
        return np.full(self.A.shape, -np.inf)
