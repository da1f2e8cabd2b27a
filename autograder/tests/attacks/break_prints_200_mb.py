"""Prints 200 MB in the first call of each process."""

import numpy as np

left = 200


class CrossEntropyLoss:
    def forward(self, A, Y):
        global left
        while left:
            left -= 1
            print("x" * 10**6)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
