"""Prints escapes that colour, clear and rename a terminal."""

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        print('\x1b[31mred\x1b[2J\x1b]0;title\x07\x9b1A\x08\x08')
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
