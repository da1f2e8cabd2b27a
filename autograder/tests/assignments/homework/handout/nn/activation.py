class ReLU:
    def forward(self, Z):
        raise NotImplementedError

    def backward(self, dLdA):
        raise NotImplementedError
