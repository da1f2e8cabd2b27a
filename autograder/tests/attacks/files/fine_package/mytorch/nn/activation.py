"""Softmax."""

import numpy as np


def log_softmax(A):
    z = A - A.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))
