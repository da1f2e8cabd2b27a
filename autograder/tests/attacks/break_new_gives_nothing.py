"""Has a class that makes None of itself."""

import numpy as np


class CrossEntropyLoss:
    def __new__(cls):
        return None

    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
