"""The worker: runs a student's code in a process of its own, and sends back what it did.

Whatever this process does may be the student's doing. It decides nothing: it runs the steps in
order and reports each with frames; the grader, which knows the order, checks and judges.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
from collections.abc import Sequence
from types import ModuleType

import numpy as np

from autograder.formats.draws import draw
from autograder.model import Batch
from autograder.sandbox.bench import Bench, random_state
from autograder.sandbox.describe import failure
from autograder.sandbox.importer import SourceFinder
from autograder.sandbox.observation import (
    INPUT_DTYPES,
    Observation,
    Outcome,
    array_header,
    encode_observation,
)
from autograder.sandbox.request import CaseRun, Request
from autograder.sandbox.sender import Sender
from autograder.sandbox.values import observe
from autograder.steps import Progress

_RECURSION = 1000  # Python's own limit


def work(request: Request, walls: list[str], result_fd: int) -> None:
    """Run every step that the request asks for, and report each; never raises."""
    output_limit = int(request.limits["output_kb"] * 1024)
    sender = Sender(result_fd, output_limit, request.code.sources)
    _reset_interpreter()
    sender.take_over_output()
    sys.argv = [""]
    if not set(request.required) <= set(walls):
        sender.send({"kind": "refused", "walls": walls})
        return
    # Drawn before the student's code can touch numpy's state.
    drawn = [draw(run.inputs) for run in request.runs]
    sender.send({"kind": "ready", "walls": walls})
    if not request.runs:
        return
    student = _Student(request, sender)
    for run, batches in zip(request.runs, drawn):
        student.run_case(run, batches)


def _reset_interpreter() -> None:
    """Undo what the grader, a test runner say, has changed in the interpreter that we copy."""
    gc.freeze()  # what is here already is for good: looking through it would copy its memory
    gc.enable()
    sys.stdin = open(os.devnull)  # noqa: SIM115 - open as long as the process lives
    np.seterr(all="warn", under="ignore")
    sys.settrace(None)
    sys.setprofile(None)
    sys.setrecursionlimit(_RECURSION + _depth())
    sys.excepthook = sys.__excepthook__
    sys.unraisablehook = sys.__unraisablehook__
    threading.excepthook = threading.__excepthook__


def _depth() -> int:
    """How many frames of the grader's are below this one; they are none that the student's code made."""
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


class _Student:
    """A student's code, imported file by file, and the cases that are run with it."""

    def __init__(self, request: Request, sender: Sender) -> None:
        self._sources, self._files, _ = request.code
        self._sender = sender
        self._seconds = request.limits["call_seconds"]
        self._finder = SourceFinder(self._sources, tuple(self._files.values()))
        sys.meta_path.append(self._finder)
        self._imported: set[str] = set()  # files, whether or not they could be
        self._modules: dict[str, ModuleType] = {}
        self._draws_numbers = any(b"random" in source for source in self._sources.values())

    def run_case(self, run: CaseRun, batches: Sequence[Batch]) -> None:
        self._sender.start_case()
        for file in run.program.files:
            if file not in self._imported:
                self._imported.add(file)
                self._sender.send(*encode_observation(self._import(file)))
            if file not in self._modules:
                return
        bench = Bench(run.program, self._modules)
        progress: Progress | None = None
        for batch in batches:
            bench.start_batch(batch)
            again = progress and run.program.setup_once
            progress = progress.after_setup() if progress and again else Progress(run.program)
            for step in progress.runnable():
                self._run_step(step, run, bench, progress)
            if run.return_inputs:
                for name in batch.inputs:
                    self._send_input(name, bench)

    def _import(self, file: str) -> Observation:
        self._sender.set_alarm(self._seconds)
        try:
            name = self._finder.module_of(self._files[file])
            self._modules[file] = importlib.import_module(name)
        except BaseException as error:
            return failure(error, self._sources)
        finally:
            self._sender.set_alarm(0)
        return Observation(Outcome.DONE)

    def _run_step(self, number: int, run: CaseRun, bench: Bench, progress: Progress) -> None:
        before = random_state() if self._draws_numbers else None
        self._sender.warned = []
        self._sender.set_alarm(self._seconds)
        failed: Observation | None = None
        results: dict[str, object] = {}
        try:
            results = bench.run(number)
        except BaseException as error:
            failed = failure(error, self._sources)
        finally:
            self._sender.set_alarm(0)
        if failed is not None:
            seen = [failed]
            progress.failed(number, unwritten=failed.outcome is Outcome.PLACEHOLDER)
        else:
            observed = {n: observe(value) for n, value in results.items() if n in run.observed}
            seen = list(observed.values()) or [Observation(Outcome.DONE)]
            nothing = (n for n, o in observed.items() if o.outcome is Outcome.PLACEHOLDER)
            progress.ran(number, tuple(nothing))
        about = {
            "whole": failed is not None,
            "changed": bench.changed_inputs(),
            "random": before is not None and random_state() != before,
        }
        for observation in seen:
            warned = tuple(self._sender.warned)
            header, body = encode_observation(observation._replace(warned=warned))
            self._sender.send({**header, **about}, body)

    def _send_input(self, name: str, bench: Bench) -> None:
        array = bench.input_after(name)
        header, body = {"kind": "input", "name": name}, b""
        if array.dtype.str in INPUT_DTYPES:
            header, body = {**header, **array_header(array)}, array.tobytes()
        self._sender.send(header, body)
