"""Asks for up to 6 GiB in steps, keeps it all, and touches none of it."""

import numpy as np

kept = []


class CrossEntropyLoss:
    def forward(self, A, Y):
        for _ in range(768):
            kept.append(np.empty(2**23, np.uint8))
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
