"""Raises an exception with lone surrogates in its text."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise ValueError("\ud800 \udcff")

    def backward(self):
        raise NotImplementedError
