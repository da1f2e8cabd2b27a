import numpy as np


class ReLU:
    def forward(self, Z):
        self.A = np.maximum(Z, 0)
        return self.A

    def backward(self, dLdA):
        return np.where(self.A > 0, dLdA, 0)
