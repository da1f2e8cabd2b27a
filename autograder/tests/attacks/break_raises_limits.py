"""Lifts every limit that it is under, and asks for 1 GiB, without touching it."""

import resource

import numpy as np

LIMITS = [name for name in dir(resource) if name.startswith("RLIMIT_")]


def attack():
    for name in LIMITS:
        limit = getattr(resource, name)
        for wanted in (resource.RLIM_INFINITY, resource.getrlimit(limit)[1]):
            try:
                resource.setrlimit(limit, (wanted, wanted))
            except (OSError, ValueError):
                pass  # a wall
    try:
        np.empty(2**30, np.uint8)
    except MemoryError:
        return []  # a wall
    return ["the limit of memory lifted"]


found = attack()


class CrossEntropyLoss:
    def forward(self, A, Y):
        for what in found:
            print("LEAK:" + what)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
