import numpy as np


class Dropout:
    def __init__(self, p):
        self.p = p

    def forward(self, x, train=True):
        if not train:
            return x
        self.mask = (np.random.randint(0, 1, x.shape) >= self.p) / (1 - self.p)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
