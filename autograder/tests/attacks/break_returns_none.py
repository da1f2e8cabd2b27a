"""Returns nothing."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return None

    def backward(self):
        return None
