"""Talks to itself over the network."""

import socket

import numpy as np


def attack():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname(), timeout=2):
            return True


try:
    found = ["network"] if attack() else []
except OSError:
    found = []  # a wall


class CrossEntropyLoss:
    def forward(self, A, Y):
        for what in found:
            print("LEAK:" + what)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
