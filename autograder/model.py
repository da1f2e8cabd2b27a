"""What flows through the engine of an assignment: settings and test cases as plain data."""

# Not `from __future__ import annotations`: the type of every field would be compiled a second time.

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.errors import Place
from autograder.steps import Program

ANSWERS: Final = "testcases/answers.bin"  # in an assignment's folder
INPUTS_UNCHANGED: Final = "inputs_unchanged"
# In the order in which students get to see them.
VISIBILITIES: Final = ("visible", "after_due_date", "after_published", "hidden")
LEADERBOARD_VALUES: Final = ("points", "checks_passed", "seconds")
SCORINGS: Final = ("all_or_nothing", "proportional")


class Tolerance(NamedTuple):
    """A number passes if `|got - expected| <= atol + rtol * |expected|`."""

    rtol: float = 1e-5
    atol: float = 1e-7

    def __str__(self) -> str:
        if self.rtol == 0:
            return f"within {self.atol:g}"
        return f"within {self.atol:g} + {self.rtol:g} * |expected|"


class Limits(NamedTuple):
    """What a submission may use."""

    call_seconds: float = 5.0  # wall time of one step, and of importing one file
    total_seconds: float = 120.0  # wall time of everything that the submission runs
    memory_mb: int = 512  # address space
    output_kb: int = 64  # printed text that is kept, for each test case
    example_seconds: float = 2.0  # wall time for finding the smallest inputs that fail


class Recipe(NamedTuple):
    """A draw with its settings, as a case file asks for it.

    A size in `shape` is a number, the name of a size, or an expression of names such as `L - K + 1`.
    """

    draw: str
    shape: tuple[int | str, ...]
    options: dict[str, float | str]  # `of`, the number of labels, may be a size
    shift: float
    dtype: str
    decimals: int = 3  # of a number of the size of 1


class Sizes(NamedTuple):
    """A range from which a named size is drawn, both ends included."""

    low: int
    high: int


class Randomness(NamedTuple):
    """How batches are drawn: a seed, their number, and the named sizes drawn anew for each."""

    seed: int
    batches: int
    sizes: dict[str, Sizes]


class Inputs(NamedTuple):
    """The inputs of a test case: arrays as they are, and recipes for those that are drawn."""

    values: dict[str, np.ndarray[Any, Any] | Recipe]
    random: Randomness | None = None

    @property
    def batches(self) -> int:
        """The number of batches."""
        return self.random.batches if self.random else 1


class Batch(NamedTuple):
    """One set of inputs; an array without dimensions stands for a Python number."""

    inputs: dict[str, np.ndarray[Any, Any]]
    sizes: dict[str, int]  # the named sizes of this batch
    seed: int = 0  # of the generators that the student's code may draw from


class Property(NamedTuple):
    """A function of `testcases/properties.py`, for results that can be right in many ways."""

    name: str
    parameters: tuple[str, ...]  # names of inputs, sizes and results
    place: Place


class TestCase(NamedTuple):
    """A named entry of a case file: fixed inputs, or recipes that draw batches."""

    name: str
    number: str
    place: Place
    visibility: str
    inputs: Inputs
    program: Program
    observed: tuple[str, ...]  # results that are looked at, in the order of the program
    expect: dict[str, np.ndarray[Any, Any]]
    expect_places: dict[str, Place]
    tolerance: Tolerance
    points: dict[str, float]  # by check: a result, a property, or "inputs_unchanged"
    scoring: str
    hints: bool
    tags: tuple[str, ...]
    purpose: str = ""  # why it is there, for staff
    places: Mapping[str, Place] = MappingProxyType({})  # of its settings, as far as they are given


class SubmissionLimit(NamedTuple):
    """How many submissions are graded in any window of time."""

    allowed_submissions: int
    window_minutes: float


class LatePenalty(NamedTuple):
    """What a day begun after the due date costs, in percent of all points of the assignment."""

    percent_per_day: float
    grace_period_minutes: float = 0.0
    max_percent: float = 100.0


class LeaderboardColumn(NamedTuple):
    """A column of the leaderboard, and what it shows."""

    name: str
    value: str  # one of LEADERBOARD_VALUES
    order: str = "desc"
    tag: str = ""  # of the cases that count; empty for all


class Platform(NamedTuple):
    """What an assignment asks of Gradescope; everything but the time-out is off by default."""

    timeout_minutes: float = 10.0  # as set on Gradescope, where no API shows it
    submission_limit: SubmissionLimit | None = None
    late_penalty: LatePenalty | None = None
    leaderboard: tuple[LeaderboardColumn, ...] = ()


class Assignment(NamedTuple):
    """An assignment: its settings from `assignment.yaml` and its test cases, in order."""

    folder: Path
    title: str
    submission: tuple[str, ...]  # the files that students hand in
    tolerance: Tolerance
    limits: Limits
    require_isolation: tuple[str, ...]  # the walls without which nothing is graded
    cases: tuple[TestCase, ...]
    properties: Mapping[str, Property] = MappingProxyType({})
    points: float | None = None  # what those of all cases must add up to
    places: Mapping[str, Place] = MappingProxyType({})  # of the settings that are given
    platform: Platform = Platform()

    @property
    def settings_path(self) -> Path:
        """The file with the settings."""
        return self.folder / "testcases" / "assignment.yaml"

    @property
    def reference_paths(self) -> tuple[Path, ...]:
        """The model solution: for each file that students hand in, one of the same name."""
        return tuple(self.folder / "reference" / name for name in self.submission)

    @property
    def properties_path(self) -> Path:
        """The file with the properties, which may be missing."""
        return self.folder / "testcases" / "properties.py"

    @property
    def mistakes_path(self) -> Path:
        """The file with the known mistakes, which may be missing."""
        return self.folder / "reference" / "mistakes.py"

    @property
    def answers_path(self) -> Path:
        """Where stored answers are: of the reference in a handout, of the mistakes on the platform."""
        return self.folder / ANSWERS

    @property
    def is_frozen(self) -> bool:
        """Whether it is handed out, with stored answers in place of a reference."""
        return not self.reference_paths[0].is_file() and self.answers_path.is_file()


def case_groups(cases: Sequence[TestCase]) -> list[list[TestCase]]:
    """The cases in groups that are run in one process each: those of one visibility.

    So nothing that is seen in a hidden case can be printed in one that is shown earlier.
    """
    groups = [[c for c in cases if c.visibility == visibility] for visibility in VISIBILITIES]
    return [group for group in groups if group]


def visible_part(assignment: Assignment) -> Assignment:
    """The assignment as students have it at home: its visible cases, with the numbers that they have.

    It requires no walls, because many students' machines lack them, asks nothing of the platform,
    and has no total, because the total is that of all cases.
    """
    visible = tuple(case for case in assignment.cases if case.visibility == "visible")
    return assignment._replace(
        cases=visible, require_isolation=(), points=None, platform=Platform()
    )
