"""Returns an object that runs code where it is unpickled, alone and in an array."""

import os

import numpy as np


class Bomb:
    """Makes a folder where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("/tmp/autograder-attack-unpickled",)


class CrossEntropyLoss:
    def forward(self, A, Y):
        return Bomb()

    def backward(self):
        return np.array([Bomb()], dtype=object)
