"""From lines of Python to a program: what each step uses, and every name that cannot be resolved."""

from __future__ import annotations

import ast
import builtins
import dis
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from autograder.errors import Fault, Place
from autograder.formats.statements import Lines, Statement, imports_of
from autograder.model import INPUTS_UNCHANGED
from autograder.steps import Import, Program, Step
from autograder.text import closest, did_you_mean, listed

_BUILTINS: Final = frozenset(name for name in dir(builtins) if name[0] != "_")
_LIBRARY: Final = frozenset({"numpy", *sys.stdlib_module_names} - {"__future__"})

_DYNAMIC: Final = frozenset({"globals", "locals", "vars", "exec", "__getattr__"})


class Surroundings(NamedTuple):
    """What the lines of a case can see beyond the variables that they assign."""

    submission: tuple[str, ...]
    defined: Mapping[str, frozenset[str] | None]  # by the reference's files; None: not known
    given: frozenset[str]  # inputs and named sizes of the case
    drawn: frozenset[str]  # of these, those that differ from batch to batch
    inputs_elsewhere: frozenset[str]  # names of inputs that other cases have
    inputs_place: Place
    case: str


def module_of(file: str) -> str:
    """The module that a file of the submission is: `nn/linear.py` is `nn.linear`."""
    path = PurePosixPath(file)
    parts = path.parts[:-1] if path.name == "__init__.py" else (*path.parts[:-1], path.stem)
    return ".".join(parts)


def defined_names(path: Path) -> frozenset[str] | None:
    """The names that a file of Python defines at its top level; None if that cannot be told.

    What it imports from a library is not its own: others may do without.
    """
    faults: list[Fault] = []
    try:
        lines = Lines(path.read_text(encoding="utf-8-sig"), lambda *_: Place(path), faults)
    except (OSError, UnicodeDecodeError):
        return None
    stars = [n for n in ast.walk(lines.tree) if isinstance(n, ast.alias) and n.name == "*"]
    steps = [*dis.get_instructions(lines.code)] if lines.code else []
    names = {step.argval for step in steps if step.opname == "STORE_NAME"}
    used = {step.argval for step in steps if step.opname == "LOAD_NAME"} | names
    for node in lines.tree.body:
        for one in imports_of(node):
            names -= {*one.binds} if one.module.partition(".")[0] in _LIBRARY else set()
    return None if faults or stars or not names or used & _DYNAMIC else frozenset(names)


def read_program(
    setup: tuple[Statement, ...],
    body: tuple[Statement, ...],
    once: bool,
    seen: Surroundings,
    faults: list[Fault],
) -> Program:
    """The program of a case, its setup run `once` or for each batch; what is wrong is noted."""
    reader = _Reader(seen, faults)
    for line in setup:
        for one in line.imports:
            reader.take_import(one, line.step.place)
    for line in body:
        if line.imports:
            message = "`program` holds no imports; move it to `setup`"
            faults.append(Fault(line.step.place, message))
    first = [reader.step(line, once)._replace(results=()) for line in setup if not line.imports]
    then = [reader.step(line) for line in body if not line.imports]
    return Program(reader.imports(), tuple(first), tuple(then), once)


