"""Says that it was run."""

import builtins

builtins.autograder_attack = "conftest.py was run"


def pytest_runtest_makereport(item, call):
    """Makes every failed test a passed one."""
    call.excinfo = None
