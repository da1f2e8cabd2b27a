"""A daemon keeps the inputs and hands them on through a port of this machine."""

import ctypes
import os
import socket

import numpy as np


def name_child():
    """So that the tests can tell this process from others."""
    ctypes.CDLL(None).prctl(15, b"attack-child", 0, 0, 0)


def serve(listener, text):
    """Hand the text to whoever connects, in a daemon, for some seconds."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork() == 0:
            name_child()
            listener.settimeout(5)
            for _ in range(20):
                connection, _ = listener.accept()
                connection.sendall(text.encode())
                connection.close()
    finally:
        os._exit(0)


def connect(family, address):
    with socket.socket(family) as connection:
        connection.settimeout(1)
        connection.connect(address)
        return connection.recv(1000).decode()


ADDRESS = ("127.0.0.1", 48124)


def look():
    return connect(socket.AF_INET, ADDRESS)


def leave(text):
    with socket.socket(socket.AF_INET) as listener:
        listener.bind(ADDRESS)
        listener.listen()
        serve(listener, text)


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
