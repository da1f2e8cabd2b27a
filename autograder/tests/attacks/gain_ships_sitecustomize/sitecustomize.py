"""Says that it was run."""

import builtins

builtins.autograder_attack = "sitecustomize.py was run"
