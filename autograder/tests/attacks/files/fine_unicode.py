"""Has names, comments and prints beyond ASCII: 损失函数."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        ζ = A - A.max(axis=1, keepdims=True)
        self.log_p = ζ - np.log(np.exp(ζ).sum(axis=1, keepdims=True))
        print("σ(A) ✓ 😀")  # über
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
