"""Says that it was run."""

import builtins

builtins.autograder_attack = "a pytest plug-in was run"
