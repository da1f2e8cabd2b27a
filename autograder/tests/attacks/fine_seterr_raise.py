"""Makes every floating-point error an exception, and makes none."""

import numpy as np

np.seterr(all="raise")


class CrossEntropyLoss:
    def forward(self, A, Y):
        z = np.maximum(A - A.max(axis=1, keepdims=True), -2000.0)
        total = np.exp(np.maximum(z, -700)).sum(axis=1, keepdims=True)
        self.log_p = z - np.log(total)
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(np.maximum(self.log_p, -700)) - self.Y) / len(self.Y)
