"""Raises an exception in a line with marks that reverse what is read."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise ValueError("see this line")  # ‮ ⁦ [2J

    def backward(self):
        raise NotImplementedError
