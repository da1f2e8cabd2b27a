"""Returns lists of a million numbers."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return [0.0] * 10**6

    def backward(self):
        return [[0.0]] * 10**6
