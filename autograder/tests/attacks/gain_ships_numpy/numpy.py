"""Says that it was run."""

import builtins

builtins.autograder_attack = "numpy.py was run"


def allclose(*_, **__):
    return True
