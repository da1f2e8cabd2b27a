"""The warm process: has imported numpy and knows nothing, and forks a worker in milliseconds.

It always has one worker in waiting, which takes its request off a socket by itself; all that the
grader asks of the warm process is to end that worker, whereupon the next one is forked. Being the
workers' parent, it keeps a worker's number taken until it has been reaped: a kill can never hit another
process.
"""

from __future__ import annotations

import array
import contextlib
import importlib
import os
import signal
import socket
import struct
from typing import Final, NoReturn

from autograder.sandbox.launch import single_threaded_numpy, take_over
from autograder.sandbox.sweep import adopt_orphans, remove_folder, sweep
from autograder.sandbox.walls.environment import clean_environment, wipe_variables
from autograder.sandbox.walls.processes import kill
from autograder.sandbox.walls.resources import be_first_to_go

# On the control socket: the path of a worker's folder before it is made, or the order to stop the
# worker. That is answered by its wait status, or by UNSWEPT if processes that it started remain.
STOP: Final = b"stop"
STATUS: Final = struct.Struct("<i")
UNSWEPT: Final = b"unswept"
MOST_BYTES: Final = 4096
_WARM: Final = (
    "numpy.random",
    "resource",
    "autograder.sandbox.walls.table",
    "autograder.sandbox.worker",
)


def warm_up() -> None:
    """Import what workers need. Done before the fork, as the grader needs most of it as well."""
    for module in _WARM:
        importlib.import_module(module)


def boot(control: int, requests: int, uid: int) -> NoReturn:
    """Be the warm process, in a fresh interpreter."""
    _shut_in()
    single_threaded_numpy()
    serve(socket.socket(fileno=control), socket.socket(fileno=requests), uid)


def serve(control: socket.socket, requests: socket.socket, uid: int) -> NoReturn:
    """Keep a worker in waiting, until the grader hangs up or dies."""
    worker, folder = 0, b""
    try:
        os.setsid()  # so that the terminal's Ctrl-C reaches the grader alone
        # Somebody who ends the grader by its name ends us too; but we clear away first.
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        _shut_in()
        wipe_variables()
        adopt_orphans()
        warm_up()
        clean_environment()
        while True:
            worker = os.fork()
            if worker == 0:
                control.close()
                _become_worker(requests)
            while (message := control.recv(MOST_BYTES)) not in (STOP, b""):
                folder = message  # of this worker; the grader removes it, unless it dies before
            if not message:
                break
            status, worker = _kill(worker), 0
            control.send(STATUS.pack(status) if sweep(uid=uid) else UNSWEPT)
    finally:
        if worker:
            _kill(worker)
        sweep(uid=uid)
        if folder:
            remove_folder(os.fsdecode(folder))
        os._exit(0)


def _shut_in() -> None:
    """Keep workers of the same user out, if there are no walls that do."""
    from autograder.sandbox.walls.identity import keep_memory_private

    be_first_to_go()
    keep_memory_private()


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
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    folder, ancillary, _, _ = requests.recvmsg(MOST_BYTES, socket.CMSG_SPACE(2 * 4))
    if not ancillary:
        os._exit(0)  # the grader has hung up
    request, result = array.array("i", ancillary[0][2])
    for descriptor in [int(name) for name in os.listdir("/dev/fd")]:
        if descriptor > 2 and descriptor not in (request, result):
            with contextlib.suppress(OSError):  # the one that listed the folder is closed by now
                os.close(descriptor)
    take_over(request, result, os.fsdecode(folder))
