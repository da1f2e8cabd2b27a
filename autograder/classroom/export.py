"""Reading a class: Gradescope's export as a folder or zip, or any folder of students' files."""

from __future__ import annotations

import os
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Final

from autograder.classroom.listing import Listed, read_listing
from autograder.classroom.roster import Entry, Person, Roster, same_person
from autograder.classroom.sources import Work, read_alone, read_path
from autograder.classroom.trees import LISTING, Tree, folder_tree, is_ignored, zip_tree
from autograder.errors import UsageError
from autograder.text import one_line, plural

GROUPS: Final = ("student", "email", "id")  # that a pattern may name
NO_FILES: Final = "no files in the export"
_NOT_LISTED: Final = f"not in {LISTING}"
_PREFIX: Final = "submission_"
_SHOWN: Final = 5  # names in a warning

Watch = Callable[[int, int], None]  # told how many bytes have been read, of how many


def read_class(path: Path, pattern: str | None, watch: Watch) -> Roster:
    """The submissions of a class, and who handed them in. Raises UsageError."""
    try:
        if path.is_dir():
            tree = folder_tree(path)
            if tree is None:
                return _warned(_plain_folder(path, pattern))
        elif path.exists():
            if not zipfile.is_zipfile(path) and path.suffix.lower() != ".zip":
                raise UsageError(f"{path} is neither an export (a folder or a zip) nor a folder")
            tree = zip_tree(path)
        else:
            raise UsageError(f"there is nothing at {path}")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    if pattern is not None:
        raise UsageError(f"--pattern is for folders without {LISTING}, which says who is who")
    return _warned(_export(tree, watch))


def _warned(roster: Roster) -> Roster:
    """With warnings on people who stand in several submissions."""
    people = [(entry.name, person) for entry in roster.entries for person in entry.people]
    warnings = [
        f"{one_line(who, 80)} is in {len(names)} submissions: {_some(names)}"
        for who, names in same_person(people).items()
    ]
    return roster._replace(warnings=[*roster.warnings, *warnings])


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(one_line(name, 80) for name in names[:_SHOWN]) + more


# Gradescope's export. ----------------------------------------------------------------------------


def _export(tree: Tree, watch: Watch) -> Roster:
    listed, warnings = read_listing(
        tree.listing, tree.listing_name, lambda count: watch(count, tree.listing_bytes)
    )
    folders = dict(tree.folders)
    entries = []
    for key, one in listed.items():
        name = key if key in folders or not key.isdigit() else _PREFIX + key
        entries.append(_listed_entry(name, one, folders.pop(name, None)))
    if not tree.folders and any(key.endswith(".pdf") or key.isdigit() for key in listed):
        raise UsageError(f"{tree.listing_name} lists scanned PDFs, not files of code")
    missing = [entry.name for entry in entries if entry.read is None]
    if missing:
        warnings.append(
            f"{plural(len(missing), 'submission')} without files in the export: {_some(missing)}"
        )
    if folders:
        warnings.append(
            f"{plural(len(folders), 'folder')} not listed in {LISTING}: {_some(list(folders))}"
        )
    for name, read in folders.items():
        unknown = Entry(name, (Person(name),), read, _NOT_LISTED, aliases=_aliases(name))
        entries.append(unknown)
    return Roster(entries, warnings, tree.passed_over)


def _listed_entry(name: str, one: Listed, read: Callable[[str], Work] | None) -> Entry:
    people = tuple(person for person in one.people if any(person)) or (Person(name),)
    note = NO_FILES if read is None else ""
    return Entry(name, people, read, note, one.before, _aliases(name))


def _aliases(name: str) -> tuple[str, ...]:
    return (name.removeprefix(_PREFIX),)


# Any other folder. -------------------------------------------------------------------------------


def _plain_folder(path: Path, pattern: str | None) -> Roster:
    compiled = _compiled(pattern)
    children: list[tuple[str, str, Callable[[str], Work]]] = []  # stem, whole name, reader
    passed_over = 0
    with os.scandir(path) as scan:
        for entry in sorted(scan, key=lambda entry: entry.name):
            suffix = PurePath(entry.name).suffix.lower()
            stem = entry.name[: len(entry.name) - len(suffix)]
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_ignored(entry.name) or entry.name == "__pycache__":
                passed_over += 1
            elif is_folder:
                children.append((entry.name, entry.name, _reader(read_path, entry.path)))
            elif suffix == ".py":
                children.append((stem, entry.name, _reader(read_alone, entry.path)))
            elif suffix == ".zip" and not entry.is_symlink():
                children.append((stem, entry.name, _reader(read_path, entry.path)))
            else:
                passed_over += 1
    if not children:
        raise UsageError(f"{path} holds no submissions: neither folders nor .py nor .zip files")
    stems = Counter(stem.casefold() for stem, _, _ in children)
    entries, unmatched = [], []
    for stem, whole, read in children:
        name = stem if stems[stem.casefold()] == 1 else whole
        person = Person(name)
        if compiled is not None:
            match = compiled.search(stem) or compiled.search(whole)
            if match:
                person = _person(match)
            else:
                unmatched.append(name)
        entries.append(Entry(name, (person,), read, aliases=(whole,)))
    if len(unmatched) == len(entries):
        raise UsageError(f"--pattern matches nothing in {path}, such as {_some(unmatched)}")
    warnings = [f"--pattern does not match {_some(unmatched)}"] if unmatched else []
    return Roster(entries, warnings, passed_over)


def _reader(read: Callable[[Path, str], Work], path: str) -> Callable[[str], Work]:
    return lambda filename: read(Path(path), filename)


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    groups = ", ".join(f"(?P<{name}>...)" for name in GROUPS)
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--pattern is not a regular expression: {error}") from None
    if not set(GROUPS) & set(compiled.groupindex):
        raise UsageError(f"--pattern names no group; give it one of {groups}")
    return compiled


def _person(match: re.Match[str]) -> Person:
    named = match.groupdict()
    return Person(*((named.get(group) or "").strip() for group in GROUPS))
