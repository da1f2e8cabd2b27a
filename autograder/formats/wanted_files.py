"""Which of a submission's files are the wanted ones, and what to tell a student who lacks some."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath
from typing import Final, NamedTuple

from autograder.formats.file_kinds import kind_named, sentence
from autograder.formats.members import Member, Members, SubmissionError, last, quoted

_SHOWN: Final = 5
_QUIET: Final = ("generated", "added")  # reasons that concern no file of the student's own


class Choice(NamedTuple):
    """The wanted files that are there, by wanted name; about each of the others a text; and the rest.

    A member's path is the one that its source will have.
    """

    chosen: dict[str, Member]
    missing: dict[str, str]
    others: list[Member]


def choose(found: Members, wanted: tuple[str, ...]) -> Choice:
    """Find the wanted files. Raises SubmissionError if none is there, or more than one set of them."""
    if len(wanted) == 1:
        root, tails = "", {wanted[0]: _only_place(found, wanted[0])}
        new_paths = tails
    else:
        root, tails = _below_one_root(found, wanted)
        new_paths = {name: root + name for name in tails}
    places = {name: root + tail for name, tail in tails.items()}
    rest = {path: member for path, member in found.kept.items() if path not in places.values()}
    return Choice(
        {name: found.kept[path]._replace(path=new_paths[name]) for name, path in places.items()},
        {
            name: _why_one_is_missing(root + name, wanted, Members(rest, found.left_out))
            for name in wanted
            if name not in places
        },
        [member for path, member in rest.items() if path.endswith(".py")],
    )


def target_of(path: PurePath, wanted: tuple[str, ...]) -> str:
    """Which wanted file a single file is. Raises SubmissionError if it is none of several."""
    if len(wanted) == 1:
        return wanted[0]
    for name in sorted(wanted, key=len, reverse=True):
        if _plain(path.as_posix()).endswith(f"/{_plain(name)}"):
            return name
    matches = [name for name in wanted if _plain(last(name)) == _plain(path.name)]
    if len(matches) == 1:
        return matches[0]
    raise SubmissionError(
        f"{quoted(path.name)} was handed in alone, but the assignment asks for {listed(wanted)}. Hand "
        "them in together, in a folder or a zip."
    )


def listed(names: tuple[str, ...]) -> str:
    """`a.py`, or `a.py and b.py`, or `a.py, b.py and c.py`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _only_place(found: Members, name: str) -> str:
    """The path of the one file that is wanted: at the root, or else anywhere."""
    for tail in dict.fromkeys((_plain(name), last(_plain(name)))):
        if tail in found.kept:
            return tail
        matches = sorted(path for path in found.kept if path.endswith(f"/{tail}"))
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise SubmissionError(
                f"The submission holds {len(matches)} files called {name} "
                f"({', '.join(map(quoted, matches[:_SHOWN]))}). Hand in one."
            )
    raise SubmissionError(_why_missing(name, found))


def _below_one_root(found: Members, wanted: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """The folder with the most of several files, and where below it each of those is, by its name."""
    tails = {name: _plain(name) for name in wanted}
    folders = _folders(found, tails)
    if not folders:  # handed in one by one, files lose the folders that they were in
        tails = {name: last(tail) for name, tail in tails.items()}
        folders = _folders(found, tails) if len(set(tails.values())) == len(tails) else {}
    if not folders:
        why = _why_missing(wanted[0], found)
        raise SubmissionError(f"{why} The assignment asks for {listed(wanted)}.")
    most = max(map(len, folders.values()))
    best = sorted(folder for folder, there in folders.items() if len(there) == most)
    if len(best) == 1 or "" in best:
        return best[0], {name: tails[name] for name in wanted if name in folders[best[0]]}
    shown = ", ".join(quoted(folder.rstrip("/")) for folder in best[:_SHOWN])
    if any(folders[best[0]] & folders[other] for other in best[1:]):
        raise SubmissionError(
            f"The submission holds {listed(wanted)} in {len(best)} folders ({shown}). "
            "Hand in one of them."
        )
    raise SubmissionError(
        f"The files that are asked for are in {len(best)} folders ({shown}). Put them into one, as "
        f"{listed(wanted)}, and hand that in."
    )


def _folders(found: Members, tails: dict[str, str]) -> dict[str, set[str]]:
    """The folders below which wanted files are found, each with the wanted names of these."""
    folders: dict[str, set[str]] = {}
    for name, tail in tails.items():
        for path in found.kept:
            if f"/{path}".endswith(f"/{tail}"):
                folders.setdefault(path.removesuffix(tail), set()).add(name)
    return folders


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)


