"""Runs the corpus of hostile and odd submissions at every level of isolation that this machine has.

`python -m autograder.tests.corpus` prints the table of the README. Levels without an own uid are tried
with the whole grader under an unprivileged uid, everything in namespaces of its own where this process
may make them; attacks that signal widely are run in such a place only, and each by itself.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import py_compile
import shutil
import socket
import stat
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from autograder.formats.assignment import load_assignment
from autograder.judging.stored import freeze_mistakes
from autograder.levels import WALLS, level, walls_of
from autograder.model import Assignment
from autograder.pipeline import grade
from autograder.reports.results_json import results_of, write_results
from autograder.sandbox import Program, Sandbox, WorkerLimits
from autograder.sandbox.sweep import children
from autograder.sandbox.walls import Plan, raise_walls, seccomp  # noqa: F401 - as warm processes
from autograder.sandbox.walls.identity import is_reachable, unused_uid
from autograder.sandbox.walls.landlock import readable_paths

REPOSITORY = Path(__file__).resolve().parents[2]
ATTACKS = Path(__file__).parent / "attacks"
LEVELS = ("uid+landlock+seccomp", "landlock+seccomp", "landlock", "basic")
TARGET = Path("/tmp/autograder-attack-target")
OWN_NAMESPACES = "AUTOGRADER_OWN_NAMESPACES"
_LEFT_BEHIND = ("/tmp/autograder-attack-*", "/dev/shm/autograder-attack-*")
_UNPRIVILEGED = 65_111
_TOTAL_SECONDS = 60.0


class Attack(NamedTuple):
    """One submission of the corpus, and what must come of it; see the head of `corpus.yaml`."""

    name: str
    score: float
    says: tuple[str, ...]
    seconds: float | None
    signals: bool
    unstopped: dict[str, str]
    score_there: float | None
    own_texts: bool
    make: dict[str, Any] | None
    zipped: bool
    pyc: dict[str, Any] | None


class Outcome(NamedTuple):
    """What came of one attack at one level."""

    name: str
    level: str
    results: dict[str, Any]  # results.json
    left: list[str]  # processes, files and System V objects that were not there before


def load_corpus() -> list[Attack]:
    """The attacks of `attacks/corpus.yaml`."""
    entries = yaml.safe_load((ATTACKS / "corpus.yaml").read_text(encoding="utf-8"))
    return [_attack(name, entry) for name, entry in entries.items()]


def _attack(name: str, entry: dict[str, Any]) -> Attack:
    return Attack(
        name=name,
        score=float(entry["score"]),
        says=tuple(entry.get("says", ())),
        seconds=entry.get("seconds"),
        signals=entry.get("signals", False),
        unstopped=entry.get("unstopped", {}),
        score_there=entry.get("score_there"),
        own_texts=entry.get("own_texts", False),
        make=entry.get("make"),
        zipped=entry.get("zip", False),
        pyc=entry.get("pyc"),
    )


def levels_here() -> list[str]:
    """The levels that this machine can provide, the highest first."""
    with Sandbox() as sandbox:
        highest = walls_of(sandbox.level) or ()
    return [name for name in LEVELS if set(walls_of(name) or ()) <= set(highest)]


def run_corpus(name: str, attacks: Iterable[Attack]) -> dict[str, Outcome | None]:
    """Run attacks at a level; None for those that ended the grader itself, or cannot be run here."""
    outcomes: dict[str, Outcome | None] = {}
    together = [attack for attack in attacks if not attack.signals]
    alone = [[attack] for attack in attacks if attack.signals and _may_make_namespaces()]
    for batch in [together, *alone]:
        outcomes.update(dict.fromkeys(attack.name for attack in batch))
        for outcome in _in_a_place_of_its_own(name, batch):
            outcomes[outcome.name] = outcome
    return outcomes


def _may_make_namespaces() -> bool:
    return os.geteuid() == 0 and shutil.which("unshare") is not None


def _in_a_place_of_its_own(name: str, attacks: list[Attack]) -> Iterator[Outcome]:
    command = [sys.executable, "-m", "autograder.tests.corpus", name, *(a.name for a in attacks)]
    if "uid" not in (walls_of(name) or ()) and os.geteuid() == 0:
        command = _as_nobody(command)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["AUTOGRADER_ATTACK_TARGET"] = str(TARGET)
    environment["AUTOGRADER_ATTACK_TOKEN"] = "LEAK:token"
    if _may_make_namespaces():
        # A shell as the first process of the namespace, which signals from inside cannot end.
        shell = ["sh", "-c", '"$@"; exit $?', "sh"]
        environment[OWN_NAMESPACES] = "1"
        command = [
            "unshare",
            "--pid",
            "--fork",
            "--mount-proc",
            "--ipc",
            "--kill-child",
            *shell,
            *command,
        ]
    done = subprocess.run(
        command,
        env=environment,
        cwd="/",
        stdout=subprocess.PIPE,
        text=True,
        timeout=900,
        check=False,
    )
    for line in done.stdout.splitlines():
        with contextlib.suppress(ValueError, TypeError):
            yield Outcome(**json.loads(line))


def _as_nobody(command: list[str]) -> list[str]:
    """Run under a uid without rights; where Python lies below a closed home, with that of reading."""
    drop = ["setpriv", f"--reuid={_UNPRIVILEGED}", f"--regid={_UNPRIVILEGED}", "--clear-groups"]
    if is_reachable([*readable_paths(), str(REPOSITORY), sys.prefix]):
        return [*drop, "--bounding-set=-all", *command]
    kept = "dac_read_search"
    return [*drop, f"--inh-caps=-all,+{kept}", f"--ambient-caps=-all,+{kept}", *command]


# In that place. ----------------------------------------------------------------------------------


def _run_here(name: str, names: list[str]) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        tempfile.TemporaryDirectory() as folder,  # others may use the usual one meanwhile
    ):
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        listener.setblocking(False)
        os.environ["AUTOGRADER_ATTACK_PORT"] = str(listener.getsockname()[1])
        # Before the corpus is read, as no process of a student's may know what is expected of it.
        with Sandbox(walls=walls_of(name) or ()) as sandbox:
            assert sandbox.level == name, f"this machine gives {sandbox.level} for {name}"
            corpus = {attack.name: attack for attack in load_corpus()}
            for each in names:
                outcome = _run_one(corpus[each], sandbox, listener)
                print(json.dumps(outcome._asdict(), allow_nan=False), flush=True)


def _run_one(attack: Attack, sandbox: Sandbox, listener: socket.socket) -> Outcome:
    assignment = _lay_out_target()
    limits = assignment.limits._replace(total_seconds=_TOTAL_SECONDS)
    if attack.seconds is not None:
        limits = limits._replace(call_seconds=attack.seconds)
    results = TARGET / "results" / "results.json"
    with tempfile.TemporaryDirectory() as folder:
        submission = _hand_in(attack, Path(folder))
        before = _traces()
        report = grade(submission, assignment._replace(limits=limits), sandbox)
        write_results(results_of(report), results)
        left = sorted(_traces() - before)
        with contextlib.suppress(BlockingIOError):
            listener.accept()[0].close()
            left.append("a message to another process of this machine")
    written = json.loads(results.read_text(encoding="utf-8"))
    _clear_away()
    return Outcome(attack.name, sandbox.level, written, left)


def _lay_out_target() -> Assignment:
    """What attacks go for: the assignment, data of students, and the results."""
    shutil.rmtree(TARGET, ignore_errors=True)
    (TARGET / "results").mkdir(parents=True)
    TARGET.chmod(0o700)
    for part in ("testcases", "reference"):
        shutil.copytree(REPOSITORY / part, TARGET / part)
    (TARGET / "testcases" / "answers.npz").write_bytes(_frozen_mistakes())  # as in the zip
    metadata = {"users": [{"name": "LEAK:metadata", "email": "secret@example.org"}]}
    (TARGET / "submission_metadata.json").write_text(json.dumps(metadata))
    return load_assignment(TARGET)


@cache
def _frozen_mistakes() -> bytes:
    return freeze_mistakes(load_assignment(REPOSITORY))


def _hand_in(attack: Attack, folder: Path) -> Path:
    """The submission as a student would hand it in: a folder, or a zip."""
    submission = folder / "submission"
    source = ATTACKS / attack.name
    if source.is_dir():
        shutil.copytree(source, submission, symlinks=True)
    else:
        submission.mkdir()
    code = source.with_suffix(".py")
    content = code.read_bytes() if code.is_file() else b""
    if attack.pyc:
        _compile_unchecked(submission, attack.pyc)
    parts = {"loss.py": "copy"} if attack.make is None else attack.make
    if attack.zipped:
        with zipfile.ZipFile(folder / "submission.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path, what in parts.items():
                archive.writestr(zipfile.ZipInfo(path), _content(what, content), compresslevel=1)
        return folder / "submission.zip"
    if not source.is_dir():
        for path, what in parts.items():
            _make(submission / path, what, content)
    return submission


def _make(path: Path, what: Any, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "link":
        path.symlink_to(TARGET / "reference" / "loss.py")
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "device":
        try:
            os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero
        except PermissionError:  # only root may make a device, but anybody may point at one
            path.symlink_to("/dev/zero")
    elif what == "folder":
        path.mkdir()
    else:
        path.write_bytes(_content(what, content))


def _content(what: Any, content: bytes) -> bytes:
    if what == "copy":
        return content
    return str(what["before"] + what["repeat"] * what["times"] + what["after"]).encode()


def _compile_unchecked(folder: Path, pyc: dict[str, Any]) -> None:
    tag = sys.implementation.cache_tag
    for target in pyc["to"]:
        compiled = folder / target.replace("TAG", tag)
        compiled.parent.mkdir(exist_ok=True)
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(folder / pyc["from"]), str(compiled), invalidation_mode=mode)


def _traces() -> set[str]:
    """What a submission could leave behind: processes, files, System V objects."""
    traces = {f"the child process {pid}" for pid in children()}
    traces |= {f"{tempfile.gettempdir()}/{name}" for name in os.listdir(tempfile.gettempdir())}
    for pattern in _LEFT_BEHIND:
        traces |= set(glob.glob(pattern))
    for kind in ("shm", "sem", "msg"):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
            traces |= {f"the System V object {kind} {line.split()[1]}" for line in lines}
    return traces


def _clear_away() -> None:
    """Take away what an attack has left, so that the next one starts from nothing."""
    for pattern in _LEFT_BEHIND:
        for path in map(Path, glob.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    if OWN_NAMESPACES in os.environ:
        subprocess.run(["ipcrm", "--all"], check=False, stderr=subprocess.DEVNULL)


# The README's table. -----------------------------------------------------------------------------


def held(attack: Attack, outcome: Outcome) -> list[str]:
    """What is wrong with an outcome, as sentences; nothing where everything held."""
    wrong = []
    tests = outcome.results["tests"]
    shown = [t for t in tests if t["visibility"] == "visible" or not attack.own_texts]
    if outcome.results["score"] != attack.score:
        wrong.append(f"scored {outcome.results['score']:g} and not {attack.score:g}")
    if outcome.left:
        wrong.append(f"left {', '.join(outcome.left)}")
    text = outcome.results["output"] + "".join(test["output"] for test in shown)
    wrong += [f"shows {mark!r}" for mark in ("LEAK:", "Traceback (most") if mark in text]
    wrong += [f"does not say {words!r}" for words in attack.says if words not in text]
    if any(len(test["output"]) > 4000 for test in tests):
        wrong.append("has a text of more than 4,000 characters")
    return wrong


def _print_table() -> None:
    corpus = load_corpus()
    print("| level | submissions | held | known not to | other |\n|---|---|---|---|---|")
    for name in levels_here():
        outcomes = run_corpus(name, corpus)
        counts = {"run": 0, "held": 0, "known": 0, "other": 0}
        for attack in corpus:
            if attack.name in outcomes:
                outcome = outcomes[attack.name]
                wrong = held(attack, outcome) if outcome else ["ended the grader"]
                kind = "known" if wrong and name in attack.unstopped else "other"
                counts["run"] += 1
                counts[kind if wrong else "held"] += 1
                if kind == "other" and wrong:
                    print(f"{name}: {attack.name} {'; '.join(wrong)}", file=sys.stderr)
        print(f"| {name} | {' | '.join(map(str, counts.values()))} |")
    print()
    for walls in (WALLS, ()):
        print(f"{level(walls)}: raising the walls {_cost_of_walls(walls):.1f} ms, ", end="")
        print(f"a worker from fork to verified end {_cost_of_a_worker(walls):.1f} ms")


def _cost_of_a_worker(walls: tuple[str, ...]) -> float:
    """The median time in ms in which a worker is forked, walled in, killed and swept up after."""
    nothing = Program({}, "", "", (), ())
    times = []
    with Sandbox(walls=walls) as sandbox:
        for _ in range(50):
            sandbox._raised = None
            start = time.perf_counter()
            sandbox.run(nothing, (), WorkerLimits(1.0, 512, 1), time.monotonic() + 10)
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def _cost_of_walls(walls: tuple[str, ...]) -> float:
    """The median time in ms that it takes to raise walls, in forked processes."""
    plan = Plan(walls, unused_uid() if "uid" in walls else 0)
    limits = {"memory_mb": 512, "cpu_seconds": 10}
    times = []
    for _ in range(50):
        with tempfile.TemporaryDirectory() as folder:
            end, start_end = os.pipe()
            pid = os.fork()
            if pid == 0:
                start = time.perf_counter()
                raise_walls(plan, limits, folder)
                os.write(start_end, str(time.perf_counter() - start).encode())
                os._exit(0)
            times.append(float(os.read(end, 100)))
            os.waitpid(pid, 0)
            os.close(end)
            os.close(start_end)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _run_here(sys.argv[1], sys.argv[2:])
    else:
        _print_table()
