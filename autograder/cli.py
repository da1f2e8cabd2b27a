"""The command line: the commands by name. Only the one that runs is imported, and describes itself."""

from __future__ import annotations

import argparse
import gc
import importlib
import keyword
import os
import sys
from functools import partial
from io import TextIOWrapper
from typing import Final, NoReturn

from autograder import __version__
from autograder.errors import AssignmentError, UsageError
from autograder.threads import use_one_thread

DONE: Final = 0
FAULT: Final = 2

# To add a command, write a module in commands/, named after it, with `add_arguments(parser)` and
# `run(options)`, which returns the exit status; and give it a line here.
COMMANDS: Final[dict[str, dict[str, str]]] = {
    "for students": {
        "check": "check your own submission with the visible test cases",
    },
    "for TAs": {
        "new-assignment": "write a small assignment to start from",
        "new-case": "write a case file to start from",
        "lint": "look for faults in the assignment's files",
        "show": "print what a test case draws and expects",
        "matrix": "show which test case catches which known mistake",
    },
    "for instructors": {
        "grade": "grade a submission with all test cases",
        "class": "grade a whole class, from Gradescope's export or a folder",
        "bundle": "make the zips for Gradescope and for students",
        "preview": "show a results.json as Gradescope would",
    },
}


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        return _run(words)
    except UsageError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return FAULT
    except AssignmentError as error:
        print(error, file=sys.stderr)
        return FAULT
    except BrokenPipeError:
        return DONE  # whoever read our output has seen enough
    except KeyboardInterrupt:
        print("autograder: interrupted", file=sys.stderr)
        return 130


def run_and_exit() -> NoReturn:
    """The console script: run the command that the command line asks for."""
    # A short-lived process saves a tenth of its time if it neither collects the garbage of its
    # imports nor takes the interpreter apart at the end.
    gc.disable()
    use_one_thread()
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started us
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open as long as the process lives
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    if isinstance(sys.stdout, TextIOWrapper):  # into a file, Windows writes only its code page
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = main()
    except SystemExit as error:  # from argparse
        status = error.code if isinstance(error.code, int) else FAULT
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = DONE
    except OSError as error:
        if status != FAULT:  # of which the reason has been told
            print(f"autograder: the output cannot be written: {error.strerror}", file=sys.stderr)
        status = FAULT
    os._exit(status)


def _run(words: list[str]) -> int:
    known = [name for group in COMMANDS.values() for name in group]
    if not words or words[0] not in known:
        _refuse(words, known)
    name, *rest = words
    try:
        return _command(name, rest)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("autograder."):
            raise
        raise UsageError(f"`{name}` is for course staff, and not part of this copy") from None


def _command(name: str, words: list[str]) -> int:
    module = name.replace("-", "_") + "_" * keyword.iskeyword(name)
    command = importlib.import_module(f"autograder.commands.{module}")
    # For the width of the terminal, which only the help needs, argparse would import shutil.
    narrow = partial(argparse.HelpFormatter, width=80)
    parser = argparse.ArgumentParser(prog=f"autograder {name}", formatter_class=narrow)
    command.add_arguments(parser)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    options, unknown = parser.parse_known_args(words)
    if unknown:
        parser.error(_unrecognized(unknown, words))
    status: int = command.run(options)
    return status


def _refuse(words: list[str], known: list[str]) -> NoReturn:
    """What the command line says without a command: help, the version, or what is wrong."""
    parser = argparse.ArgumentParser(
        prog="autograder",
        usage="autograder COMMAND ...",
        description="Grade numpy assignments.",
        epilog=_overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    _, unknown = parser.parse_known_args(words)  # which ends with --help and --version
    if not unknown:
        parser.error(f"name a command: {', '.join(known)}")
    if unknown[0].startswith("-"):
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    from difflib import get_close_matches

    close = get_close_matches(unknown[0], known, 1)
    hint = f"did you mean `{close[0]}`?" if close else f"the commands are {', '.join(known)}"
    parser.error(f"there is no command `{unknown[0]}`; {hint}")


def _overview() -> str:
    width = max(len(name) for group in COMMANDS.values() for name in group)
    lines = []
    for readers, group in COMMANDS.items():
        lines += [f"{readers}:", *(f"  {name:{width}}  {line}" for name, line in group.items()), ""]
    lines += ["`autograder COMMAND --help` describes a command and ends with an example:", ""]
    return "\n".join([*lines, "  autograder check --help"])


def _unrecognized(unknown: list[str], words: list[str]) -> str:
    """What is wrong with words that the command does not take; often they belong to one name."""
    message = f"unrecognized arguments: {' '.join(unknown)}"
    if any(word.startswith("-") for word in words):
        return message
    return f'{message}; put a name that has spaces in quotes: "{" ".join(words)}"'
