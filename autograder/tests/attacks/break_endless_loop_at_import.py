"""Loops for a minute while it is imported."""

import time

import numpy as np

end = time.monotonic() + 60
while time.monotonic() < end:
    pass


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
