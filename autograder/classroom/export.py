"""Reading a class: Gradescope's export as a folder or zip, or any folder of students' files."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Final

from autograder.classroom.export_zip import zip_tree
from autograder.classroom.listing import Listed, read_listing
from autograder.classroom.progress import Progress
from autograder.classroom.roster import LISTING, Entry, Person, Read, Roster, Tree, is_ignored
from autograder.classroom.sources import work_of
from autograder.errors import UsageError
from autograder.formats.submission import read_submission
from autograder.text import one_line, plural

NO_FILES: Final = "no files in the export"
_GROUPS: Final = ("student", "email", "id")  # that a pattern may name
_PREFIX: Final = "submission_"
_SHOWN: Final = 5  # names in a warning


def read_class(path: Path, pattern: str | None = None) -> Roster:
    """The submissions of a class, and who handed them in. Raises UsageError."""
    try:
        if path.is_dir():
            tree = _folder_tree(path)
            if tree is None:
                return _plain_folder(path, pattern)
        elif path.is_file():
            tree = zip_tree(path)
        else:  # not read, in case it is a pipe or a device without end
            what = "is not a file or folder" if path.exists() else "is not there"
            raise UsageError(f"{path} {what}; name an export, or a folder of submissions")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    if pattern is not None:
        raise UsageError(f"--pattern is for folders without {LISTING}, which says who is who")
    return _export(tree)


# Gradescope's export. ----------------------------------------------------------------------------


def _folder_tree(path: Path) -> Tree | None:
    """The export in a folder, or in the one export that the folder holds; None if there is none."""
    inner = [path] if (path / LISTING).is_file() else []
    inner = inner or [one.parent for one in sorted(path.glob(f"assignment_*_export/{LISTING}"))]
    if not inner:
        return None
    if len(inner) > 1:
        raise UsageError(f"{path} holds {len(inner)} exports; name one of them")
    folders: dict[str, Read] = {}
    passed_over = 0
    with os.scandir(inner[0]) as scan:
        for entry in sorted(scan, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False) and not is_ignored(entry.name):
                folders[entry.name] = _reader(Path(entry.path))
            elif entry.name != LISTING:
                passed_over += 1
    listing = inner[0] / LISTING
    size = listing.stat().st_size
    return Tree(lambda: listing.open("rb"), str(listing), size, folders, passed_over)


def _export(tree: Tree) -> Roster:
    with Progress("reading the export", tree.listing_bytes, of_bytes=True) as progress:
        listed, warnings = read_listing(tree.listing, tree.listing_name, progress.step)
    if not tree.folders and any(key.endswith(".pdf") or key.isdigit() for key in listed):
        raise UsageError(f"{tree.listing_name} lists scanned PDFs, not files of code")
    folders = dict(tree.folders)
    entries = []
    for key, one in listed.items():
        name = key if key in folders or not key.isdigit() else _PREFIX + key
        entries.append(_listed_entry(name, one, folders.pop(name, None)))
    missing = [entry.name for entry in entries if entry.read is None]
    if missing:
        count = plural(len(missing), "submission")
        warnings.append(f"{count} without files in the export: {_some(missing)}")
    if folders:
        count = plural(len(folders), "folder")
        warnings.append(f"{count} not listed in {LISTING}: {_some(list(folders))}")
    for name, read in folders.items():
        entries.append(
            _listed_entry(name, Listed((), None), read)._replace(note=f"not in {LISTING}")
        )
    return Roster(entries, [*warnings, *_twice(entries)], tree.passed_over)


def _listed_entry(name: str, one: Listed, read: Read | None) -> Entry:
    people = tuple(person for person in one.people if any(person)) or (Person(name),)
    note = NO_FILES if read is None else ""
    return Entry(name, people, read, note, one.before, name.removeprefix(_PREFIX))


def _twice(entries: list[Entry]) -> list[str]:
    """Warnings on people who stand in several submissions."""
    found: dict[tuple[str, str], dict[str, Person]] = {}
    for entry in entries:
        for person in entry.people:
            found.setdefault(next(iter(person.keys), ("", "")), {})[entry.name] = person
    return [
        f"{one_line(' '.join(who), 120)} is in {len(names)} submissions: {_some(list(names))}"
        for names in found.values()
        if len(names) > 1 and any(who := next(iter(names.values())))
    ]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(one_line(name, 80) for name in names[:_SHOWN]) + more


# Any other folder. -------------------------------------------------------------------------------


def _plain_folder(path: Path, pattern: str | None) -> Roster:
    compiled = _compiled(pattern)
    children: list[tuple[str, str, Read]] = []  # stem, whole name, reader
    passed_over = 0
    with os.scandir(path) as scan:
        for entry in sorted(scan, key=lambda entry: entry.name):
            stem, suffix = os.path.splitext(entry.name)
            is_folder = entry.is_dir(follow_symlinks=False)
            wanted = is_folder or (suffix.lower() in (".py", ".zip") and not entry.is_symlink())
            if is_ignored(entry.name) or not wanted:
                passed_over += 1
            else:
                name = entry.name if is_folder else stem
                children.append((name, entry.name, _reader(Path(entry.path))))
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
                named = match.groupdict()
                person = Person(*((named.get(group) or "").strip() for group in _GROUPS))
            else:
                unmatched.append(whole)
        people = (person if any(person) else Person(name),)
        entries.append(Entry(name, people, read, alias=whole))
    if len(unmatched) == len(entries):
        raise UsageError(f"--pattern matches nothing in {path}, such as {_some(unmatched)}")
    warnings = [f"--pattern does not match {_some(unmatched)}"] if unmatched else []
    return Roster(entries, [*warnings, *_twice(entries)], passed_over)


def _reader(path: Path) -> Read:
    """Reads a submission; a Python file without what lies beside it, which is other students'."""
    return lambda wanted: work_of(lambda: read_submission(path, wanted, alone=True))


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--pattern is not a regular expression: {error}") from None
    if not set(_GROUPS) & set(compiled.groupindex):
        groups = ", ".join(f"(?P<{name}>...)" for name in _GROUPS)
        raise UsageError(f"--pattern names no group; give it one of {groups}")
    return compiled
