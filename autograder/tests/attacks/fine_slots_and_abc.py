"""Has an abstract base class, slots and a property."""

import abc

import numpy as np


class Loss(abc.ABC):
    __slots__ = ("log_p", "Y")

    @abc.abstractmethod
    def forward(self, A, Y): ...

    @property
    def N(self):
        return len(self.Y)


class CrossEntropyLoss(Loss):
    __slots__ = ()

    def forward(self, A, Y):
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / self.N
