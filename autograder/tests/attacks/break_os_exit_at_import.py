"""Ends the process while it is imported."""

import os

import numpy as np

os._exit(3)


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
