"""Leaves a daemon in a session of its own that sleeps."""

import ctypes
import os
import time

import numpy as np


def name_child():
    """So that the tests can tell this process from others."""
    ctypes.CDLL(None).prctl(15, b"attack-child", 0, 0, 0)


def leave():
    try:
        child = os.fork()
    except OSError:
        return  # a wall
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 64)
            name_child()
            time.sleep(20)
    finally:
        os._exit(0)


if hasattr(os, "fork"):
    leave()


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
