"""Has classes of its own besides the one that is wanted."""

import numpy as np


class Softmax:
    def __call__(self, A):
        z = A - A.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


class Loss:
    def __call__(self, A, Y):
        return self.forward(A, Y)


class CrossEntropyLoss(Loss):
    def __init__(self):
        super().__init__()
        self.log_softmax = Softmax()

    def forward(self, A, Y):
        self.log_p, self.Y = self.log_softmax(A), Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)


class MSELoss(Loss):
    def forward(self, A, Y):
        return np.mean((A - Y) ** 2)
