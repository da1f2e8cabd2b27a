"""The walls around a student's process, raised between its birth and its first line of code.

Three of them have names and make up the level of isolation; `table` says how each is raised. The rest
(limits, a clean environment, no capabilities, no new privileges) is raised wherever the system has it.
An unavailable wall lowers the level, and nothing else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from autograder.levels import WALLS
from autograder.sandbox.walls.resources import limit_resources


class Plan(NamedTuple):
    """The walls to raise if they are available, and the uid to change to (0 for none)."""

    walls: tuple[str, ...] = WALLS
    uid: int = 0


def raise_walls(plan: Plan, limits: Mapping[str, float], folder: str) -> list[str]:
    """Shut this process in, its working folder being `folder`; returns the walls that stand.

    The environment is clean by then: `clean_environment` has been called, here or in the process
    that this one was forked from.
    """
    os.umask(0o077)
    limit_resources(limits, own_uid=plan.uid != 0)
    os.chdir(folder)
    if sys.platform != "linux":
        return []
    from autograder.sandbox.walls import table  # there is nothing in it for other systems

    return table.raise_all(plan.walls, plan.uid, folder)
