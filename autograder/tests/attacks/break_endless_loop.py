"""Loops for a minute, which is as good as without an end."""

import time

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            pass
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
