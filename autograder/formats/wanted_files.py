"""Which of a submission's files are the wanted ones: found by name, at the places asked for."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath
from typing import NamedTuple

from autograder.formats.members import Member, Members, SubmissionError, quoted


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
        path = _only_place(found, wanted[0])
        return Choice({wanted[0]: found.kept[path]}, {}, _others(found, {path}))
    from autograder.formats.missing import why_missing, why_one_is_missing

    names = {name: name for name in wanted}
    folders = _folders(found, names)
    if not folders:  # handed in one by one, files lose the folders that they were in
        names = {name: _last(name) for name in wanted}
        folders = _folders(found, names) if len(set(names.values())) == len(names) else {}
    if not folders:
        raise SubmissionError(f"{why_missing(wanted[0], found)} Asked for are {listed(wanted)}.")
    root = _root(folders, names)
    places = {name: root + names[name] for name in wanted if name in folders[root]}
    rest = Members(
        {p: m for p, m in found.kept.items() if p not in places.values()}, found.left_out
    )
    return Choice(
        {name: found.kept[path]._replace(path=root + name) for name, path in places.items()},
        {
            name: why_one_is_missing(root + name, listed(wanted), rest)
            for name in wanted
            if name not in places
        },
        _others(found, set(places.values())),
    )


def target_of(path: PurePath, wanted: tuple[str, ...]) -> str:
    """Which of several wanted files a single file is. Raises SubmissionError if none of them."""
    for name in sorted(wanted, key=len, reverse=True):
        if _plain(path.as_posix()).endswith(f"/{_plain(name)}"):
            return name
    matches = [name for name in wanted if _plain(_last(name)) == _plain(path.name)]
    if len(matches) == 1:
        return matches[0]
    raise SubmissionError(
        f"{quoted(path.name)} is handed in alone, and asked for are {listed(wanted)}. Hand in these, "
        "in a folder or a zip."
    )


def listed(names: tuple[str, ...]) -> str:
    """`a.py`, or `a.py and b.py`, or `a.py, b.py and c.py`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _only_place(found: Members, name: str) -> str:
    """The path of the one file that is wanted: at the root, or else anywhere."""
    for tail in dict.fromkeys((_plain(name), _last(_plain(name)))):
        if tail in found.kept:
            return tail
        matches = sorted(path for path in found.kept if path.endswith(f"/{tail}"))
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise SubmissionError(
                f"The submission holds {len(matches)} files called {name} "
                f"({', '.join(map(quoted, matches[:5]))}). Hand in one."
            )
    from autograder.formats.missing import why_missing  # of no use as long as it is there

    raise SubmissionError(why_missing(name, found))


def _folders(found: Members, names: dict[str, str]) -> dict[str, set[str]]:
    """The folders below which wanted files are found, each with the wanted names of these."""
    folders: dict[str, set[str]] = {}
    for name, tail in names.items():
        for path in found.kept:
            if f"/{path}".endswith(f"/{_plain(tail)}"):
                folders.setdefault(path.removesuffix(_plain(tail)), set()).add(name)
    return folders


def _root(folders: dict[str, set[str]], names: dict[str, str]) -> str:
    """The folder with the most of them; among equals the root, or else none."""
    most = max(map(len, folders.values()))
    best = sorted(folder for folder, there in folders.items() if len(there) == most)
    if len(best) == 1 or "" in best:
        return best[0]
    shown = ", ".join(quoted(folder.rstrip("/")) for folder in best[:5])
    if any(folders[best[0]] & folders[other] for other in best[1:]):
        raise SubmissionError(
            f"The submission holds {listed(tuple(names))} in {len(best)} folders ({shown}). "
            "Hand in one of them."
        )
    raise SubmissionError(
        f"The files that are asked for are in {len(best)} folders ({shown}). Put them into one, as "
        f"{listed(tuple(names))}, and hand that in."
    )


def _others(found: Members, chosen: set[str]) -> list[Member]:
    return [m for path, m in found.kept.items() if path not in chosen and path.endswith(".py")]


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)
