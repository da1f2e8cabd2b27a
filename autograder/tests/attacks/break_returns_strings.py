"""Returns texts."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return "0.0"

    def backward(self):
        return str(self.A)
