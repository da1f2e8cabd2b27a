"""Signals to the processes above, sent by itself or by the kernel."""

import fcntl, os, socket, struct
from signal import SIGKILL, SIGSTOP

F_SETSIG, F_SETOWN_EX = 10, 15


def attempt(signal, *processes):
    for process in processes:
        if process != 1:
            try:
                os.kill(process, signal)
            except OSError:
                pass  # a wall


def ancestors():
    """The processes above, but for the first."""
    process, found = os.getppid(), []
    while process > 1:
        found.append(process)
        try:
            with open(f"/proc/{process}/stat", "rb") as file:
                process = int(file.read().rpartition(b")")[2].split()[1])
        except OSError:
            break  # a wall
    return found


def by_the_kernel(own):
    """Have the kernel send SIGKILL to whom `own` makes the owner of a channel's end, for what comes."""
    try:
        reader, writer = (end.detach() for end in socket.socketpair())
    except OSError:
        reader, writer = os.pipe()
    try:
        own(reader)
        fcntl.fcntl(reader, F_SETSIG, SIGKILL)
        fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        os.write(writer, b"x")
    except OSError:
        pass  # a wall
    finally:
        os.close(reader)
        os.close(writer)
