"""Opens what the parent process has open, by way of /proc."""

import os

import numpy as np

found = []


def attack():
    parent = os.getppid()
    for number in os.listdir(f"/proc/{parent}/fd"):
        if int(number) > 2:
            os.close(os.open(f"/proc/{parent}/fd/{number}", os.O_RDONLY | os.O_NONBLOCK))
            found.append("descriptor of the parent")
            return


try:
    attack()
except OSError:
    pass  # a wall


class CrossEntropyLoss:
    def forward(self, A, Y):
        for what in found:
            print("LEAK:" + what)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
