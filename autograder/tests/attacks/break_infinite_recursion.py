"""Calls itself without an end."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        return self.forward(A, Y)

    def backward(self):
        raise NotImplementedError
