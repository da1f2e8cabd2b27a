"""Raises an exception the name of which takes its time."""

import time


class Meta(type):
    def __getattribute__(cls, name):
        if name in ("__name__", "__qualname__", "__module__"):
            time.sleep(20)
        return super().__getattribute__(name)


class Evil(Exception, metaclass=Meta):
    pass


attack = Evil


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise attack()

    def backward(self):
        raise NotImplementedError
