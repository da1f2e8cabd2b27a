"""The table of walls: what each one needs, and how it is raised."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, NamedTuple

from autograder.sandbox.walls import identity, kernel, landlock, seccomp


class Place(NamedTuple):
    """What walls are raised around."""

    folder: str  # the working folder of the student's process
    uid: int  # to change to; 0 for none
    readable: list[str]
    is_open: bool  # any user may read what is readable, the interpreter above all
    has_landlock: bool  # it is wanted, and the kernel offers it


class Wall(NamedTuple):
    """One wall. What it needs is asked of all walls before the first one is raised.

    A wall that leaves the network behind, say, if the process may make namespaces:

        Wall("network", lambda place: network.is_available(), lambda place: network.leave())
    """

    name: str  # which also stands in `WALLS` in levels.py
    needs: Callable[[Place], bool]
    stand: Callable[[Place], bool]  # raise it; False if the system refuses, or OSError: no worker


# In this order, because after seccomp nobody may be given the folder any more.
TABLE: Final = (
    Wall(
        "uid",
        # If the interpreter lies below a closed home, one capability lets it be read. Landlock then
        # says what may be read; without Landlock there is no uid of its own in such a place.
        lambda p: p.uid != 0 and (p.is_open or p.has_landlock),
        lambda p: identity.become(p.uid, p.folder, keep_reading=not p.is_open),
    ),
    Wall("landlock", lambda p: p.has_landlock, lambda p: landlock.restrict(p.readable, p.folder)),
    Wall("seccomp", lambda _: seccomp.is_known(), lambda _: seccomp.restrict()),
)


def raise_all(names: Collection[str], uid: int, folder: str) -> list[str]:
    """Raise the walls of these names; returns those that stand. No capability is left but reading."""
    readable = landlock.readable_paths()
    is_open = identity.is_reachable(readable)
    has_landlock = "landlock" in names and landlock.version() > 0
    place = Place(folder, uid, readable, is_open, has_landlock)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    identity.keep_memory_private()
    possible = [wall for wall in TABLE if wall.name in names and wall.needs(place)]
    raised = [wall.name for wall in possible if wall.stand(place)]
    # Whichever walls stand. Another uid may read what is closed only as far as Landlock bounds it.
    keep_reading = not is_open and ("landlock" in raised or "uid" not in raised)
    identity.drop_capabilities(keep_reading=keep_reading)
    identity.keep_memory_private()  # again: to change the uid may have undone it
    return raised
