"""Writes the page of a class, and a page for each submission; prints one of the groups."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import autograder
from autograder.classroom.grade_all import Basis, Options, Tally
from autograder.classroom.grades_csv import Row
from autograder.classroom.groups import Group, groups_of
from autograder.classroom.page import Facts, page_name, render
from autograder.classroom.roster import Outcome
from autograder.classroom.store import keep_only, result_name, update, write
from autograder.errors import UsageError
from autograder.text import one_line, plural, safe

_GROUPS: Final = ".groups.json"
_MISSING: Final = (
    'report.html was not written: it needs jinja2 and matplotlib; `pip install "autograder[class]"`'
)
_FOR_STAFF: Final = (
    "<p><strong>For staff: hidden checks are in here.</strong> "
    '<a href="../report.html">The class</a></p>\n'
)


def write_pages(
    options: Options, basis: Basis, tally: Tally, rows: list[Row], attention: list[str]
) -> str:
    """Write all pages; says what is missing for it, if anything is."""
    out, outcomes = options.out, tally.outcomes
    groups = groups_of(outcomes)
    _write_submissions(out, outcomes)
    by_name = {outcome.entry.name: outcome for outcome in outcomes}
    shown = {
        group: (_text_of(out, group), _code_of(by_name[group.members[0]], basis.wanted))
        for group in groups
    }
    stored = [
        {
            "members": group.members,
            "checks": [line.title for line in group.checks],
            "sample": shown[group],
        }
        for group in groups
    ]
    update(out / _GROUPS, json.dumps(stored).encode())
    when = datetime.now().astimezone().strftime("%d %B %Y, %H:%M (%Z)")
    facts = Facts(when, autograder.__version__, tally.reused, attention)
    try:
        page = render(facts, basis, outcomes, rows, groups, shown.__getitem__)
    except ImportError:
        return _MISSING
    update(out / "report.html", page.encode())
    return ""


def _write_submissions(out: Path, outcomes: list[Outcome]) -> None:
    from autograder.reports.preview import page

    folder = out / "submissions"
    names = {page_name(one.entry.name): one.entry.name for one in outcomes if one.graded}
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        keep_only(folder, names)
        for file, name in names.items():
            path, results = folder / file, out / "results" / result_name(name)
            if path.exists() and path.stat().st_mtime_ns >= results.stat().st_mtime_ns:
                continue  # it is of these results
            html = page(json.loads(results.read_bytes()), f"For staff: {one_line(name, 80)}")
            write(path, html.replace("<body>\n", f"<body>\n{_FOR_STAFF}", 1).encode())
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror}") from error


def _text_of(out: Path, group: Group) -> str:
    """What the first member reads on the first of the checks."""
    results = json.loads((out / "results" / result_name(group.members[0])).read_bytes())
    first = group.checks[0]
    for test in results["tests"]:
        if (test.get("number"), test["name"]) == (first.number, first.name):
            return str(test["output"])
    return ""


def _code_of(outcome: Outcome, wanted: tuple[str, ...]) -> str:
    contents = outcome.entry.read(wanted).wanted if outcome.entry.read is not None else {}
    heads = {name: f"# {name}\n" if len(contents) > 1 else "" for name in contents}
    return "\n\n".join(heads[n] + s.decode("utf-8", "replace") for n, s in contents.items())


def print_group(out: Path, number: int) -> None:
    """Print what a new known mistake has to reproduce. Raises UsageError if there is no such group."""
    found: list[dict[str, Any]] = []
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((out / _GROUPS).read_bytes())
    if not 1 <= number <= len(found):
        there = f"there are {len(found)}" if found else "no run with groups has written there"
        raise UsageError(f"there is no group {number} in {out}: {there}")
    group = found[number - 1]
    text, code = group["sample"]
    print(
        f"Group {number}: {plural(len(group['members']), 'submission')} with the same numbers, which "
        "no known mistake gives."
    )
    print("A new class in reference/mistakes.py has to fail these checks:")
    for check in group["checks"]:
        print(f"    {one_line(check)}")
    print(f"\nWhat {one_line(group['members'][0], 80)} reads on the first:\n\n{safe(text)}")
    print(f"\nIts code:\n\n{safe(code)}")
    print("\nAll of them: " + ", ".join(one_line(name, 80) for name in group["members"]))
