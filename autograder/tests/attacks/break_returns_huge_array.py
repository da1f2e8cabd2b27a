"""Returns an array of 40 MB."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return np.zeros((5000, 1000))

    def backward(self):
        return np.zeros((5000, 1000))
