"""The model solution: a linear layer, in numpy."""

import numpy as np


class Linear:
    """Z = A W^T + b for N samples; A is (N, C_in), W is (C_out, C_in), b is (C_out,)."""

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, A):
        """Return Z, shape (N, C_out)."""
        return A @ self.W.T + self.b

    def backward(self, dLdZ):
        """Return dL/dA, shape (N, C_in), for dL/dZ of shape (N, C_out)."""
        return dLdZ @ self.W

    def bias_gradient(self, dLdZ):
        """Return dL/db, shape (C_out,)."""
        return np.sum(dLdZ, axis=0)
