"""Says that it was run."""

import builtins

builtins.autograder_attack = "autograder/__main__.py was run"

print('{"score": 100}')
