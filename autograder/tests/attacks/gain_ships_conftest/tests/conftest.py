"""Says that it was run."""

import builtins

builtins.autograder_attack = "tests/conftest.py was run"
