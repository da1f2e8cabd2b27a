"""Grading a class: what is stored is looked up, the rest is graded, and each result stored at once."""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Iterator
from math import fsum
from pathlib import Path
from typing import Any, Final, NamedTuple

from autograder.classroom.pool import NotGraded, Pool
from autograder.classroom.progress import Progress
from autograder.classroom.roster import Entry, Graded, Line, Outcome, Roster
from autograder.classroom.sources import Work, encode_work, is_untouched, starters_of
from autograder.classroom.store import Record, Store, result_name, update
from autograder.digest import digest

INTERRUPTED: Final = "interrupted"
LEFT_OUT: Final = "left out by --only"


class Options(NamedTuple):
    """What the command line asks for."""

    export: Path
    assignment: Path  # the folder
    out: Path
    jobs: int
    again: bool = False
    only: tuple[str, ...] = ()
    before: Path | None = None
    changed: bool = False
    pattern: str | None = None
    dask: str | None = None  # the address of a cluster
    isolation: tuple[str, ...] | None = None  # the walls asked for; None for all that there are


class Basis(NamedTuple):
    """What a grader has told of itself and of the assignment."""

    title: str
    wanted: tuple[str, ...]  # the files that students hand in
    checks: list[tuple[str, str, float]]  # number, name, most points
    level: str
    hints: dict[str, str]  # of known mistakes, by name
    digest: str  # of all that results depend on, but for the submission

    @property
    def titles(self) -> list[str]:
        """The checks as column titles: number and name."""
        return [f"{number} {name}".strip() for number, name, _ in self.checks]


class Tally(NamedTuple):
    """What was done in a run."""

    outcomes: list[Outcome]
    graded: int
    reused: int
    failed: bool  # a grader has failed
    interrupted: bool


class ClassGrading:
    """The state of a run: what is known by now of each submission."""

    def __init__(self, options: Options, roster: Roster, basis: Basis, store: Store) -> None:
        self._options = options
        self._basis = basis
        self._store = store
        self._known: dict[Any, Any] = {}  # what most results of a class have in common, held once
        self._outcomes = [Outcome(entry) for entry in roster.entries]
        self._waiting: dict[str, list[int]] = {}  # submissions to be graded, by digest
        self._again: dict[str, list[int]] = {}  # likewise, to be tried once more
        self._graded: set[int] = set()
        self._reused: set[int] = set()
        self._failed = False

    def grade(self, pool: Pool) -> Tally:
        """Grade what has to be; also if it is interrupted there is an outcome for every submission."""
        interrupted = False
        try:
            self._look_up()
            self._grade(pool, self._waiting, "grading")
            self._grade(pool, self._again, "once more, alone", alone=True)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # once more would cost the table
            interrupted = True
            pool.close(hurried=True)
            for n, outcome in enumerate(self._outcomes):
                if outcome.graded is None and not outcome.reason and outcome.entry.read:
                    self._outcomes[n] = outcome._replace(reason=INTERRUPTED)
        reused = len(self._reused - self._graded)
        return Tally(self._outcomes, len(self._graded), reused, self._failed, interrupted)

    def _look_up(self) -> None:
        """Find what is stored already; all else is put on the list."""
        starters = starters_of(self._options.assignment / "handout")
        with Progress("reading", len(self._outcomes)) as progress:
            for n, outcome in enumerate(self._outcomes):
                progress.step()
                if outcome.entry.read is None:
                    continue
                work = self._work(n)
                if work.failed:
                    self._fail([n], work.failed)
                    continue
                if is_untouched(work, starters):
                    self._outcomes[n] = outcome._replace(untouched=True)
                self._sort(n, self._digest(work))

    def _sort(self, n: int, digest_of_work: str) -> None:
        only = self._options.only
        asked = not only or not names_of(self._outcomes[n].entry).isdisjoint(only)
        fresh = asked and self._options.again
        record = None if fresh else self._store.get(digest_of_work)
        if record is not None:
            with contextlib.suppress(
                AttributeError, KeyError, TypeError, ValueError
            ):  # a foreign one
                again = record.summary["again"]
                self._take(n, record)
                self._reused.add(n)
                if again and asked:
                    self._again.setdefault(digest_of_work, []).append(n)
                return
        if asked:
            self._waiting.setdefault(digest_of_work, []).append(n)
        else:
            self._outcomes[n] = self._outcomes[n]._replace(reason=LEFT_OUT)

    def _grade(
        self, pool: Pool, waiting: dict[str, list[int]], what: str, *, alone: bool = False
    ) -> None:
        def requests() -> Iterator[tuple[tuple[str, str], bytes]]:
            for known, numbers in waiting.items():
                work = self._work(numbers[0])
                if work.failed:
                    self._fail(numbers, work.failed)
                else:  # it may have been changed since
                    yield (known, self._digest(work)), encode_work(work)

        with Progress(what, len(waiting)) as progress:
            for (known, digest_of_work), record in pool.grade_all(requests(), alone=alone):
                progress.step()
                numbers = waiting[known]
                if isinstance(record, NotGraded):
                    if not alone:  # else the first result stands
                        self._fail(numbers, str(record))
                    continue
                if alone:
                    record.summary["again"] = False
                elif record.summary["again"]:
                    self._again[digest_of_work] = numbers
                self._store.put(digest_of_work, record)
                for n in numbers:
                    self._take(n, record)
                    self._graded.add(n)

    def _work(self, n: int) -> Work:
        read = self._outcomes[n].entry.read
        assert read is not None
        return read(self._basis.wanted)

    def _digest(self, work: Work) -> str:
        return digest([self._basis.digest, encode_work(work)])

    def _take(self, n: int, record: Record) -> None:
        outcome = self._outcomes[n]
        self._outcomes[n] = outcome._replace(graded=self._read(record))
        update(self._options.out / "results" / result_name(outcome.entry.name), record.results)

    def _fail(self, numbers: list[int], reason: str) -> None:
        self._failed = True
        for n in numbers:
            self._outcomes[n] = self._outcomes[n]._replace(reason=reason)

    def _read(self, record: Record) -> Graded:
        """The result in a record."""
        results, summary = json.loads(record.results), record.summary
        tests = results["tests"]
        mistakes: dict[str, list[int]] = {}
        for n, test in enumerate(tests):
            if "mistake" in test.get("extra_data", {}):
                mistakes.setdefault(test["extra_data"]["mistake"], []).append(n)
        lines = [
            Line(
                t.get("number", ""), t["name"], t["score"], t["max_score"], t["status"] == "passed"
            )
            for t in tests
        ]
        return Graded(
            results["score"],
            round(fsum(test["max_score"] for test in tests), 6),
            self._one(tuple(map(self._one, lines))),
            self._one(results["extra_data"]["isolation"]),
            results["execution_time"],
            self._one(tuple((name, tuple(where)) for name, where in mistakes.items())),
            self._one(tuple(summary["notes"])),
            self._one(summary["reason"] if summary["notes"] else ""),
            self._one(tuple((n, mark, tuple(found)) for n, mark, found in summary["failures"])),
        )

    def _one(self, value: Any) -> Any:
        return self._known.setdefault(value, value)


def names_of(entry: Entry) -> set[str]:
    """The names by which `--only` knows a submission."""
    return {entry.name, entry.alias or entry.name}
