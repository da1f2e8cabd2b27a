"""Says that it was run."""

import builtins

builtins.autograder_attack = "tests/__init__.py was run"
