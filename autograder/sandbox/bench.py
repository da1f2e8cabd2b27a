"""The bench: runs the steps of a program, one at a time, on fresh copies of the inputs.

The same for students, in the worker, and for the reference and known mistakes, in the grader.
"""

from __future__ import annotations

import builtins
import importlib
import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from types import CodeType, MappingProxyType, ModuleType, SimpleNamespace
from typing import Any, Final

import numpy as np

from autograder.model import Batch
from autograder.sandbox.observation import MISSING_NAME, WRONG_COUNT, same
from autograder.sandbox.values import is_nothing, type_name
from autograder.steps import Import, Program, Step
from autograder.typed import NDArray

Modules = Mapping[str, ModuleType]
Names = Mapping[str, object]

PROGRAM: Final = "<program>"  # the file name of a step's code, in tracebacks
_VALUE: Final = "_value_to_unpack"
_NONE: Final[Names] = MappingProxyType({})
# Kept from before the student's code could put others in their places.
_SEED_NUMPY: Final = np.random.seed
_SEED_PYTHON: Final = random.seed


class StepError(Exception):
    """What the bench itself finds wrong with a step: one of OWN_ERRORS, its message, its owner."""


class NothingReturned(Exception):
    """None or NotImplemented came back where several values were expected."""


class Bench:
    """Runs a program's steps with the names that its imports bring."""

    def __init__(self, program: Program, modules: Modules, replaced: Names = _NONE) -> None:
        """`modules` are the solution's, by file; `replaced` has what replaces names of theirs."""
        self._program = program
        self._names: dict[str, object] = {"__builtins__": builtins, "__name__": PROGRAM, "np": np}
        self._missing: dict[str, str] = {}  # names not found, each with those that its file defines
        self._codes = [_code(step.text, unpacks=step.unpacks) for step in program.steps]
        self._batch = Batch({}, {})
        self._handed: list[tuple[str, NDArray[Any]]] = []
        self.namespace: dict[str, Any] = {}
        for one in program.imports:
            module = modules[one.file] if one.file else importlib.import_module(one.module)
            self._bind(one, module, replaced if one.file else {})

    def start_batch(self, batch: Batch) -> None:
        """Take up a batch; what the program has made is forgotten unless its setup is run once.

        The legacy generators are seeded, so that code that draws from them does the same each time.
        """
        self._batch = batch
        self._handed = []
        if not self.namespace or not self._program.setup_once:
            self.namespace = dict(self._names)
        _SEED_NUMPY(batch.seed)
        _SEED_PYTHON(batch.seed)

    def run(self, number: int) -> dict[str, object]:
        """Run a step; returns its results by name. Raises whatever it raises, and StepError."""
        step = self._program.steps[number]
        for name in step.imported:
            if name in self._missing:
                raise StepError(MISSING_NAME, name, self._missing[name])
        for name in step.given:
            self.namespace[name] = self._given(name)
        for name in step.results:
            if name not in step.uses:  # or a result of an earlier batch could stay
                self.namespace.pop(name, None)
        exec(self._codes[number], self.namespace)  # noqa: S102 - what a program is for
        if step.unpacks:
            self._unpack(step)
        return {name: self.namespace.get(name) for name in step.results}

    def changed_inputs(self) -> list[str]:
        """The inputs of which a copy, handed out in any step of the batch, is not as it was."""
        changed = (n for n, array in self._handed if not same(array, self._batch.inputs[n]))
        return list(dict.fromkeys(changed))

    def input_after(self, name: str) -> NDArray[Any]:
        """An input as it was left: a copy that was changed, if there is one."""
        pristine = self._batch.inputs[name]
        copies = (array for given, array in self._handed if given == name)
        return next((array for array in copies if not same(array, pristine)), pristine)

    def _bind(self, one: Import, module: ModuleType, replaced: Names) -> None:
        if one.alias:
            whole = SimpleNamespace(**{**vars(module), **replaced}) if replaced else module
            self._names[one.alias] = whole
        for name, bound in one.names:
            try:
                self._names[bound] = replaced[name] if name in replaced else getattr(module, name)
            except BaseException:  # of the module's own `__getattr__`
                self._missing[bound] = names_of(module)

    def _given(self, name: str) -> Any:
        if name in self._batch.sizes:
            return self._batch.sizes[name]
        array = self._batch.inputs[name]
        if array.ndim == 0:
            return array.item()
        copy = array.copy()
        self._handed.append((name, copy))
        return copy

    def _unpack(self, step: Step) -> None:
        value: Any = self.namespace.pop(_VALUE)
        if is_nothing(value):
            raise NothingReturned(repr(value))
        wanted = len(step.assigns)
        try:
            # Python would take the letters of a text and the keys of a dict, which nobody means.
            values = iter(() if isinstance(value, (str, bytes, dict, set)) else value)
        except TypeError:  # such as a number
            values = iter(())
        found = list(islice(values, wanted + 1))  # there may be no end
        if len(found) != wanted:
            what = type_name(value)
            if isinstance(value, (tuple, list)):
                what = f"{len(value)} value{'s' * (len(value) != 1)}"
            raise StepError(WRONG_COUNT, what, "")
        self.namespace.update(zip(step.assigns, found))


def names_of(module: ModuleType) -> str:
    """The names of classes and functions that a module itself defines, for a message."""
    own = [
        name
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    ]
    return ", ".join(sorted(own))[:500]


def random_state() -> Sequence[object]:
    """What tells whether the legacy generators were used in between."""
    state: Any = np.random.get_state(legacy=False)
    return state["state"]["pos"], state["has_gauss"], state["state"]["key"][0], random.getstate()


@lru_cache(maxsize=256)
def _code(text: str, *, unpacks: bool) -> CodeType:
    if unpacks:
        # The value comes first, so that it can be told what came instead of several. The targets are
        # plain names, so the first `=` is the one that assigns.
        text = f"{_VALUE} = ({text.partition('=')[2].strip()}\n)"
    return compile(text, PROGRAM, "exec")
