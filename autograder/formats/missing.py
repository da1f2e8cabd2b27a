"""What to tell a student whose submission lacks a file: what is there instead, and what to do."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from autograder.formats.file_kinds import kind_named, sentence
from autograder.formats.members import Members, quoted

_SHOWN: Final = 5
_QUIET: Final = ("generated", "added")  # reasons that concern no file of the student's own


def why_missing(wanted: str, members: Members) -> str:
    """One or two sentences on a file that is not in the submission."""
    name = wanted.rpartition("/")[2]
    paths = _sorted(members.kept)
    if not paths and not members.left_out:
        return f"The submission is empty. Hand in your {wanted}."
    if not paths:
        return (
            f"Nothing in the submission can be used: {_left_out(members, *_QUIET)}. Hand in your "
            f"{name} itself, or a zip made in its folder."
        )
    shown = ", ".join(map(quoted, paths[:_SHOWN]))
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    python = [path for path in paths if path.endswith(".py")]
    advice = (
        _advice(wanted, paths)
        or (len(python) == 1 and f"If {quoted(python[0])} is your file, rename it to {name}.")
        or f"Call your file {name}, spelled exactly so, and hand it in again."
    )
    return (
        f"There is no {wanted} in the submission; it holds {shown}{more}.{_aside(members)} {advice}"
    )


def why_one_is_missing(wanted: str, asked_for: str, others: Members) -> str:
    """The same on one of several files, with what is in the submission beside those found."""
    advice = _advice(wanted, _sorted(others.kept))
    return (
        f"There is no {wanted} in the submission.{_aside(others)}{' ' * bool(advice)}{advice} "
        f"Hand in {asked_for} together."
    )


def _sorted(paths: Iterable[str]) -> list[str]:
    return sorted(paths, key=lambda path: (path.count("/"), path))


def _aside(members: Members) -> str:
    left_out = _left_out(members)
    return f" Left out: {left_out}." if left_out else ""


def _left_out(members: Members, *quiet: str) -> str:
    """What was left out, and why; with reasons that are `quiet` only if there is no other."""
    for loud in ("", *quiet):
        told = [
            f"{quoted(path)} ({reason})"
            for path, reason in members.left_out.items()
            if (reason.startswith(loud) if loud else not reason.startswith(_QUIET))
        ]
        if told:
            break
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return ", ".join(told[:_SHOWN]) + more


def _advice(wanted: str, paths: list[str]) -> str:
    """What to do about the file that is most likely meant, if there is one."""
    name = wanted.rpartition("/")[2]
    folded = _folded(name)
    stem = folded.rpartition(".")[0]
    by_name = {path: _folded(path.rpartition("/")[2]) for path in paths}

    right = [path for path in paths if path.rpartition("/")[2] == name]
    if right:  # in another folder than the one that is asked for
        return f"Move {_either(right)} to {wanted}, and hand in everything again."
    same = [path for path in paths if by_name[path] == folded]
    if same:
        return f"Rename {_either(same)} to {name}: capital letters and spaces count."
    longer = [path for path in paths if re.match(re.escape(folded) + "[^a-z0-9]", by_name[path])]
    python = [path for path in paths if path.endswith(".py") and stem in by_name[path]]
    kinds = {path: kind for path in paths if (kind := kind_named(path))}
    for path, kind in kinds.items():
        related = stem in by_name[path] or len(paths) == 1
        if not python and (related or ".ipynb" in kind.endings or kind.is_archive):
            return sentence(kind, quoted(path), wanted)
    if longer:
        return (
            f"Rename {_either(longer)} to {name}. Your system may hide the last ending; let it show "
            "file name extensions."
        )
    close = difflib.get_close_matches(folded, by_name.values(), 3, 0.75)
    likely = python or [
        path for path in paths if by_name[path] in close or by_name[path].split(".")[0] == stem
    ]
    return f"If {_either(likely)} is your file, rename it to {name}." if likely else ""


def _folded(name: str) -> str:
    """A name as one that looks alike would read."""
    return re.sub(
        r"[\s\u200b-\u200f\u202a-\u202e\ufeff]", "", unicodedata.normalize("NFKC", name).casefold()
    )


def _either(paths: list[str]) -> str:
    return " or ".join(map(quoted, paths[:_SHOWN]))
