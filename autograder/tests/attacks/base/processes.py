"""Processes that stay; all call themselves attack-child, so that the tests can tell them from others."""

import ctypes, os, time


def name_child():
    ctypes.CDLL(None).prctl(15, b"attack-child", 0, 0, 0)


def child(act):
    """Fork a process that acts and ends."""
    pid = os.fork()
    if pid == 0:
        try:
            name_child()
            act()
        finally:
            os._exit(0)
    return pid


def daemon(act):
    """The same in a session of its own, and with no parent."""

    def leave():
        os.setsid()
        child(act)

    os.waitpid(child(leave), 0)
