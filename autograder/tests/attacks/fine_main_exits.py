"""Has a __main__ block that leaves by sys.exit."""

import sys

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)


if __name__ == "__main__":
    sys.exit(CrossEntropyLoss().forward(np.eye(2), np.eye(2)))
