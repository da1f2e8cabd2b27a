"""Sleeps for a minute."""

import time

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        time.sleep(60)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
