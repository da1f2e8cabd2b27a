"""Programs as plain data: the steps that a test case runs, and which of them can still be run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from autograder.errors import Place


class Import(NamedTuple):
    """One import of a program: from a file of the submission, or from Python's own library.

    `from nn.linear import Linear as L` has the module `nn.linear` and the names `(("Linear", "L"),)`.
    `import linear as l` has no names, and the alias `l`.
    """

    text: str  # as it is shown to be pasted
    module: str
    names: tuple[tuple[str, str], ...]  # (name in the module, name in the program)
    alias: str = ""  # the name of the module itself in the program, if that is what is bound
    file: str = ""  # the submission's file, as `submission` names it; empty: Python's library

    @property
    def binds(self) -> tuple[str, ...]:
        """The names that the program gets."""
        return (self.alias,) if self.alias else tuple(bound for _, bound in self.names)


class Step(NamedTuple):
    """A top-level statement of `setup` or `program`."""

    text: str
    place: Place  # of its first line, inside the YAML block
    given: tuple[str, ...] = ()  # inputs and named sizes that it uses
    uses: tuple[str, ...] = ()  # variables of earlier steps that it uses
    imported: tuple[str, ...] = ()  # names of imports that it uses
    assigns: tuple[str, ...] = ()  # names that it binds
    results: tuple[str, ...] = ()  # of these, those that can have points
    unpacks: bool = False  # `y, dx = f(x)`: all that it does is to unpack one value into names
    runs_code: bool = True  # it can run the student's code: it calls, computes or iterates
    only_reads: bool = False  # it merely reads attributes: `dW = layer.dW`

    @property
    def variables(self) -> tuple[str, ...]:
        """What the step uses together, and so connects."""
        return self.uses + self.assigns


class Program(NamedTuple):
    """What a test case runs: imports, then the steps of `setup`, then those of `program`."""

    imports: tuple[Import, ...] = ()
    setup: tuple[Step, ...] = ()
    body: tuple[Step, ...] = ()
    setup_once: bool = False  # for all batches of a case, not anew for each

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in the order in which they are run; observations count them from 0."""
        return self.setup + self.body

    @property
    def results(self) -> tuple[str, ...]:
        """The names that can have points, in order."""
        return tuple(name for step in self.body for name in step.results)

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the submission that are imported, each once."""
        return tuple(dict.fromkeys(one.file for one in self.imports if one.file))

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for programs that run the same lines, however often the setup is run."""
        parts = (self.imports, self.setup, self.body)
        return tuple(text for part in parts for text in ("", *(line.text for line in part)))

    def step_of(self, result: str) -> int:
        """The number of the step that assigns a result."""
        for number, step in enumerate(self.steps):
            if result in step.results:
                return number
        raise KeyError(result)


class Failed(NamedTuple):
    """A step that gave nothing, and so keeps others from being run."""

    step: int
    unwritten: bool  # "not implemented yet": it has changed nothing


class Progress:
    """Which steps of a batch can still be run, from how those before them went.

    The worker and the grader both follow it, and so agree on what is run and reported next:

    - a step of `program` is not run if a step of `setup` failed;
    - nor if it uses a name that a failed step should have assigned, or an observed name that is None;
    - nor, if the failed step can have run the student's code, if it uses a variable that is connected
      with one of that step's: what they hold may be half done. Variables are connected once a step
      that was run has used them together;
    - a step that is not implemented yet has changed nothing: of the connected steps only those that
      merely read attributes are left out.
    """

    def __init__(self, program: Program) -> None:
        self.blocked: dict[int, Failed] = {}  # steps that were not run, by number
        self._program = program
        self._first = 0
        self._group: dict[str, set[str]] = {}  # by variable, those that it is connected with
        self._missing: dict[str, Failed] = {}  # names that were not assigned, or are None
        self._spoilt: list[tuple[set[str], Failed]] = []  # connected with what a failed step used
        self._setup_failed: Failed | None = None

    def after_setup(self) -> Progress:
        """What holds for the next batch, if the setup is run once."""
        progress = Progress(self._program)
        in_setup = len(self._program.setup)
        progress._first = in_setup
        for step in self._program.setup:
            progress._connect(step)
        progress._setup_failed = self._setup_failed
        progress._missing = {n: f for n, f in self._missing.items() if f.step < in_setup}
        return progress

    def runnable(self) -> Iterator[int]:
        """The steps to run, one after another; call `ran` or `failed` for each before the next."""
        for number in range(self._first, len(self._program.steps)):
            blocker = self.blocker(number)
            if blocker is None:
                yield number
            else:
                self.blocked[number] = blocker
                self._gave_nothing(number, blocker)

    def blocker(self, number: int) -> Failed | None:
        """The failed step because of which a step is not run; None if it can be run."""
        step = self._program.steps[number]
        if number >= len(self._program.setup) and self._setup_failed is not None:
            return self._setup_failed
        for name in step.uses:
            if name in self._missing:
                return self._missing[name]
        for variables, failed in self._spoilt:
            if variables.intersection(step.uses) and (step.only_reads or not failed.unwritten):
                return failed
        return None

    def ran(self, number: int, nothing: tuple[str, ...] = ()) -> None:
        """Note a step that was run; `nothing` names the observed results of it that are None."""
        step = self._program.steps[number]
        self._connect(step)
        failed = Failed(number, unwritten=True)
        for name in step.assigns:
            self._missing.pop(name, None)
            if name in nothing:
                self._missing[name] = failed
        if nothing:
            self._spoil(step, failed)

    def failed(self, number: int, *, unwritten: bool) -> None:
        """Note a step that raised, or ended its process."""
        step = self._program.steps[number]
        self._connect(step)
        failed = Failed(number, unwritten)
        self._gave_nothing(number, failed)
        if step.runs_code:
            self._spoil(step, failed)

    def _gave_nothing(self, number: int, because: Failed) -> None:
        self._missing.update(dict.fromkeys(self._program.steps[number].assigns, because))
        if number < len(self._program.setup):
            self._setup_failed = self._setup_failed or because

    def _connect(self, step: Step) -> None:
        for name in set(step.assigns) - set(step.uses):  # bound anew, and so connected anew
            if name in self._group:
                self._group.pop(name).discard(name)
            for variables, _ in self._spoilt:
                variables.discard(name)
        group = set(step.variables)
        for name in step.variables:
            group |= self._group.get(name, set())
        for name in group:
            self._group[name] = group

    def _spoil(self, step: Step, failed: Failed) -> None:
        group: set[str] = set()
        for name in step.variables:
            group |= self._group.get(name, {name})
        self._spoilt.append((group, failed))
