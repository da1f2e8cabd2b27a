"""Frames as a worker sends them, and worse. Nothing else in the corpus knows their format.

A frame is two lengths, a header as JSON, and a body. `autograder/sandbox/channel.py` has their order: one
for the import of the submission, and then for every batch one for the setup, which has no result, and
one for each of the two results.
"""

import json, os, stat, struct


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


def raw(header, body=b"", header_length=None, body_length=None):
    """A frame of bytes, with lengths that may lie."""
    lengths = (header_length or len(header), body_length or len(body))
    return struct.pack("<II", *lengths) + header + body


def frame(header, body=b""):
    return raw(json.dumps(header).encode(), body)


def observation(outcome, body=b"", **parts):
    """What a call did: `value`, `raised`, `placeholder`, `other`, or `done` for what is not looked at."""
    return frame({"kind": "observation", "outcome": outcome, **parts}, body)


def value(body=bytes(8), **parts):
    """A call that returned 0.0, but for what is said otherwise."""
    return observation("value", body, **{"type_name": "float", "dtype": "<f8", "shape": [], **parts})


def raised(**parts):
    """A step that raised, with an error of these parts."""
    error = {"type_name": "E", "message": "", "path": "", "line": 0, "function": "", **parts}
    return observation("raised", error=error, whole=True)


def printed(data):
    return frame({"kind": "printed", "cut": False}, data)


def conversation(batches):
    """All that a worker sends for a submission that returns zeros."""
    batch = observation("done") + value() + value()  # the setup, forward, backward
    return observation("done") + batch * batches


def returned_with_points(told):
    """In the place of the worker's own: header and body for an observation."""
    header = {"kind": "observation", "outcome": told.outcome.value, "type_name": "float"}
    header = {**header, "passed": True, "points": 100, "score": 100, "expected": 0.0}
    return (header, b"") if told.value is None else ({**header, "dtype": "<f8", "shape": []}, bytes(8))
