"""Returns a single number where a gradient is wanted."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        return 0.0

    def backward(self):
        return 0.0
