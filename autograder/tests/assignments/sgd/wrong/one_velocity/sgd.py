import numpy as np
from linear import Linear


class SGD:
    def __init__(self, layers, lr=0.1, momentum=0.0):
        assert all(isinstance(layer, Linear) for layer in layers)
        self.layers, self.lr, self.mu = layers, lr, momentum
        self.v = [np.zeros_like(layer.W) for layer in layers]

    def step(self):
        for n, layer in enumerate(self.layers):
            v = 0
            v = self.mu * v + layer.dLdW
            self.v[n] = v
            layer.W = layer.W - self.lr * self.v[n]
