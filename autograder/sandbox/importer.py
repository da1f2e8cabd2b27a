"""Imports a submission from memory, within the folder tree that it came in.

Nothing is written to disk, so nothing beside the sources (caches, configuration, data) can matter.
The submission's modules are looked up last: a file called `numpy.py` or `json.py` shadows nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, Final

PACKAGE: Final = "submission"  # a package around it all, so that relative imports work anywhere


class SourceFinder:
    """Finds modules in sources held in memory.

    A module has a name below `submission`, and one from each folder between the root and the files
    asked for, so that `from .activation import Layer`, `from activation import Layer` and
    `from mytorch.nn.activation import Layer` all find what stands beside or above it. All of its names
    stand for one module: otherwise its classes would exist more than once.
    """

    def __init__(self, sources: Mapping[str, bytes], wanted: Sequence[str]) -> None:
        self._sources = sources
        self._files: dict[str, str] = {}
        self._packages: set[str] = {PACKAGE}
        self._loaded: dict[str, tuple[Any, ModuleSpec]] = {}  # by path, with the first spec
        folders = dict.fromkeys(
            str(folder) for path in wanted for folder in PurePosixPath(path).parents
        )
        for path in sources:
            if path in wanted or path.endswith(".py"):
                self._add(path, f"{PACKAGE}/{path}")
                for folder in folders:
                    prefix = "" if folder == "." else f"{folder}/"
                    if path.startswith(prefix):
                        self._add(path, path[len(prefix) :])

    def module_of(self, path: str) -> str:
        """The name by which to import a file."""
        return _module_name(f"{PACKAGE}/{path}").removesuffix(".__init__")

    def _add(self, path: str, location: str) -> None:
        name = _module_name(location)
        if location.endswith("/__init__.py"):
            name = name.rpartition(".")[0]
            self._packages.add(name)
        self._files.setdefault(name, path)
        while name := name.rpartition(".")[0]:
            self._packages.add(name)

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module of the submission, or None for all others (see importlib.abc)."""
        if fullname not in self._files and fullname not in self._packages:
            return None
        # Any, and not an importlib.abc.Loader, the import of which takes 2 ms.
        loader: Any = self
        spec = ModuleSpec(fullname, loader, is_package=fullname in self._packages)
        spec.origin = self._files.get(fullname)
        spec.has_location = spec.origin is not None
        return spec

    def get_source(self, fullname: str) -> str | None:
        """The text for tracebacks and warnings, which want it for the line that they show."""
        path = self._files.get(fullname)
        return None if path is None else self._sources[path].decode("utf-8", "replace")

    def create_module(self, spec: ModuleSpec) -> Any:
        """What its file is already under another name, else None (see importlib.abc)."""
        return self._loaded.get(self._files.get(spec.name, ""), (None, None))[0]

    def exec_module(self, module: Any) -> None:
        """Run its code in the new module; raises whatever that raises."""
        path = self._files.get(module.__name__, "")
        if path in self._loaded:  # under another name, or about to be
            module.__spec__ = self._loaded[path][1]
            return
        if path:
            self._loaded[path] = module, module.__spec__
        try:
            code = compile(self._sources[path] if path else b"", path or module.__name__, "exec")
            exec(code, module.__dict__)  # noqa: S102 - what importing is
        except BaseException:
            self._loaded.pop(path, None)
            # What imports it in a circle has it under another name, and would find half of it later.
            for name in [name for name, other in sys.modules.items() if other is module]:
                del sys.modules[name]
            raise


def _module_name(location: str) -> str:
    parts = PurePosixPath(location).with_suffix("").parts
    return ".".join(part.replace(".", "_") for part in parts)
