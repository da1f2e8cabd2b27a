"""Runs the corpus of hostile and odd submissions at every level of isolation that this machine has.

`python -m autograder.tests.corpus` prints the table of security.md. Levels without a uid of their own
are tried with the whole grader under an unprivileged uid, everything in namespaces of its own if this
process may make them. Attacks that signal widely are run in such a place only, and each by itself.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.formats.assignment import load_assignment
from autograder.formats.draws import draw
from autograder.judging.storing import store_mistakes
from autograder.judging.suite import Suite
from autograder.levels import walls_of
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.reports.results_json import results_of, write_results
from autograder.sandbox import Sandbox
from autograder.sandbox.sweep import children
from autograder.sandbox.walls.identity import is_reachable
from autograder.sandbox.walls.landlock import readable_paths
from autograder.tests.corpus_files import REPOSITORY, Attack, Run, hand_in, load_corpus

LEVELS: Final = ("uid+landlock+seccomp", "landlock+seccomp", "landlock", "basic")
_UNPRIVILEGED: Final = 65_111
_TOTAL_SECONDS: Final = 60.0
_NAMESPACES: Final = ("unshare", "--pid", "--fork", "--mount-proc", "--ipc", "--kill-child")
_NUMBERS: Final = count(os.getpid() * 100)


class Outcome(NamedTuple):
    """What came of one attack at one level."""

    name: str
    level: str
    results: dict[str, Any] | None  # results.json; None if the grader gave nothing
    left: list[str]  # processes, files and System V objects that were not there before
    ended: str = ""  # how the grader ended, if it gave nothing
    skipped: str = ""  # why it cannot be run here
    secret: list[int] = []  # numbers that must not be shown  # noqa: RUF012 - never changed


def levels_here() -> list[str]:
    """The levels that this machine can provide, the highest first."""
    with Sandbox() as sandbox:
        highest = walls_of(sandbox.level) or ()
    return [name for name in LEVELS if set(walls_of(name) or ()) <= set(highest)]


def run_corpus(plan: dict[str, list[str]]) -> Iterator[Outcome]:
    """Run attacks, by level; two levels at a time if they cannot disturb each other."""
    attacks = {attack.name: attack for attack in load_corpus()}
    _stored_mistakes()  # once, before there are threads that ask for it
    jobs = 2 if not reason_against_namespaces() else 1
    with ThreadPoolExecutor(jobs) as pool:
        levels = [pool.submit(_run_level, name, [attacks[n] for n in plan[name]]) for name in plan]
        for level in levels:
            yield from level.result()


@cache
def reason_against_namespaces() -> str:
    """Why this process cannot make namespaces of its own; empty if it can."""
    return _reason_against([*_NAMESPACES, "true"])


@cache
def reason_against_level(name: str) -> str:
    """Why the grader cannot be run for a level, although the machine has it; empty if it can."""
    return _reason_against(_command_for(name, ["true"]))


def _reason_against(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    return "" if done.returncode == 0 else done.stderr.strip() or f"{command[0]} failed"


def _run_level(name: str, attacks: list[Attack]) -> list[Outcome]:
    if reason := reason_against_level(name):
        return [
            Outcome(a.name, name, None, [], skipped=f"no grader here: {reason}") for a in attacks
        ]
    together = [attack.name for attack in attacks if not attack.signals]
    outcomes = list(_run_together(name, together))
    for attack in attacks:
        if attack.signals and (reason := reason_against_namespaces()):
            reason = f"it signals widely, and there is no place of its own for it: {reason}"
            outcomes.append(Outcome(attack.name, name, None, [], skipped=reason))
        elif attack.signals:
            outcomes += _run_together(name, [attack.name])
    return outcomes


def _run_together(name: str, names: list[str]) -> Iterator[Outcome]:
    """Run attacks in one grader; one that ends it costs its own outcome only."""
    in_vain = 0
    while names:
        done, ended = _in_a_place_of_its_own(name, names)
        yield from done
        names = names[len(done) :]
        in_vain = 0 if done else in_vain + 1
        lost = names if in_vain > 2 else names[:1]  # if nothing works, nothing is tried for ever
        yield from (Outcome(each, name, None, [], ended=ended) for each in lost)
        names = names[len(lost) :]


def _in_a_place_of_its_own(name: str, names: list[str]) -> tuple[list[Outcome], str]:
    """Outcomes, and how the grader ended: its status and the end of what it wrote to stderr."""
    run = Run(next(_NUMBERS))
    here = [sys.executable, "-m", "autograder.tests.corpus", "--here", name, str(run.number)]
    command = _command_for(name, [*here, *names])
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["AUTOGRADER_ATTACK_TOKEN"] = "LEAK:token"
    if not reason_against_namespaces():
        # A shell as the first process of the namespace, which signals from inside cannot end.
        command = [*_NAMESPACES, "sh", "-c", '"$@"; exit $?', "sh", *command]
    seconds = 120 + 10 * len(names)
    try:
        _keep_stored_mistakes(run, of_root="setpriv" not in command)
        done = subprocess.run(
            command, env=environment, cwd="/", capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        stdout, stderr, status = error.stdout, error.stderr, f"none within {seconds} s"
    else:
        stdout, stderr, status = done.stdout, done.stderr, str(done.returncode)
    finally:
        _clear_away(run, [str(run.stored_mistakes)])
    outcomes = []
    for line in (stdout or b"").splitlines():
        with contextlib.suppress(ValueError, TypeError):
            outcomes.append(Outcome(**json.loads(line)))
    return outcomes, f"status {status}; {(stderr or b'').decode('utf-8', 'replace')[-2000:]}"


def _keep_stored_mistakes(run: Run, of_root: bool) -> None:
    """Leave for the grader what takes long to work out, so that only that user can read it."""
    run.stored_mistakes.touch(mode=0o600)
    run.stored_mistakes.write_bytes(_stored_mistakes())
    if not of_root:
        os.chown(run.stored_mistakes, _UNPRIVILEGED, _UNPRIVILEGED)


@cache
def _stored_mistakes() -> bytes:
    return store_mistakes(Suite(load_assignment(REPOSITORY)))


def _command_for(name: str, command: list[str]) -> list[str]:
    """A command as it is run for a level: if that has no uid, under one without rights.

    If Python lies below a closed home, that uid keeps the right to read.
    """
    if "uid" in (walls_of(name) or ()) or os.geteuid() != 0:
        return command
    drop = ["setpriv", f"--reuid={_UNPRIVILEGED}", f"--regid={_UNPRIVILEGED}", "--clear-groups"]
    if is_reachable([*readable_paths(), str(REPOSITORY), sys.prefix]):
        return [*drop, "--inh-caps=-all", *command]
    kept = "dac_read_search"
    return [*drop, f"--inh-caps=-all,+{kept}", f"--ambient-caps=-all,+{kept}", *command]


# In that place. ----------------------------------------------------------------------------------


def _run_here(name: str, run: Run, names: list[str]) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        tempfile.TemporaryDirectory() as folder,  # others may use the usual one meanwhile
    ):
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        listener.setblocking(False)
        os.environ["AUTOGRADER_ATTACK_TARGET"] = str(run.target)
        os.environ["AUTOGRADER_ATTACK_PORT"] = str(listener.getsockname()[1])
        # Before the corpus is read, as no process of a student's may know what is expected of it.
        with Sandbox(walls=walls_of(name) or ()) as sandbox:
            assert sandbox.level == name, f"this machine gives {sandbox.level} for {name}"
            corpus = {attack.name: attack for attack in load_corpus()}
            _lay_out_target(run)
            assignment = load_assignment(run.target)
            suite = Suite(assignment)  # one for all, as in a run of a whole class
            for each in names:
                limits = assignment.limits._replace(total_seconds=_TOTAL_SECONDS)
                if (seconds := corpus[each].seconds) is not None:
                    limits = limits._replace(call_seconds=seconds)
                suite.assignment = assignment._replace(limits=limits)
                outcome = _run_one(corpus[each], suite, sandbox, listener, run)
                print(json.dumps(outcome._asdict(), allow_nan=False), flush=True)


def _run_one(
    attack: Attack, suite: Suite, sandbox: Sandbox, listener: socket.socket, run: Run
) -> Outcome:
    _lay_out_target(run)
    results = run.target / "results" / "results.json"
    with tempfile.TemporaryDirectory() as folder:
        submission = hand_in(attack, Path(folder), run)
        before = _traces(run)
        report = grade(submission, suite, sandbox)
        write_results(results_of(report), results)
        left = sorted(_traces(run) - before)
        with contextlib.suppress(BlockingIOError):
            listener.accept()[0].close()
            left.append("a message to another process of this machine")
    written = json.loads(results.read_text(encoding="utf-8"))
    _clear_away(run, left)
    return Outcome(
        attack.name, sandbox.level, written, left, secret=_secret(attack, suite.assignment)
    )


def _lay_out_target(run: Run) -> None:
    shutil.rmtree(run.target, ignore_errors=True)
    (run.target / "results").mkdir(parents=True)
    run.target.chmod(0o700)
    for part in ("testcases", "reference"):
        shutil.copytree(REPOSITORY / part, run.target / part)
    shutil.copy(run.stored_mistakes, run.target / "testcases" / "answers.bin")  # as in the zip
    metadata = {"users": [{"name": "LEAK:metadata", "email": "secret@example.org"}]}
    (run.target / "submission_metadata.json").write_text(json.dumps(metadata))


def _secret(attack: Attack, assignment: Assignment) -> list[int]:
    """The numbers that an attack tells from the first hidden input of the type float32."""
    if not attack.secret:
        return []
    hidden = (case for case in assignment.cases if case.visibility != "visible")
    A = next(
        A for case in hidden for A in [draw(case.inputs)[0].inputs["A"]] if A.dtype == np.float32
    )
    return [int(number) for number in eval(attack.secret, {"A": A.astype(float)})]


def _traces(run: Run) -> set[str]:
    """What a submission could leave behind: processes, files, System V objects."""
    traces = {f"the child process {pid}" for pid in children()}
    traces |= {f"{tempfile.gettempdir()}/{name}" for name in os.listdir(tempfile.gettempdir())}
    for folder in ("/tmp", "/dev/shm"):
        traces |= set(glob.glob(f"{folder}/{run.mark}-*"))
    for kind in ("shm", "sem", "msg"):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
            traces |= {f"the System V object {kind} {line.split()[1]}" for line in lines}
    return traces


def _clear_away(run: Run, left: list[str]) -> None:
    """Take away what an attack has left, so that the next one starts from nothing."""
    for path in [run.target, *map(Path, left)]:
        if path.is_absolute() and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_absolute():
            path.unlink(missing_ok=True)
    for trace in left:
        if found := re.fullmatch(r"the System V object (shm|sem|msg) (\d+)", trace):
            option = {"shm": "-m", "sem": "-s", "msg": "-q"}[found[1]]
            subprocess.run(["ipcrm", option, found[2]], check=False, stderr=subprocess.DEVNULL)


# What came of it. --------------------------------------------------------------------------------


def held(attack: Attack, outcome: Outcome) -> list[str]:
    """What is wrong with an outcome, as sentences; nothing if everything held."""
    if outcome.results is None:
        return [f"ended the grader ({outcome.ended})"]
    wrong = []
    tests = outcome.results["tests"]
    shown = [t for t in tests if t["visibility"] == "visible" or not attack.own_texts]
    if outcome.results["score"] != attack.score:
        wrong.append(f"scored {outcome.results['score']:g} and not {attack.score:g}")
    if outcome.left:
        wrong.append(f"left {', '.join(outcome.left)}")
    text = outcome.results["output"] + "".join(test["output"] for test in shown)
    wrong += [
        f"shows {mark!r}" for mark in ("LEAK:", "Traceback (most", *attack.hides) if mark in text
    ]
    wrong += [f"does not say {words!r}" for words in attack.says if words not in text]
    told = {match for match in re.findall(r"\d+", text) if int(match) in outcome.secret}
    wrong += [f"tells {number} of a hidden input" for number in sorted(told)]
    if any(len(test["output"]) > 4000 for test in tests):
        wrong.append("has a text of more than 4,000 characters")
    return wrong


def _print_table() -> None:
    corpus = {attack.name: attack for attack in load_corpus()}
    counts = {name: {"run": 0, "held": 0, "known": 0, "other": 0} for name in levels_here()}
    for outcome in run_corpus({name: list(corpus) for name in counts}):
        if outcome.skipped:
            print(f"{outcome.level}: {outcome.name}: {outcome.skipped}", file=sys.stderr)
            continue
        attack, level = corpus[outcome.name], counts[outcome.level]
        wrong = held(attack, outcome)
        kind = "known" if wrong and outcome.level in attack.unstopped else "other"
        level["run"] += 1
        level[kind if wrong else "held"] += 1
        if kind == "other" and wrong:
            print(f"{outcome.level}: {outcome.name} {'; '.join(wrong)}", file=sys.stderr)
    print("| level | submissions | held | known not to | other |\n|---|---|---|---|---|")
    for name, level in counts.items():
        print(f"| {name} | {' | '.join(map(str, level.values()))} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        _run_here(sys.argv[2], Run(int(sys.argv[3])), sys.argv[4:])
    elif sys.argv[1:] == ["--plan"]:
        for each in run_corpus(json.load(sys.stdin)):
            print(json.dumps(each._asdict()), flush=True)
    else:
        _print_table()
