"""Describes exceptions; their own methods are the student's code too, and may do anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import CodeType, FrameType, ModuleType
from typing import Any

from autograder.sandbox.bench import PROGRAM, NothingReturned, StepError, names_of
from autograder.sandbox.importer import PACKAGE
from autograder.sandbox.observation import (
    MISSING_ATTRIBUTE,
    MISSING_NAME,
    OWN_ERRORS,
    Observation,
    Outcome,
    StudentError,
)

Sources = Mapping[str, bytes]


def failure(error: BaseException, sources: Sources) -> Observation:
    """What came of a step or an import that raised this."""
    # By exact type: `isinstance` would ask the student's own `__class__`.
    if type(error) is NothingReturned:
        return Observation(Outcome.PLACEHOLDER, type_name=str(error))
    if type(error) is StepError:
        kind, what, owner = error.args
        return Observation(Outcome.RAISED, error=StudentError(kind, what, owner=owner[:2000]))
    try:
        described = _describe(error, sources)
    except BaseException:
        described = StudentError("an exception that cannot be shown", "")
    unwritten = _is_placeholder(error, described, sources)
    return Observation(Outcome.PLACEHOLDER if unwritten else Outcome.RAISED, error=described)


def place_of(frame: FrameType | None, sources: Sources) -> dict[str, Any]:
    """The line that a running frame is at, as of an error without a type."""
    lines = []
    while frame is not None:
        lines.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return _place(reversed(lines), sources)


def _place(lines: Iterable[tuple[CodeType, int]], sources: Sources) -> dict[str, Any]:
    """The innermost line of the student's own, and that of the program; the outer lines first."""
    told: dict[str, Any] = {}
    for code, number in lines:
        if code.co_filename in sources:
            told.update(path=code.co_filename, line=int(number), function=code.co_name[:200])
        elif code.co_filename == PROGRAM:
            told["step_line"] = int(number)
    return told


def _describe(error: BaseException, sources: Sources) -> StudentError:
    if isinstance(error, SyntaxError) and error.filename in sources:
        place: dict[str, Any] = {"path": str(error.filename), "line": int(error.lineno or 0)}
        message = str(error.msg)
    else:
        lines, step = [], error.__traceback__
        while step is not None:
            lines.append((step.tb_frame.f_code, step.tb_lineno))
            step = step.tb_next
        place = _place(lines, sources)
        message = str(error)
    if isinstance(error, ImportError):
        message = (message or error.name or "").replace(f"{PACKAGE}.", "")
    missing = _missing_attribute(error) if "step_line" in place and not place.get("line") else None
    name = str(type(error).__name__)[:200]
    own = "Exception" if name in OWN_ERRORS else name  # these stand for what the worker finds
    kind, message, owner = missing or (own, message, "")
    return StudentError(kind, message[:2000], owner=owner, **place)


def _missing_attribute(error: BaseException) -> tuple[str, str, str] | None:
    """What a line of the program itself does not find on an object or a module."""
    if type(error) is not AttributeError or not isinstance(error.name, str):
        return None
    owner = error.obj
    if type(owner) is ModuleType:
        return MISSING_NAME, error.name, names_of(owner)
    kind = owner if isinstance(owner, type) else type(owner)
    if not isinstance(kind.__module__, str) or kind.__module__ in ("builtins", "numpy"):
        return None
    return MISSING_ATTRIBUTE, error.name, str(kind.__name__)[:200] or "object"


def _is_placeholder(error: BaseException, described: StudentError, sources: Sources) -> bool:
    """Whether a starter's body raised this: NotImplementedError, `raise NotImplemented`, None / None."""
    if type(error) is NotImplementedError:
        return True
    if type(error) is not TypeError:
        return False
    message, lines = described.message, sources.get(described.path, b"").splitlines()
    if message.startswith("unsupported operand") and message.count("'NoneType'") == 2:
        return True
    return b"raise NotImplemented" in b"".join(lines[described.line - 1 : described.line])
