"""Sends an exception with lone surrogates and controls in its parts."""

import json
import os
import stat
import struct


def pipes():
    """Descriptors of pipes, the channel to the grader among them."""
    for number in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                yield number
        except OSError:
            pass  # not open


def send(data):
    for number in pipes():
        try:
            os.write(number, data)
        except OSError:
            pass  # the end for reading


def frame(header, body=b""):
    text = json.dumps(header).encode()
    return struct.pack("<II", len(text), len(body)) + text + body


class CrossEntropyLoss:
    def forward(self, A, Y):
        error = {"type": "\ud800", "message": "\udfff\x00\x1b[2J", "path": "\ud800"}
        error.update(line=10**9, function="\u202e")
        send(frame({"kind": "observation", "outcome": "raised", "error": error}))
        os._exit(0)

    def backward(self):
        raise NotImplementedError
