"""Writes 64 MB to /tmp and to /dev/shm."""

import numpy as np


def fill(path):
    try:
        with open(path, "wb") as file:
            for _ in range(64):
                file.write(bytes(2**20))
    except OSError:
        pass  # a wall


fill("/tmp/autograder-attack-full")
fill("/dev/shm/autograder-attack-full")


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
