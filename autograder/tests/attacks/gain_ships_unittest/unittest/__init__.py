"""Says that it was run."""

import builtins

builtins.autograder_attack = "unittest was run"


class TestCase:
    pass
