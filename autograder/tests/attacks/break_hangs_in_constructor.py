"""Sleeps where an object is made."""

import time

import numpy as np


class CrossEntropyLoss:
    def __init__(self):
        time.sleep(60)

    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
