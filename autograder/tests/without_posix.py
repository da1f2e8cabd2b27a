"""Leaves this interpreter without what only POSIX has, to find out what at home could be missing.

Run in the grader and in its workers, by `exec`, before any module of ours is imported.
"""

import select
import shutil  # noqa: F401 - as with the next few: whatever they take from below, they take now
import signal
import socket
import subprocess
import sys
import tempfile  # noqa: F401
import threading  # noqa: F401
import types
from typing import cast

import os  # isort: skip

_MODULES = "crypt curses fcntl grp nis posix pty pwd readline resource spwd syslog termios tty"
_NAMES = {
    os: """O_CLOEXEC O_DIRECTORY O_DSYNC O_NDELAY O_NOCTTY O_NOFOLLOW O_NONBLOCK O_SYNC
        SCHED_BATCH SCHED_IDLE SCHED_OTHER WCOREDUMP WEXITSTATUS WIFEXITED WIFSIGNALED WNOHANG WTERMSIG
        chown chroot ctermid fchdir fchmod fchown fdatasync fork forkpty fpathconf fstatvfs
        getegid geteuid getgid getgrouplist getgroups getloadavg getpgid getpgrp getpriority
        getresgid getresuid getsid getuid initgroups killpg lchown lockf login_tty major makedev
        memfd_create minor mkfifo mknod nice openpty pathconf pidfd_open pipe2 posix_fadvise
        posix_fallocate posix_openpt posix_spawn posix_spawnp pread preadv prlimit pwrite pwritev
        register_at_fork sched_getaffinity sched_setaffinity sched_yield sendfile setegid seteuid
        setgid setgroups setns setpgid setpriority setregid setresgid setresuid setreuid setsid
        setuid statvfs sync sysconf tcgetpgrp tcsetpgrp ttyname uname unshare wait wait3 wait4
        waitid""",
    signal: """ITIMER_REAL SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPROF SIGQUIT
        SIGSTOP SIGSYS SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGXCPU SIGXFSZ
        alarm getitimer pause pthread_kill pthread_sigmask setitimer siginterrupt sigpending
        sigtimedwait sigwait sigwaitinfo""",
    socket: "AF_UNIX AF_NETLINK CMSG_LEN CMSG_SPACE SCM_RIGHTS SOCK_SEQPACKET recv_fds send_fds",
    select: "EPOLLIN POLLERR POLLHUP POLLIN POLLOUT epoll poll",
}

# What starts processes needs some of this itself, and keeps it.
for _used in (os, signal):
    setattr(subprocess, _used.__name__, types.SimpleNamespace(**vars(_used)))
for _name in _MODULES.split():
    sys.modules[_name] = cast("types.ModuleType", None)  # which makes importing it fail
for _module, _names in _NAMES.items():
    for _name in _names.split():
        if hasattr(_module, _name):
            delattr(_module, _name)
sys.platform = "elsewhere"
