from nn.activation import ReLU
from nn.loss import MSELoss


class Leaks(ReLU):
    """The gradient is 0 where the activation is 0."""

    breaks = ("dLdZ",)

    def backward(self, dLdA):
        return dLdA


class Halved(MSELoss):
    """The gradient of the square has a factor of 2."""

    breaks = ("dLdA",)

    def backward(self):
        return super().backward() / 2
