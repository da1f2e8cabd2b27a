"""The corpus beside a run of the tests: which attacks are run at which levels, and what came of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from typing import IO, Final

from autograder.tests.corpus import Outcome, levels_here
from autograder.tests.corpus_files import REPOSITORY

_SAMPLED: Final = 12  # one attack in this many, if a level is not run as a whole


class CorpusSession:
    """Runs the chosen attacks in a process of its own from `start` on, and gives what came of each."""

    def __init__(self, everything: bool) -> None:
        self._everything = everything
        self._here: list[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._outcomes: dict[tuple[str, str], Outcome] = {}

    def is_chosen(self, level: str, number: int) -> bool:
        """Whether the attack of this number in the corpus is run at a level.

        AUTOGRADER_CORPUS_LEVELS may name the levels at which all are run, and none at the others; or
        ask for a `sample` at each.
        """
        sampled = number % _SAMPLED == 0
        named = os.environ.get("AUTOGRADER_CORPUS_LEVELS")
        if named is not None:
            return sampled if named == "sample" else level in named.split()
        return self._everything or level == self._levels[0] or sampled

    @property
    def _levels(self) -> list[str]:
        if self._here is None:
            self._here = levels_here()
        return self._here

    def start(self, chosen: dict[str, list[str]]) -> None:
        """Start to run attacks, by level."""
        plan = {level: names for level, names in chosen.items() if level in self._levels}
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - open until `stop`
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.tests.corpus", "--plan"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=self._output,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(json.dumps(plan).encode())

    def outcome(self, level: str, name: str) -> Outcome:
        """What came of an attack at a level; waits until all are done."""
        if level not in self._levels:
            reason = f"this machine does not have the level {level}"
            return Outcome(name, level, None, [], skipped=reason)
        if self._process is not None and self._output is not None:
            status = self._process.wait()
            self._output.seek(0)
            lines = [Outcome(**json.loads(line)) for line in self._output]
            self._outcomes = {(outcome.level, outcome.name): outcome for outcome in lines}
            assert status == 0, "the corpus did not run to its end"
            self._process = None
        return self._outcomes[level, name]

    def stop(self) -> None:
        """End what still runs."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()
        if self._output is not None:
            self._output.close()
