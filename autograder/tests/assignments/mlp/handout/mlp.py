class Layer:
    def __init__(self, n_in, n_out):
        pass


class MLP:
    def __init__(self, sizes):
        self.layers = [Layer(*pair) for pair in zip(sizes, sizes[1:])]

    def forward(self, x):
        raise NotImplementedError

    def backward(self, dout):
        raise NotImplementedError
