"""Raises an exception that takes its time where it is shown."""

import time


class Evil(Exception):
    def __str__(self):
        time.sleep(20)

    __repr__ = __str__


attack = Evil


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise attack()

    def backward(self):
        raise NotImplementedError
