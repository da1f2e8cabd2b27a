"""A daemon holds an anonymous file with the inputs, which others open by way of /proc."""

import ctypes
import os
import time

import numpy as np


def name_child():
    """So that the tests can tell this process from others."""
    ctypes.CDLL(None).prctl(15, b"attack-child", 0, 0, 0)


def look():
    for process in os.listdir("/proc"):
        try:
            numbers = os.listdir(f"/proc/{process}/fd") if process.isdigit() else []
            for number in numbers:
                path = f"/proc/{process}/fd/{number}"
                if "memfd:autograder-attack" in os.readlink(path):
                    with open(path) as file:
                        return file.read()
        except OSError:
            continue  # gone by now, or a wall
    return ""


def leave(text):
    os.write(os.memfd_create("autograder-attack-inputs"), text.encode())
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork() == 0:
            name_child()
            time.sleep(10)
    finally:
        os._exit(0)


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
