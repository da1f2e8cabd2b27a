"""The policy of the walls, as data: limits, readable paths, and system calls that are refused.

The numbers of system calls are those of Linux 6.1: for x86-64 arch/x86/entry/syscalls/syscall_64.tbl,
for aarch64 include/uapi/asm-generic/unistd.h. A number never changes
its meaning; later kernels add calls, which are not there for the student's process.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

# Third-party packages that a submission may use; all others are out of reach, as on the platform.
PACKAGES: Final = ("numpy",)

ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}

# For workers, a number from here that no account and no process has.
UIDS: Final = range(61_000, 65_000)

USUAL_BYTES: Final = 192 * 2**20  # of address space: numpy's and the grader's, and some to spare
OPEN_FILES: Final = 32
PROCESSES: Final = 32  # threads included, beyond those that the user runs already
OOM_SCORE: Final = 1000  # the first to go when memory runs out

# What may be read besides Python and numpy: shared libraries, and time zones.
READABLE: Final = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/usr/share/zoneinfo",
    "/dev/urandom",
)
WRITABLE: Final = ("/dev/null",)

OWN_PID: Final = -1  # stands for the process's own number


class Restricted(NamedTuple):
    """A call that is allowed with some values of one argument, counted from 0, and no others."""

    numbers: tuple[int, int]
    argument: int
    allowed: tuple[int, ...]


# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC. Not the owner of a descriptor, to whom
# the kernel sends signals, nor their number (F_SETOWN, F_SETSIG), nor locks, leases, news of folders.
FCNTL: Final = (0, 1, 2, 3, 4, 1030)
# TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. Not owners once more (FIOSETOWN,
# SIOCSPGRP), nor flags of files (FS_IOC_SETFLAGS), nor what types into a terminal (TIOCSTI).
IOCTL: Final = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)

RESTRICTED: Final[dict[str, Restricted]] = {
    "kill": Restricted((62, 129), 0, (OWN_PID,)),
    "tgkill": Restricted((234, 131), 0, (OWN_PID,)),
    "prlimit64": Restricted((302, 261), 0, (0, OWN_PID)),
    "fcntl": Restricted((72, 25), 1, FCNTL),
    "ioctl": Restricted((16, 29), 1, IOCTL),
}

CLONE: Final = (56, 220)  # allowed for threads
CLONE3: Final = (435, 435)  # not implemented, so that the C library falls back on clone

# A call later than those known here may do anything; the C library copes with its absence.
LAST_KNOWN_CALL: Final = 450


def _calls(table: str) -> dict[str, tuple[int, int | None]]:
    """Read names of calls, each with its numbers on x86-64 and aarch64; `-` for none."""
    calls = (call.split() for call in re.sub("#.*", "", table).replace("\n", ",").split(","))
    return {c[0]: (int(c[1]), None if c[2] == "-" else int(c[2])) for c in calls if c}


REFUSED: Final = _calls("""
    # Other processes: looking into them, signalling them, starting programs.
    ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271
    process_madvise 440 440, process_mrelease 448 448, kcmp 312 272, pidfd_open 434 434
    pidfd_getfd 438 438, pidfd_send_signal 424 424, tkill 200 130, rt_sigqueueinfo 129 138
    rt_tgsigqueueinfo 297 240, fork 57 -, vfork 58 -, execve 59 221, execveat 322 281
    unshare 272 97, setns 308 268, setpriority 141 140, ioprio_set 251 30
    sched_setaffinity 203 122, sched_setattr 314 274, sched_setscheduler 144 119
    sched_setparam 142 118, migrate_pages 256 238, move_pages 279 239
    # Talking to others: sockets, System V and POSIX queues, rings, anonymous files.
    socket 41 198, socketpair 53 199, connect 42 203, bind 49 200, listen 50 201
    accept 43 202, accept4 288 242, sendto 44 206, sendmsg 46 211, sendmmsg 307 269
    recvfrom 45 207, recvmsg 47 212, recvmmsg 299 243, shmget 29 194, shmat 30 196
    shmctl 31 195, shmdt 67 197, semget 64 190, semctl 66 191, semop 65 193
    semtimedop 220 192, msgget 68 186, msgsnd 69 189, msgrcv 70 188, msgctl 71 187
    mq_open 240 180, mq_unlink 241 181, mq_notify 244 184, flock 73 32
    io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427
    io_setup 206 0, io_submit 209 2, memfd_create 319 279, memfd_secret 447 447
    inotify_init 253 -, inotify_init1 294 26, fanotify_init 300 262
    # Files: what Landlock does not cover, and what it does, once more.
    chmod 90 -, fchmod 91 52, fchmodat 268 53, chown 92 -, fchown 93 55, lchown 94 -
    fchownat 260 54, setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14
    lremovexattr 198 15, fremovexattr 199 16, utime 132 -, utimes 235 -, utimensat 280 88
    futimesat 261 -, open_by_handle_at 304 265, name_to_handle_at 303 264, mkdir 83 -
    mkdirat 258 34, mknod 133 -, mknodat 259 33, link 86 -, linkat 265 37, symlink 88 -
    symlinkat 266 36, rename 82 -, renameat 264 38, renameat2 316 276, unlink 87 -
    unlinkat 263 35, rmdir 84 -, truncate 76 45, creat 85 -
    # The page cache, in which one process could leave a message for the next.
    fadvise64 221 223, readahead 187 213, mincore 27 232, preadv2 327 286, pwritev2 328 287
    # The kernel itself.
    bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, keyctl 250 219
    add_key 248 217, request_key 249 218, mount 165 40, umount2 166 39, pivot_root 155 41
    chroot 161 51, move_mount 429 429, open_tree 428 428, fsopen 430 430, fsconfig 431 431
    fsmount 432 432, fspick 433 433, mount_setattr 442 442, personality 135 92
    modify_ldt 154 -, syslog 103 116, quotactl 179 60, quotactl_fd 443 443, sync 162 81
    syncfs 306 267, vhangup 153 58, lookup_dcookie 212 18
""")
