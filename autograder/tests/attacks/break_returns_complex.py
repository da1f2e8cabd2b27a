"""Returns complex numbers."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0j

    def backward(self):
        return np.zeros(self.A.shape, complex)
