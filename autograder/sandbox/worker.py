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
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np

from autograder.formats.draws import draw
from autograder.model import Batch
from autograder.sandbox.bench import Bench, random_state
from autograder.sandbox.describe import failure, names_of, place_of
from autograder.sandbox.importer import SourceFinder
from autograder.sandbox.observation import Outcome, array_header
from autograder.sandbox.request import CaseRun, Code, Request
from autograder.sandbox.sender import Sender
from autograder.sandbox.values import as_array, is_nothing, type_name
from autograder.steps import Program, Progress

_SENT_INPUTS = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "b1")
_RECURSION = 1000  # Python's own limit
_OBSERVATION = {"kind": "observation"}


def work(request: Request, walls: list[str], result_fd: int) -> None:
    """Run every step that the request asks for, and report each; never raises."""
    sender = Sender(result_fd, int(request.limits["output_kb"] * 1024))
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
        self._code: Code = request.code
        self._sender = sender
        self._seconds = request.limits["call_seconds"]
        self._finder = SourceFinder(self._code.sources, tuple(self._code.files.values()))
        sys.meta_path.append(self._finder)
        self._imports: dict[str, dict[str, Any]] = {}  # by file, the observation of its import
        self._modules: dict[str, Any] = {}
        self._draws_numbers = any(b"random" in source for source in self._code.sources.values())
        sources = self._code.sources

        def describe_frame(frame: FrameType) -> dict[str, Any]:
            return place_of(frame, sources)

        sender.watch(describe_frame)

    def run_case(self, run: CaseRun, batches: Sequence[Batch]) -> None:
        self._sender.start_case()
        for file in run.program.files:
            if file not in self._imports:
                self._imports[file] = self._import(file)
            self._sender.send({**_OBSERVATION, **self._imports[file]})
            if file not in self._modules:
                return
        bench = self._bench(run.program)
        progress: Progress | None = None
        for batch in batches:
            anew = progress is None or not run.program.setup_once
            bench.start_batch(batch, anew=anew)
            progress = Progress(run.program) if progress is None or anew else progress.after_setup()
            for step in progress.runnable():
                self._run_step(step, run, bench, progress)
            if run.return_inputs:
                for name in batch.inputs:
                    self._send_input(name, bench)

    def _import(self, file: str) -> dict[str, Any]:
        self._sender.start_step(self._seconds)
        try:
            self._modules[file] = importlib.import_module(
                self._finder.module_of(self._code.files[file])
            )
        except BaseException as error:
            return failure(error, self._code.sources)
        finally:
            self._sender.end_step()
        return {"outcome": Outcome.DONE.value}

    def _bench(self, program: Program) -> Bench:
        names: dict[str, object] = {}
        missing: dict[str, str] = {}
        for one in program.imports:
            module = self._modules[one.file] if one.file else importlib.import_module(one.module)
            if one.alias:
                names[one.alias] = module
            for name, bound in one.names:
                try:
                    names[bound] = getattr(module, name)
                except BaseException:
                    missing[bound] = names_of(module)
        return Bench(program, names, missing)

    def _run_step(self, number: int, run: CaseRun, bench: Bench, progress: Progress) -> None:
        before = random_state() if self._draws_numbers else None
        self._sender.start_step(self._seconds)
        failed: dict[str, Any] | None = None
        results: dict[str, object] = {}
        try:
            results = bench.run(number)
        except BaseException as error:
            failed = {**failure(error, self._code.sources), "whole": True}
        finally:
            self._sender.end_step()
        about: dict[str, Any] = {**_OBSERVATION, "warned": self._sender.warned}
        changed = bench.changed_inputs()
        if changed:
            about["changed"] = changed
        if before is not None and random_state() != before:
            about["random"] = True
        if failed is not None:
            unwritten = failed["outcome"] == Outcome.PLACEHOLDER.value
            progress.failed(number, unwritten=unwritten)
            self._sender.send({**about, **failed})
            return
        observed = {name: value for name, value in results.items() if name in run.observed}
        nothing = tuple(name for name, value in observed.items() if is_nothing(value))
        progress.ran(number, nothing)
        if not observed:
            self._sender.send({**about, "outcome": Outcome.DONE.value})
        for value in observed.values():
            header, body = _result(value)
            self._sender.send({**about, **header}, body)

    def _send_input(self, name: str, bench: Bench) -> None:
        array = bench.input_after(name)
        if array.dtype.isnative and array.dtype.str[1:] in _SENT_INPUTS:
            header = {"kind": "input", "name": name, **array_header(array)}
            self._sender.send(header, array.tobytes())
        else:
            self._sender.send({"kind": "input", "name": name})


def _result(value: object) -> tuple[dict[str, Any], bytes]:
    if is_nothing(value):
        return {"outcome": Outcome.PLACEHOLDER.value, "type": repr(value)}, b""
    array = as_array(value)
    name = _attempt(lambda: type_name(value)) or "a type that cannot be shown"
    if array is None:
        return {"outcome": Outcome.OTHER.value, "type": name}, b""
    header = {"outcome": Outcome.VALUE.value, "type": name, **array_header(array)}
    return header, array.tobytes()


def _attempt(describe: Callable[[], str]) -> str:
    try:
        return describe()
    except BaseException:  # a metaclass of the student's
        return ""
