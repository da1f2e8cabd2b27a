"""Forks 150 children that sleep; they fork none themselves."""

import ctypes
import os
import time

import numpy as np


def name_child():
    """So that the tests can tell this process from others."""
    ctypes.CDLL(None).prctl(15, b"attack-child", 0, 0, 0)


def bomb():
    for _ in range(150):
        try:
            child = os.fork()
        except OSError:
            return  # a wall
        if child == 0:
            try:
                name_child()
                time.sleep(20)
            finally:
                os._exit(0)


if hasattr(os, "fork"):
    bomb()


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
