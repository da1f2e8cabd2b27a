"""Levels of isolation: the names of the walls around a student's process, and of sets of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

WALLS: Final = ("uid", "landlock", "seccomp")  # outermost first


def level(walls: Collection[str]) -> str:
    """The name of a level: `uid+landlock+seccomp`, ..., `basic`."""
    return "+".join(wall for wall in WALLS if wall in walls) or "basic"


def walls_of(name: str) -> tuple[str, ...] | None:
    """The walls that a level's name stands for; None if the name is unknown."""
    walls = () if name == "basic" else tuple(name.split("+"))
    return walls if set(walls) <= set(WALLS) else None
