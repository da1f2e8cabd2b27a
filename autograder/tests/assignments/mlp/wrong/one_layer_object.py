import numpy as np


class Layer:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_in, n_out)), np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class MLP:
    def __init__(self, sizes):
        self.layers = [Layer(sizes[0], sizes[1])] * (len(sizes) - 1)

    def forward(self, x):
        self.masks = []
        for layer in self.layers[:-1]:
            x = layer.forward(x)
            self.masks.append(x > 0)
            x = np.maximum(x, 0)
        return self.layers[-1].forward(x)

    def backward(self, dout):
        dout = self.layers[-1].backward(dout)
        for layer, mask in zip(reversed(self.layers[:-1]), reversed(self.masks)):
            dout = layer.backward(dout * mask)
        return dout
