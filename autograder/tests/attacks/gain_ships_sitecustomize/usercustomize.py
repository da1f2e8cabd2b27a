"""Says that it was run."""

import builtins

builtins.autograder_attack = "usercustomize.py was run"
