"""The walls around a student's process, raised between its birth and its first line of code.

Three of them have names and make up the level of isolation, outermost first: an own `uid`, `landlock`
and `seccomp`. The rest (limits, a clean environment, no new privileges) is raised wherever the system
has it. A wall that is not to be had lowers the level, and nothing else.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from autograder.levels import WALLS
from autograder.sandbox.walls.resources import limit_resources

if TYPE_CHECKING:
    from collections.abc import Mapping


class Plan(NamedTuple):
    """Which walls to raise where they are to be had, and the uid to change to (0 for none)."""

    walls: tuple[str, ...] = WALLS
    uid: int = 0


def raise_walls(plan: Plan, limits: Mapping[str, int], folder: str) -> list[str]:
    """Shut this process in, its working folder being `folder`; returns the walls that stand.

    The environment is clean by then: `clean_environment` has been called, here or in the process
    that this one was forked from.
    """
    os.umask(0o077)
    limit_resources(limits, own_uid=plan.uid != 0)
    os.chdir(folder)
    if sys.platform != "linux":
        return []
    # Only here, since there is nothing in them for other systems.
    from autograder.sandbox.walls import identity, landlock, seccomp

    raised = []
    readable = landlock.readable_paths()
    if "uid" in plan.walls and plan.uid:
        os.chown(folder, plan.uid, plan.uid)
        # Where the interpreter lies below a closed home, one capability lets it be read; Landlock
        # then says what may be read. Without Landlock there is no own uid in such a place.
        hidden = not identity.is_reachable(readable)
        if not hidden or ("landlock" in plan.walls and landlock.version() > 0):
            identity.become(plan.uid, keep_reading=hidden)
            raised.append("uid")
    if not raised:
        identity.drop_capabilities(keep_reading=not identity.is_reachable(readable))
    identity.forgo_privileges()
    if "landlock" in plan.walls and landlock.restrict(readable, folder):
        raised.append("landlock")
    elif "uid" in raised:
        identity.drop_capabilities(keep_reading=False)  # which only Landlock would have bounded
    if "seccomp" in plan.walls and seccomp.restrict():
        raised.append("seccomp")
    return raised
