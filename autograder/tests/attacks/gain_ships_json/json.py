"""Says that it was run."""

import builtins

builtins.autograder_attack = "json.py was run"


def dumps(*_, **__):
    return '{"score": 100}'
