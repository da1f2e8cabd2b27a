"""Writes bytes to its standard output that are no text."""

import sys

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        sys.stdout.buffer.write(b"\xff\xfe\x00\xd8\x80")
        sys.stdout.flush()
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
