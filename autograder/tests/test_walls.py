"""The walls one by one, raised in children of the test: their table, their uids, their system calls."""

from __future__ import annotations

import array
import contextlib
import errno
import fcntl
import json
import os
import re
import signal
import struct
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

if sys.platform != "linux":
    pytest.skip("walls are raised on Linux only", allow_module_level=True)

from autograder.levels import WALLS
from autograder.sandbox import Sandbox
from autograder.sandbox.walls import identity, kernel, policy, raise_walls, seccomp, table
from autograder.sandbox.walls.processes import owners
from autograder.tests.conftest import GradeSource, verdict_of
from autograder.tests.test_isolation import printing

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may change to another uid")
FILTER = pytest.mark.skipif(not seccomp.is_known(), reason="there are no tables for this machine")
LIMITS = {"memory_mb": 8192, "cpu_seconds": 60}
MOAT = table.Wall("moat", needs=lambda _: True, stand=lambda _: True)
DAC_READ_SEARCH = 1 << 2


@contextlib.contextmanager
def child(function: Callable[[], Any]) -> Iterator[tuple[int, Any]]:
    """A process that has called a function, with what it returned; it waits until it is killed."""
    end, start = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(start, json.dumps(function()).encode())
            signal.pause()
        finally:
            os._exit(1)
    os.close(start)
    try:
        yield pid, json.loads(os.read(end, 1 << 16))
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(end)


@pytest.mark.parametrize("uid", [pytest.param(True, marks=ROOT), False], ids=["uid", "no uid"])
@pytest.mark.parametrize(
    "walls",
    [
        table.TABLE,
        (MOAT, *table.TABLE),
        (MOAT, *reversed(table.TABLE)),
        (MOAT,),
        (),
    ],
    ids=lambda walls: "+".join(wall.name for wall in walls) or "none",
)
def test_no_capability_is_left_whatever_walls_there_are_in_whatever_order(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    walls: tuple[table.Wall, ...],
    *,
    uid: bool,
) -> None:
    monkeypatch.setattr(table, "TABLE", walls)
    number = identity.unused_uid() if uid else 0
    names = ("moat", *WALLS)
    with child(lambda: raise_walls(names, number, LIMITS, str(tmp_path))) as (pid, raised):
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    identity.release_uid(number)
    assert ("moat" in raised) == (MOAT in walls)
    assert ("uid" in raised) == (uid and len(walls) > 1)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        held = int(re.findall(rf"{kind}:\s+(\w+)", status)[0], 16)
        assert held & ~DAC_READ_SEARCH == 0, (kind, raised)
    if "uid" in raised:
        assert re.findall(r"Uid:\s+(.+)", status)[0].split() == [str(number)] * 4
    assert "NoNewPrivs:\t1" in status


def test_walls_are_raised_in_the_order_of_their_names() -> None:
    assert tuple(wall.name for wall in table.TABLE) == WALLS


def test_the_warm_process_is_closed_to_its_own_workers(grade_source: GradeSource) -> None:
    def grade_without_walls() -> list[str]:
        # As an ordinary user's command: with no more capabilities than the worker, and open so far.
        identity.drop_capabilities(keep_reading=True)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        texts = []
        with Sandbox(walls=()) as sandbox:
            for part in ("mem", "environ", "maps"):
                source = printing(f"open(f'/proc/{{os.getppid()}}/{part}', 'rb').read(1)")
                report = grade_source(source, sandbox=sandbox)
                texts.append(verdict_of(report, "Worked example of the write-up", "forward").text)
        return texts

    with child(grade_without_walls) as (_, texts):
        for text in texts:
            assert "refused: PermissionError" in text


@pytest.mark.slow
@ROOT
def test_graders_at_work_at_once_have_different_uids(monkeypatch: pytest.MonkeyPatch) -> None:
    free = [uid for uid in policy.UIDS if uid not in owners().values()][-3:]
    monkeypatch.setattr(identity, "UIDS", free)
    with child(identity.unused_uid) as (_, other):
        own = [identity.unused_uid(), identity.unused_uid()]
        assert sorted([other, *own]) == free
        assert identity.unused_uid() == 0
        identity.release_uid(own[0])
        assert identity.unused_uid() == own[0]
    assert identity.unused_uid() == other, "a grader that was killed has left its uid"
    for uid in free:
        identity.release_uid(uid)


