class Dropout:
    def __init__(self, p):
        self.p = p

    def forward(self, x, train=True):
        raise NotImplementedError

    def backward(self, dout):
        raise NotImplementedError
