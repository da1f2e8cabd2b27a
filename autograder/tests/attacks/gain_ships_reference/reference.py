"""Says that it was run."""

import builtins

builtins.autograder_attack = "reference.py was run"

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
