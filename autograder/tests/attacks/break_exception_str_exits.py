"""Raises an exception that leaves by sys.exit where it is shown."""

import sys


class Evil(Exception):
    def __str__(self):
        sys.exit(0)

    __repr__ = __str__


attack = Evil


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise attack()

    def backward(self):
        raise NotImplementedError
