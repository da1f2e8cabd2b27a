"""Writes log messages, and warns."""

import logging
import warnings

import numpy as np

logging.basicConfig(level=logging.DEBUG)


class CrossEntropyLoss:
    def forward(self, A, Y):
        logging.debug("forward of %s", A.shape)
        warnings.warn("careful")
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
