"""Describes exceptions; their own methods are the student's code too, and may do anything."""

from __future__ import annotations

from collections.abc import Mapping
from types import FrameType, ModuleType
from typing import Any

from autograder.sandbox.bench import PROGRAM, NothingReturned, StepError, names_of
from autograder.sandbox.observation import MISSING_ATTRIBUTE, MISSING_NAME, OWN_ERRORS, Outcome

Sources = Mapping[str, bytes]


def failure(error: BaseException, sources: Sources) -> dict[str, Any]:
    """The header of an observation for what a step or an import raised."""
    # By exact type: `isinstance` would ask the student's own `__class__`.
    if type(error) is NothingReturned:
        return {"outcome": Outcome.PLACEHOLDER.value, "type_name": str(error)}
    if type(error) is StepError:
        kind, what, owner = error.args
        told = {"type_name": kind, "message": what, "owner": owner[:2000]}
        return {"outcome": Outcome.RAISED.value, "error": told}
    try:
        described = _describe(error, sources)
    except BaseException:
        described = {"type_name": "an exception that cannot be shown", "line": 0}
    unwritten = _is_placeholder(error, described, sources)
    outcome = Outcome.PLACEHOLDER if unwritten else Outcome.RAISED
    return {"outcome": outcome.value, "error": described}


def place_of(frame: FrameType, sources: Sources) -> dict[str, Any]:
    """The innermost line of the student's own in a running frame, as of an error without a type."""
    told: dict[str, Any] = {}
    current: FrameType | None = frame
    while current is not None:
        code = current.f_code
        if code.co_filename in sources and "line" not in told:
            told.update(path=code.co_filename, line=current.f_lineno, function=code.co_name[:200])
        elif code.co_filename == PROGRAM:
            told["step_line"] = current.f_lineno
        current = current.f_back
    return told


def _describe(error: BaseException, sources: Sources) -> dict[str, Any]:
    path, line, function, step_line = "", 0, "", 0
    if isinstance(error, SyntaxError) and error.filename in sources:
        path, line = str(error.filename), error.lineno or 0
        message = str(error.msg)
    else:
        message = str(error)
        step = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            if code.co_filename in sources:
                path, line, function = code.co_filename, step.tb_lineno, code.co_name
            elif code.co_filename == PROGRAM:
                step_line = step.tb_lineno
            step = step.tb_next
    if isinstance(error, ImportError) and error.name and not message:
        message = error.name
    missing = _missing_attribute(error) if not line and step_line else None
    name = str(type(error).__name__)[:200]
    own = "Exception" if name in OWN_ERRORS else name  # these stand for what the worker finds
    kind, message, owner = missing or (own, message, "")
    return {
        "type_name": kind,
        "message": message[:2000],
        "path": path,
        "line": int(line),
        "function": str(function)[:200],
        "step_line": int(step_line),
        "owner": owner,
    }


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


def _is_placeholder(error: BaseException, described: dict[str, Any], sources: Sources) -> bool:
    """Whether a starter's body raised this: NotImplementedError, `raise NotImplemented`, None / None."""
    if type(error) is NotImplementedError:
        return True
    if type(error) is not TypeError:
        return False
    message = str(described["message"])
    if message.startswith("unsupported operand") and message.count("'NoneType'") == 2:
        return True
    lines = sources.get(described.get("path", ""), b"").splitlines()
    number = described["line"]
    return 0 < number <= len(lines) and b"raise NotImplemented" in lines[number - 1]
