"""Returns an array of 8 TB that is one number, stretched."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.broadcast_to(0.0, (10**6, 10**6))
