"""Raises an exception with marks that reverse and hide text."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise ValueError("\u202e\u2066txet\u2069 \u200b\ufeff")

    def backward(self):
        raise NotImplementedError
