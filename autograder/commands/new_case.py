"""`autograder new-case`: a case file to start from, which runs as it is."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.proposal import Proposal, input_text, propose, random_text
from autograder.commands.arguments import add_assignment, describe, writing
from autograder.errors import AssignmentError, UsageError
from autograder.formats.assignment import find_assignment, read_assignment
from autograder.formats.draws import DRAWS
from autograder.formats.schemas import schema_line
from autograder.model import INPUTS_UNCHANGED, VISIBILITIES
from autograder.text import one_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to a parser."""
    describe(
        parser,
        "Write a new case file with comments, for you to change. Nothing is overwritten.",
        'autograder new-case "Very large inputs" --random',
    )
    parser.add_argument("name", help="what students will read: say what is tested")
    add_assignment(parser)
    parser.add_argument(
        "--random", action="store_true", help="draw random inputs (default: fixed numbers)"
    )


def run(options: argparse.Namespace) -> int:
    """Write a case file beside the others, and say what comes next; returns the exit status.

    Raises UsageError if the name is taken, or the file cannot be written.
    """
    folder: Path = options.assignment or find_assignment(Path.cwd())
    assignment, faults = read_assignment(folder)
    if assignment is None:  # faults in other case files do not matter here
        raise AssignmentError(faults)
    name = one_line(options.name, 200)
    if not name:
        raise UsageError("the case needs a name; say what it tests")
    if re.search(r"\.ya?ml$", name):
        raise UsageError(f"`{name}` is a file; give the case's name, which students read")
    if name in {case.name for case in assignment.cases}:
        raise UsageError(f"there is a case `{name}` already; choose another name")
    number, path = _free_path(folder / "testcases", name)
    proposal = propose(assignment, drawn=options.random)
    with writing(path):
        lines = [schema_line(folder), *_lines(proposal, name)]
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
    option = f" --assignment {shlex.quote(str(folder))}" if options.assignment else ""
    print(f"{path} written. Change it to what you want, then run")
    print(f"    autograder lint{option}")
    print(f"    autograder show {number}.1{option}")
    return 0


def _free_path(folder: Path, name: str) -> tuple[int, Path]:
    taken = [int(found[0]) for path in folder.iterdir() if (found := re.match(r"\d+", path.name))]
    number = max(taken, default=0) // 10 * 10 + 10
    words = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:40].rstrip("_")
    return number, folder / f"{number}_{words or 'case'}.yaml"


def _lines(proposal: Proposal, name: str) -> Iterator[str]:
    inputs, checks = proposal.inputs, proposal.checks
    yield "# Say here what the cases of this file are for. Delete the comments that you do not need."
    yield f"visibility: {VISIBILITIES[0]}    # {' | '.join(VISIBILITIES)}"
    for key, text in proposal.program.items():
        yield f"{key}: {text}"
    yield "cases:"
    yield f"  - name: {json.dumps(name, ensure_ascii=False)}    # for students: what is tested"
    yield "    # purpose: why it is here; needed if it catches no known mistake that the others miss"
    if inputs.random:
        yield "    # A seed gives the same numbers everywhere. Sizes are drawn again for each batch."
        yield f"    random: {random_text(inputs.random)}"
    if inputs.values:
        yield "    inputs:    # the values that the program uses by name"
    for given, value in inputs.values.items():
        yield f"      {given}: {input_text(value)}"
    if inputs.random:
        yield "    # The draws, with their settings; `shift` and `dtype` apply to any of them:"
        for draw_name, draw in DRAWS.items():
            options = f" ({', '.join(draw.options)})" if draw.options else ""
            yield f"    #   {draw_name}: {draw.meaning}{options}"
        yield "    # run_setup: once    # the setup runs once for all batches, not for each"
        yield "    # scoring: proportional    # points in proportion to the batches that pass"
    elif checks:
        yield "    # Printed numbers to compare with, and half a unit of their last digit:"
        yield f"    # expect: {{{checks[0]}: 1.234}}"
        yield "    # tolerance: {rtol: 0, atol: 5.0e-4}"
    points = ", ".join(f"{check}: 1" for check in checks)
    yield f"    points: {{{points}}}    # {INPUTS_UNCHANGED} is a check too"