@ROOT
def test_root_plans_a_uid_if_it_may_change_to_one_and_stays_root_until_then() -> None:
    def planned(*, may: bool) -> list[Any]:
        if not may:
            identity.drop_capabilities(keep_reading=False)
        own = os.getresuid(), os.getresgid(), os.getgroups()
        uid = identity.unused_uid()
        return [uid != 0, (os.getresuid(), os.getresgid(), os.getgroups()) == own]

    with child(partial(planned, may=True)) as (_, told):
        assert told == [True, True]
    with child(partial(planned, may=False)) as (_, told):
        assert told == [False, True]


def filtered(function: Callable[[], object]) -> Any:
    """What a function returns, or the number of its error, in a process with the filter alone."""

    def try_it() -> Any:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        assert seccomp.restrict()
        try:
            return function()
        except OSError as error:
            return {"errno": error.errno}

    with child(try_it) as (_, result):
        return result


@FILTER
def test_the_kernel_is_not_asked_to_send_signals_or_to_mark_files(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    reading = os.open(path, os.O_RDONLY)
    folder = os.open(tmp_path, os.O_RDONLY)
    pipe, pipe_end = os.pipe()
    pid = os.getpid()
    set_flags, to_process = 0x40086602, 1
    tried: dict[str, Callable[[], object]] = {
        "F_SETOWN": lambda: fcntl.fcntl(pipe, fcntl.F_SETOWN, pid),
        "F_SETOWN_EX": lambda: fcntl.fcntl(pipe, 15, struct.pack("ii", to_process, pid)),
        "F_SETSIG": lambda: fcntl.fcntl(pipe, 10, signal.SIGKILL),
        "FIOSETOWN": lambda: fcntl.ioctl(pipe, 0x8901, array.array("i", [pid])),
        "SIOCSPGRP": lambda: fcntl.ioctl(pipe, 0x8902, array.array("i", [pid])),
        "FIOASYNC": lambda: fcntl.ioctl(pipe, 0x5452, array.array("i", [1])),
        "F_NOTIFY": lambda: fcntl.fcntl(folder, fcntl.F_NOTIFY, fcntl.DN_CREATE),
        "F_SETLEASE": lambda: fcntl.fcntl(reading, fcntl.F_SETLEASE, fcntl.F_RDLCK),
        "F_OFD_SETLK": lambda: fcntl.fcntl(reading, 37, bytes(32)),
        "flock": lambda: fcntl.flock(reading, fcntl.LOCK_SH),
        "FS_IOC_SETFLAGS": lambda: fcntl.ioctl(reading, set_flags, array.array("i", [0])),
        "TIOCSTI": lambda: fcntl.ioctl(pipe, 0x5412, b"x"),
        "fadvise": lambda: os.posix_fadvise(reading, 0, 0, os.POSIX_FADV_DONTNEED),
        "preadv2": lambda: os.preadv(reading, [bytearray(1)], 0, os.RWF_NOWAIT),
    }
    for name, function in tried.items():
        assert filtered(function) == {"errno": errno.EPERM}, name
    for descriptor in (reading, folder, pipe, pipe_end):
        os.close(descriptor)


@FILTER
def test_what_python_asks_of_descriptors_is_answered() -> None:
    def use_descriptors() -> list[Any]:
        end, start = os.pipe()
        again = os.dup(end)
        os.set_inheritable(again, True)
        os.set_blocking(again, False)
        kept = (os.get_inheritable(again), os.get_blocking(end))
        os.write(start, b"abc")
        waiting = array.array("i", [0])
        fcntl.ioctl(end, 0x541B, waiting)  # FIONREAD
        with open("/dev/null", "w") as file:
            return [*kept, waiting[0], file.isatty(), os.read(end, 9).decode()]

    assert filtered(use_descriptors) == [True, False, 3, False, "abc"]


@pytest.mark.parametrize(
    ("column", "header"),
    [
        (0, f"/usr/include/{os.uname().machine}-linux-gnu/asm/unistd_64.h"),
        (1, "/usr/include/asm-generic/unistd.h"),
    ],
    ids=["x86_64", "aarch64"],
)
def test_the_numbers_of_system_calls_are_the_kernels(column: int, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"there is no {header}")
    text = Path(header).read_text(encoding="utf-8")
    numbers = {
        name: int(number)
        for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", text)
    }
    ours = {**policy.REFUSED, "clone": policy.CLONE, "clone3": policy.CLONE3}
    ours.update({name: call.numbers for name, call in policy.RESTRICTED.items()})
    known = max(number for numbers in ours.values() for number in numbers if number is not None)
    assert known <= policy.LAST_KNOWN_CALL
    assert {name: call[column] for name, call in ours.items()} == {
        name: numbers.get(name) for name in ours
    }
