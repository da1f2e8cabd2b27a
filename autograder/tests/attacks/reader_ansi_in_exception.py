"""Raises an exception with escapes for a terminal in its text."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise ValueError('\x1b[31mred\x1b[2J\x07')

    def backward(self):
        raise NotImplementedError