# What to tell. -----------------------------------------------------------------------------------


def _why_missing(wanted: str, members: Members) -> str:
    """One or two sentences on a file that is not in the submission."""
    name = last(wanted)
    paths = _sorted(members)
    if not paths and not members.left_out:
        return f"The submission is empty. Hand in your {wanted}."
    if not paths:
        return (
            f"Nothing in the submission can be used: {_left_out(members, *_QUIET)}. Hand in your "
            f"{name} itself, or a zip made in its folder."
        )
    python = [path for path in paths if path.endswith(".py")]
    advice = (
        _advice(wanted, paths)
        or (len(python) == 1 and f"If {quoted(python[0])} is your file, rename it to {name}.")
        or f"Call your file {name}, spelled exactly like this, and hand it in again."
    )
    holds = _few(list(map(quoted, paths)))
    return f"There is no {wanted} in the submission; it holds {holds}.{_aside(members)} {advice}"


def _why_one_is_missing(wanted: str, asked_for: tuple[str, ...], others: Members) -> str:
    """The same on one of several files, with what is in the submission beside those found."""
    advice = _advice(wanted, _sorted(others))
    return (
        f"There is no {wanted} in the submission.{_aside(others)}{' ' * bool(advice)}{advice} "
        f"Hand in {listed(asked_for)} together."
    )


def _sorted(members: Members) -> list[str]:
    return sorted(members.kept, key=lambda path: (path.count("/"), path))


def _few(words: list[str]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more


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
            return _few(told)
    return ""


def _advice(wanted: str, paths: list[str]) -> str:
    """What to do about the file that is most likely meant, if there is one."""
    import difflib  # only needed once something is missing

    name = last(wanted)
    folded = _folded(name)
    stem = folded.rpartition(".")[0]
    by_name = {path: _folded(last(path)) for path in paths}

    if right := [path for path in paths if last(path) == name]:  # in another folder
        return f"Move {_either(right)} to {wanted}, and hand in everything again."
    if same := [path for path in paths if by_name[path] == folded]:
        return f"Rename {_either(same)} to {name}: capital letters and spaces count."
    python = [path for path in paths if path.endswith(".py") and stem in by_name[path]]
    for path in paths:
        kind = kind_named(path)
        related = stem in by_name[path] or len(paths) == 1
        if kind and not python and (related or ".ipynb" in kind.endings or kind.advice == "unpack"):
            return sentence(kind, quoted(path), wanted)
    longer = re.compile(re.escape(folded) + "[^a-z0-9]")
    if found := [path for path in paths if longer.match(by_name[path])]:
        return (
            f"Rename {_either(found)} to {name}. Your system may hide the last ending; let it show "
            "file name extensions."
        )
    close = difflib.get_close_matches(folded, by_name.values(), 3, 0.75)
    likely = python or [
        path for path in paths if by_name[path] in close or by_name[path].split(".")[0] == stem
    ]
    return f"If {_either(likely)} is your file, rename it to {name}." if likely else ""


def _folded(name: str) -> str:
    """A name as one that looks alike would read."""
    name = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s\u200b-\u200f\u202a-\u202e\ufeff]", "", name)


def _either(paths: list[str]) -> str:
    return " or ".join(map(quoted, paths[:_SHOWN]))
