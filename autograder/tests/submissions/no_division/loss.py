"""A solution that forgets to divide the gradient by N, as many do; the README shows its results."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.Y = Y
        E = np.exp(A)
        self.P = E / E.sum(axis=1, keepdims=True)
        return -np.sum(Y * np.log(self.P)) / len(A)

    def backward(self):
        return self.P - self.Y
