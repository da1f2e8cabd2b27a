"""Reads the command lines of other processes."""

import os

import numpy as np

found = []
try:
    for process in os.listdir("/proc"):
        if process.isdigit() and int(process) != os.getpid():
            with open(f"/proc/{process}/cmdline", "rb") as file:
                text = file.read()
            if text:
                found.append("command line")
                break
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
