"""Returns generators that never end."""

import itertools


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return itertools.count()

    def backward(self):
        return (x for x in itertools.count())
