"""Prints HTML and Markdown."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        print('<script>alert(1)</script></pre> [x](javascript:alert(1)) # x')
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