class _Reader:
    """Goes through the statements in order, and knows what has been assigned so far."""

    def __init__(self, seen: Surroundings, faults: list[Fault]) -> None:
        self._seen = seen
        self._faults = faults
        self._modules = {module_of(file): file for file in seen.submission}
        self._imports: list[Import] = []
        self._imported: dict[str, str] = {}  # names of imports, with the submission's file
        self._implied: list[str] = []
        self._variables: set[str] = set()
        self._told: set[str] = set()  # unknown names
        self._definitions: dict[str, Step] = {}  # functions and classes that a step defines

    def imports(self) -> tuple[Import, ...]:
        """The imports that are written, and the one that is implied."""
        if not self._implied:
            return tuple(self._imports)
        ((module, file),) = self._modules.items()
        text = f"from {module} import {', '.join(self._implied)}"
        names = tuple((name, name) for name in self._implied)
        return (*self._imports, Import(text, module, names, "", file))

    def step(self, line: Statement, once: bool = False) -> Step:
        """The step that a statement is; `once` if it is run once for all batches."""
        given: list[str] = []
        uses: list[str] = []
        imported: list[str] = []
        for name, place in line.loads.items():
            if name in self._seen.given:
                given.append(name)
                if once and name in self._seen.drawn:
                    message = f"`{name}` is drawn for each batch of `{self._seen.case}`"
                    advice = f"fix `{name}`, or leave out `run_setup: once`"
                    self._fault(place, f"{message}, but the setup is run once; {advice}")
            elif name in self._definitions and name not in line.binds:
                # What is used in it is used now.
                definition = self._definitions[name]
                given += definition.given
                uses += definition.uses
                imported += definition.imported
            elif name in self._variables:
                uses.append(name)
            elif name in self._imported:
                imported.append(name)
            elif name in ("np", *line.own) or name in _BUILTINS:
                self._check_builtin(name, place)
            elif self._is_implied(name):
                self._implied.append(name)
                self._imported[name] = self._seen.submission[0]
                imported.append(name)
            else:
                self._unknown(name, place)
        for name, place in line.binds.items():
            self._check_bound(name, place)
        own_code = any(self._imported.get(name) for name in imported)
        step = line.step._replace(
            given=_once(given),
            uses=_once(uses),
            imported=_once(imported),
            runs_code=not line.is_quiet and (own_code or bool(uses)),
        )
        for name in line.binds:
            self._definitions.pop(name, None)
        self._variables.update(line.binds)
        if line.defines:
            self._definitions[line.defines] = step
            step = step._replace(uses=())  # they are used once it is called
        return step

    @property
    def _own(self) -> frozenset[str] | None:
        """What the reference defines, if it is one file; None if that is not known."""
        return self._seen.defined.get(self._seen.submission[0])

    def _is_implied(self, name: str) -> bool:
        """Whether a name is that of something in the one file of the submission."""
        known = self._own
        is_there = name in known if known is not None else name not in self._seen.inputs_elsewhere
        return is_there and len(self._seen.submission) == 1

    def _check_builtin(self, name: str, place: Place) -> None:
        """A name of Python's that the one file defines too can mean either."""
        if name in _BUILTINS and name in (self._own or ()) and len(self._seen.submission) == 1:
            file = self._seen.submission[0]
            message = f"`{name}` is Python's own, and the reference's {file} defines it too"
            line = f"from {module_of(file)} import {name}"
            self._fault(place, f"{message}; write `{line}` in `setup`, or rename the reference's")

    def take_import(self, one: Import, place: Place) -> None:
        below = [(f"{one.module}.{name}", name, bound) for name, bound in one.names]
        if below and all(module in self._modules for module, _, _ in below):
            for module, name, bound in below:  # `from nn import linear`
                ending = f" as {bound}" if bound != name else ""
                text = f"from {one.module} import {name}{ending}"
                self._add(Import(text, module, (), bound), place)
        elif one.module not in self._modules and one.module.partition(".")[0] not in _LIBRARY:
            known = (*self._modules, "numpy")
            others = f"; {listed(known)} and Python's library can be"
            advice = did_you_mean(one.module, known) or others
            self._fault(place, f"`{one.module}` cannot be imported{advice}")
        elif "." in one.alias:
            name = one.module.rpartition(".")[2]
            self._fault(place, f"name the module; write `import {one.module} as {name}`")
        elif (one.module, one.alias) != ("numpy", "np"):  # which is there anyway
            self._add(one, place)

    def _add(self, one: Import, place: Place) -> None:
        one = one._replace(file=self._modules.get(one.module, ""))
        known = self._seen.defined.get(one.file)
        for name, _ in one.names:
            if known is not None and name not in known:
                message = f"the reference's {one.file} has no `{name}`"
                self._fault(place, message + did_you_mean(name, sorted(known)))
                self._told.add(closest(name, sorted(known)))
        for name in one.binds:
            if name in self._seen.given or name == "np":
                what = "numpy" if name == "np" else "an input or a size"
                self._fault(place, f"`{name}` is {what}; import it `as` something else")
            self._imported[name] = one.file
        self._imports.append(one)

    def _unknown(self, name: str, place: Place) -> None:
        seen = self._seen
        if name in self._told:
            return
        self._told.add(name)
        if name in seen.inputs_elsewhere:
            self._faults.append(Fault(seen.inputs_place, f"the input `{name}` is missing; add it"))
            return
        message, advice = f"`{name}` is neither an input, a size nor assigned before", ""
        known = {*seen.given, *self._variables}
        if name in _LIBRARY:
            advice = f"; write `import {name}` in `setup`"
        elif len(seen.submission) > 1:
            known.update(self._imported)
            own = {module: seen.defined.get(file) or () for module, file in self._modules.items()}
            there = [module for module in own if name in own[module]] or [*own]
            modules = " or ".join(f"`from {module} import {name}`" for module in there)
            advice = f"; if it is the students', write {modules} in `setup`"
        else:
            known = {*known, *(self._own or ())} - {"np"}
            message += f", and the reference's {seen.submission[0]} has no such name"
        self._fault(place, message + (did_you_mean(name, sorted(known)) or advice))

    def _check_bound(self, name: str, place: Place) -> None:
        if name in self._seen.given:
            what = "an input or a size, which keeps its value"
        elif name in self._imported or name == "np":
            what = "an import"
        elif name == INPUTS_UNCHANGED:
            what = "the name of a built-in check"
        else:
            return
        self._fault(place, f"`{name}` is {what}; assign to another name")

    def _fault(self, place: Place, message: str) -> None:
        self._faults.append(Fault(place, message))


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
