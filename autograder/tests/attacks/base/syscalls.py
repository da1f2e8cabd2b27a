import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
column = {"x86_64": 0, "aarch64": 1}.get(os.uname().machine)


def syscall(numbers, *arguments):
    """Make a system call, given its numbers on x86-64 and aarch64; -1 where it fails."""
    if column is None:
        return -1
    passed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return libc.syscall(ctypes.c_long(numbers[column]), *passed)
