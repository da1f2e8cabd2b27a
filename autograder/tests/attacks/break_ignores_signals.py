"""Ignores every signal, swallows every exception, and loops for a minute."""

import signal
import time

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass  # not to be ignored
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                while time.monotonic() < end:
                    pass
            except BaseException:
                pass
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
