"""Lets a pool of threads do the rows."""

import numpy as np
from concurrent.futures import ThreadPoolExecutor


def row_loss(row):
    z, y = row
    z = z - z.max()
    return -(y * (z - np.log(np.exp(z).sum()))).sum()


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(row_loss, zip(A, Y))) / len(A)

    def backward(self):
        z = self.A - self.A.max(axis=1, keepdims=True)
        return (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) - self.Y) / len(self.A)
