"""Running the assignment's own solutions, the reference and known mistakes, in the grader itself."""

from __future__ import annotations

import importlib
import signal
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np

from autograder.errors import AssignmentError, Fault, Place
from autograder.formats.program import module_of
from autograder.model import Assignment, Batch
from autograder.sandbox.bench import Bench
from autograder.sandbox.describe import failure
from autograder.sandbox.ledger import Ledger
from autograder.sandbox.observation import BatchObservation, Observation, Warned
from autograder.sandbox.request import CaseRun
from autograder.sandbox.values import observe

Modules = Mapping[str, ModuleType]  # by the file's name
# What code of the assignment may raise; the end of its process would be the grader's.
RAISED: Final = (Exception, SystemExit)
SECONDS: Final = 20.0


class TooLong(BaseException):
    """Code of the assignment does not end; no `except Exception` of its own may catch this."""


@contextmanager
def contained(seconds: float = SECONDS) -> Iterator[None]:
    """Keep what code of the assignment prints out of reports, and end what seems not to end.

    That goes by processor time, which a busy machine does not stretch, and needs POSIX.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "setitimer"):
        with redirect_stdout(sys.stderr):
            yield
        return

    def end(*_: object) -> None:
        raise TooLong(f"it takes more than {seconds:g} s, and may never end")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)  # and again, if a `finally` goes on
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def load_reference(assignment: Assignment) -> Modules:
    """Import the reference's files. Raises AssignmentError if one cannot be imported.

    Every call imports them anew: what a class remembers of one run does not show in another.
    """
    with _importing_from(assignment.folder / "reference"):
        return _import_reference(assignment)


def load_world(assignment: Assignment) -> tuple[Modules, ModuleType | None]:
    """Import the reference and `mistakes.py` together, so that each class exists once."""
    with _importing_from(assignment.folder / "reference"):
        modules = _import_reference(assignment)
        path = assignment.mistakes_path
        return modules, _import("mistakes", path) if path.is_file() else None


def not_handed_in(assignment: Assignment) -> list[Path]:
    """The files beside the reference that it imports although no student hands them in."""
    folder = assignment.folder / "reference"
    with _importing_from(folder):
        _import_reference(assignment)
        files = {str(getattr(module, "__file__", "")) for module in sys.modules.values()}
    paths = sorted(folder.rglob("*.py"))
    return [p for p in paths if str(p) in files and p not in assignment.reference_paths]


def load_file(path: Path) -> ModuleType:
    """Import a file of the assignment by itself. Raises AssignmentError."""
    with _importing_from(path.parent):
        return _import(path.stem, path)


def place_of(error: BaseException, default: Place) -> Place:
    """The line in which an exception arose, in a file beside that of a place; else the place."""
    place, step = default, error.__traceback__
    while step is not None:
        file = Path(step.tb_frame.f_code.co_filename)
        if file.parent == default.path.parent:
            place = Place(file, step.tb_lineno)
        step = step.tb_next
    return place


class Runner:
    """Runs programs on a solution, as the sandbox runs them on a student's code."""

    def __init__(
        self,
        modules: Modules,
        replaced: Mapping[str, object] | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """`replaced` are names of the reference for which a known mistake has something else.

        `seconds` are for one batch.
        """
        self.objects: dict[str, Any] = {}  # what the program made in the last batch, by name
        self.failed: dict[int, Observation] = {}  # steps that raised in any batch of the last case
        self._modules = modules
        self._replaced = replaced or {}
        self._seconds = seconds

    def observe(self, run: CaseRun, batches: Iterable[Batch]) -> tuple[BatchObservation, ...]:
        """Run a case's batches; observe what each step does. Raises AssignmentError if one hangs."""
        bench = Bench(run.program, self._modules, self._replaced)
        self.failed = {}
        observed = []
        ledger: Ledger | None = None
        # Warnings are kept, not shown: how a mistake comes by its NaN is part of what it does.
        default = np.errstate(divide="warn", over="warn", under="ignore", invalid="warn")
        with default, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            for batch in batches:
                bench.start_batch(batch)
                ledger = Ledger(run.program, run.observed, ledger)
                with contained(self._seconds):
                    for step in ledger.progress.runnable():
                        warned.clear()
                        self._run_step(step, run.program.steps[step].place, bench, ledger, warned)
                after = None
                if run.return_inputs:
                    after = {name: bench.input_after(name) for name in batch.inputs}
                observed.append(ledger.result(after))
        self.objects = bench.namespace
        return tuple(observed)

    def _run_step(
        self,
        number: int,
        place: Place,
        bench: Bench,
        ledger: Ledger,
        warned: list[warnings.WarningMessage],
    ) -> None:
        try:
            results = bench.run(number)
        except TooLong as error:
            self._seconds = 1.0  # other cases are likely to hang too
            raise AssignmentError([Fault(place, f"this line does not end: {error}")]) from error
        except RAISED as error:
            failed = failure(error, {})._replace(step=number, warned=_kept(warned))
            ledger.failed(number, failed)
            self.failed.setdefault(number, failed)
            return
        ledger.changed[number] = tuple(bench.changed_inputs())
        observed = {name: observe(results[name]) for name in ledger.observed_of(number)}
        kept = _kept(warned)
        ledger.ran(number, {n: o._replace(step=number, warned=kept) for n, o in observed.items()})


def _kept(warned: list[warnings.WarningMessage]) -> tuple[Warned, ...]:
    texts = dict.fromkeys(str(warning.message) for warning in warned)
    return tuple(Warned(text, "", 0) for text in texts if " encountered in " in text)


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Let imports find a folder's modules first; afterwards none of them is left in `sys.modules`."""
    own = {path.stem for path in folder.glob("*.py")} | {
        path.name for path in folder.iterdir() if path.is_dir()
    }
    # A module of that name may be there from another assignment, or be Python's own.
    hidden = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in own}
    for name in hidden:
        del sys.modules[name]
    # Grading leaves no caches in the assignment's folder.
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        with contained():
            yield
    finally:
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = writes
        for name in [name for name in sys.modules if name.partition(".")[0] in own]:
            del sys.modules[name]
        sys.modules.update(hidden)


def _import_reference(assignment: Assignment) -> Modules:
    folder = assignment.folder / "reference"
    return {name: _import(module_of(name), folder / name) for name in assignment.submission}


def _import(name: str, path: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (*RAISED, TooLong) as error:
        message = f"this file cannot be imported: {type(error).__name__}: {error}"
        if isinstance(error, SyntaxError) and error.filename:
            place = Place(Path(error.filename), error.lineno or 1)
        else:
            place = place_of(error, Place(path))
        raise AssignmentError([Fault(place, message)]) from error
