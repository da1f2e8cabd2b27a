"""What a student's code prints in a test case, up to a limit."""

from __future__ import annotations

from autograder.sandbox.channel import Frame


class Printed:
    """Text as it comes in, taken off piece by piece."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = limit
        self._parts: list[bytes] = []
        self._cut = False

    def renew(self) -> None:
        """Begin with the whole limit again, for the next test case."""
        self._left = self._limit

    def add(self, frame: Frame) -> None:
        """Keep what was printed, as far as there is room."""
        taken = frame.body[: self._left]
        self._left -= len(taken)
        if taken:
            self._parts.append(taken)
        self._cut = self._cut or len(taken) < len(frame.body) or frame.header.get("cut") is True

    def take(self) -> tuple[str, bool]:
        """The text since the last time, and whether some of it was cut."""
        text, cut = b"".join(self._parts).decode("utf-8", "replace"), self._cut
        self._parts, self._cut = [], False
        return text, cut
