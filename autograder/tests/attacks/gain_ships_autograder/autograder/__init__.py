"""Says that it was run."""

import builtins

builtins.autograder_attack = "autograder/__init__.py was run"
