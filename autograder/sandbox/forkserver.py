"""The warm process: has imported numpy and knows nothing, and forks a worker in milliseconds.

Told of a worker's folder, it forks the worker, which takes its request off a socket by itself; told to
stop, it ends the worker. Being the workers' parent, it keeps a worker's number taken until it has been
reaped: a kill can never hit another process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from typing import Final, NoReturn

from autograder.sandbox.launch import close_standard_files, take_over
from autograder.sandbox.sweep import adopt_orphans, remove_folder, sweep
from autograder.sandbox.walls import be_first_to_go, clean_environment, wipe_variables
from autograder.sandbox.walls.processes import kill

# On the control socket: the path of a worker's folder before it is made, or the order to stop the
# worker. That is answered by its wait status, or by UNSWEPT if processes that it started remain.
STOP: Final = b"stop"
UNSWEPT: Final = b"unswept"
MOST_BYTES: Final = 4096
# Somebody who ends the grader by its name would end the warm process too, which has to clear away.
_NAMES: Final = ("SIGTERM", "SIGHUP", "SIGINT")
IGNORED: Final = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]


def warm_up() -> None:
    """Import what workers need. Done before the fork, as the grader needs most of it as well."""
    import resource  # noqa: F401

    import numpy.random  # noqa: F401

    from autograder.sandbox import worker  # noqa: F401
    from autograder.sandbox.walls import table  # noqa: F401


def serve(control: socket.socket, requests: socket.socket, uid: int) -> NoReturn:
    """Be the warm process: have one worker at a time, until the grader hangs up or dies."""
    worker, folder = 0, b""
    try:
        os.setsid()  # so that the terminal's Ctrl-C reaches the grader alone
        for number in IGNORED:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, IGNORED)
        from autograder.sandbox.walls.identity import keep_memory_private

        be_first_to_go()
        keep_memory_private()  # if there are no walls, workers are of our own user
        wipe_variables()
        adopt_orphans()
        warm_up()
        clean_environment()
        while message := control.recv(MOST_BYTES):
            if message == STOP:
                status, worker = _kill(worker), 0
                control.send(b"%d" % status if sweep(uid=uid) else UNSWEPT)
                continue
            folder = message  # of the worker; the grader removes it, unless it dies before
            # One that waits already, because the folder could not be made, takes the next request.
            worker = worker or os.fork()
            if worker == 0:
                control.close()
                _become_worker(requests)
    finally:
        if worker:
            _kill(worker)
        sweep(uid=uid)
        if folder:
            remove_folder(os.fsdecode(folder))
        os._exit(0)


def _kill(worker: int) -> int:
    """Kill a worker with its process group, and return its wait status."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        # The worker calls setsid first of all; before that, the group is not there.
        os.killpg(worker, signal.SIGKILL)
    kill(worker)
    return os.waitpid(worker, 0)[1]


def _become_worker(requests: socket.socket) -> NoReturn:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    close_standard_files()
    folder, descriptors, _, _ = socket.recv_fds(requests, MOST_BYTES, 2)
    if not descriptors:
        os._exit(0)  # the grader has hung up
    for descriptor in [int(name) for name in os.listdir("/dev/fd")]:
        if descriptor > 2 and descriptor not in descriptors:
            with contextlib.suppress(OSError):  # the one that listed the folder is closed by now
                os.close(descriptor)
    request, result = descriptors
    take_over(request, result, os.fsdecode(folder))
