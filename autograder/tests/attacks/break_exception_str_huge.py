"""Raises an exception with a text of 100 MB."""


class Evil(Exception):
    def __str__(self):
        return "x" * 100_000_000

    __repr__ = __str__


attack = Evil


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise attack()

    def backward(self):
        raise NotImplementedError
