"""Ends the process, but for a child that keeps the channel to the grader open."""

import ctypes
import os
import time

import numpy as np


def name_child():
    """So that the tests can tell this process from others."""
    ctypes.CDLL(None).prctl(15, b"attack-child", 0, 0, 0)


def leave():
    try:
        if os.fork() == 0:
            name_child()
            time.sleep(20)
    except OSError:
        pass  # a wall
    finally:
        os._exit(0)


class CrossEntropyLoss:
    def forward(self, A, Y):
        leave()
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
