"""Reads at the address 0."""

import ctypes

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        ctypes.string_at(0)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
