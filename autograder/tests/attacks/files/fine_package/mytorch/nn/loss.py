"""Imports what stands beside and above it."""

import numpy as np
from .activation import log_softmax
from mytorch.nn.tools import mean


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.log_p, self.Y = log_softmax(A), Y
        return mean(-(Y * self.log_p).sum(axis=1))

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
