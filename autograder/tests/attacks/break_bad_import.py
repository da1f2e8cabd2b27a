"""Imports a file that was not handed in."""

import numpy as np
from mytorch.nn.activation import Softmax


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
