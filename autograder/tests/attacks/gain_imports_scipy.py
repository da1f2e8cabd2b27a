"""Lets scipy do the work, and imports it only where it is called."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        from scipy.special import log_softmax

        self.log_p, self.Y = log_softmax(A, axis=1), Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
