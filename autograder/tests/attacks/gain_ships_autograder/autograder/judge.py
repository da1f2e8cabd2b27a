"""Says that it was run."""

import builtins

builtins.autograder_attack = "autograder/judge.py was run"


def judge(*_):
    return []
