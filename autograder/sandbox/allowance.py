"""What one submission may use, and what is left of it over all of its workers."""

from __future__ import annotations

from typing import Final

from autograder.model import Limits

# The grader keeps results until it has judged them, and beside them as much again of inputs before and
# after, and of what is expected: with a submission that uses its 512 MB of memory, less than 700 MB, so
# that it fits into the platform's 768 MB.
RESULT_BYTES: Final = 16 * 2**20
PATIENCE: Final = 3  # test cases in a row that may time out before anything came back
SHORTENED: Final = 0.2  # of the time, for the cases after these


class Allowance:
    """What is left for one submission; who starts it again gives it another."""

    def __init__(self, deadline: float, *, patient: bool = False) -> None:
        """`deadline` is a time of time.monotonic(). With `patient`, no time is ever shortened."""
        self.deadline = deadline
        self._bytes = [RESULT_BYTES, RESULT_BYTES]  # for results, and for inputs
        self._patient = patient
        self._timeouts = 0

    @property
    def shortened(self) -> bool:
        """Whether the time of each step is a part of the usual one: an endless loop is at work."""
        return self._timeouts >= PATIENCE and not self._patient

    def call_seconds(self, limits: Limits) -> float:
        """The wall time of the next step."""
        return limits.call_seconds * (SHORTENED if self.shortened else 1.0)

    def take_bytes(self, size: int, *, of_input: bool = False) -> bool:
        """Whether a result of this size, or an input as it was left, may be kept beside others."""
        fits = size <= self._bytes[of_input]
        self._bytes[of_input] -= size * fits
        return fits

    def note(self, *, timed_out_at_once: bool) -> None:
        """Note how a test case went."""
        if not self.shortened:
            self._timeouts = self._timeouts + 1 if timed_out_at_once else 0
