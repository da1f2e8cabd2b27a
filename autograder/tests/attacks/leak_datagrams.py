"""Sends itself a datagram over the network."""

import socket

import numpy as np


def attack():
    datagrams = socket.SOCK_DGRAM
    with socket.socket(type=datagrams) as one, socket.socket(type=datagrams) as other:
        one.bind(("127.0.0.1", 0))
        one.settimeout(2)
        other.sendto(b"inputs", one.getsockname())
        return one.recv(10)


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
