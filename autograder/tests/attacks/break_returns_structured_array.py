"""Returns arrays of records, of dates and of texts."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return np.zeros((), 'f8,M8[s]')

    def backward(self):
        return np.zeros(self.A.shape, 'U8')
