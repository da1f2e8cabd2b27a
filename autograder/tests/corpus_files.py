"""Reads the corpus of hostile and odd submissions, and lays a submission out as a student hands it in.

`attacks/README.md` says what the keys of an entry mean.
"""

from __future__ import annotations

import json
import os
import py_compile
import shutil
import stat
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

REPOSITORY: Final = Path(__file__).resolve().parents[2]
ATTACKS: Final = Path(__file__).parent / "attacks"
KINDS: Final = ("gain", "break", "leak", "reader", "fine")
_ZEROS: Final = 0.0  # what zeros are worth, of 100
SCORES: Final = {
    **dict.fromkeys(("zeros", "finds", "hands_on", "shipped", "steals"), _ZEROS),
    "right": 100.0,
}
_SLOTS: Final = ("lines", "class", "forward", "backward", "end")
_COMPRESSIONS: Final = {
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}


class Attack(NamedTuple):
    """One submission of the corpus, and what must come of it."""

    name: str
    threat: str
    base: str
    code: dict[str, str]  # its own lines, by slot; `whole` instead of a base
    uses: tuple[str, ...]
    replace: dict[str, str]
    patches: dict[str, str]
    reads: tuple[str, ...]
    variables: tuple[str, ...]
    make: dict[str, Any] | None
    zip: str
    pyc: tuple[str, ...]
    score: float
    says: tuple[str, ...]
    hides: tuple[str, ...]
    secret: str
    own_texts: bool
    seconds: float | None
    signals: bool
    unstopped: dict[str, str]
    score_there: float | None


class Run(NamedTuple):
    """One run of the corpus: its number tells its files, sockets and keys from those of others."""

    number: int

    @property
    def mark(self) -> str:
        """What the names of all files that attacks make begin with."""
        return f"autograder-attacks-{self.number}"

    @property
    def target(self) -> Path:
        """The folder that attacks go for: the assignment, data of students, and the results."""
        return Path(f"/tmp/{self.mark}-target")

    @property
    def stored_mistakes(self) -> Path:
        """What the assignment's known mistakes do, as the zip brings it along."""
        return Path(f"/tmp/{self.mark}-mistakes")


def load_corpus() -> list[Attack]:
    """All attacks, in the order of their kinds."""
    return [
        _attack(name, entry)
        for kind in KINDS
        for name, entry in yaml.safe_load((ATTACKS / f"{kind}.yaml").read_text("utf-8")).items()
    ]


def _attack(name: str, entry: dict[str, Any]) -> Attack:
    entry = dict(entry)
    base = entry.pop("base", "" if "whole" in entry or _files_of(name) else "zeros")
    fails = entry.pop("fails", None)
    attack = Attack(
        name=name,
        threat=entry.pop("threat"),
        base=base,
        code={slot: entry.pop(slot) for slot in (*_SLOTS, "whole") if slot in entry},
        uses=tuple(entry.pop("uses", ())),
        replace=entry.pop("replace", {}),
        patches=entry.pop("patches", {}),
        reads=tuple(entry.pop("reads", ())),
        variables=tuple(entry.pop("variables", ())),
        make=entry.pop("make", None),
        zip=entry.pop("zip", ""),
        pyc=tuple(entry.pop("pyc", ())),
        score=0.0 if fails is not None else float(entry.pop("score", SCORES.get(base, -1))),
        says=tuple(entry.pop("says", ()) if fails is None else fails),
        hides=tuple(entry.pop("hides", ())),
        secret=entry.pop("secret", ""),
        own_texts=entry.pop("own_texts", False),
        seconds=entry.pop("seconds", None),
        signals=entry.pop("signals", False),
        unstopped=entry.pop("unstopped", {}),
        score_there=entry.pop("score_there", None),
    )
    assert not entry, f"{name} has keys that nothing reads: {', '.join(entry)}"
    assert attack.score >= 0, f"{name} has no score"
    return attack


def _files_of(name: str) -> list[Path]:
    """The file or the folder that is handed in as it is."""
    return [path for path in (ATTACKS / "files").iterdir() if path.stem == name]


# What stands in it. ------------------------------------------------------------------------------


def source_of(attack: Attack, run: Run) -> bytes:
    """The text of the submission's main file."""
    for path in _files_of(attack.name):
        return path.read_bytes() if path.is_file() else b""
    uses = [*attack.uses, *(["patch"] if attack.patches and "patch" not in attack.uses else [])]
    parts = [_read_base(part) for part in uses]
    own = "whole" if "whole" in attack.code else "lines"
    code = {**attack.code, own: "\n".join(filter(None, _own_lines(attack, own)))}
    parts.append(code["whole"] if own == "whole" else _fill(attack, code))
    text = "\n".join(parts)
    if "MARK" in text or "RUN" in text:
        text = f"MARK, RUN = {run.mark!r}, {run.number}\n{text}"
    return text.encode()


def _own_lines(attack: Attack, slot: str) -> list[str]:
    names = {"READS": attack.reads, "VARIABLES": attack.variables}
    return [
        *(f"{name} = {values!r}" for name, values in names.items() if values),
        attack.code.get(slot, ""),
        *(f"patch({name!r}, {value})" for name, value in attack.patches.items()),
    ]


def _fill(attack: Attack, code: dict[str, str]) -> str:
    """The base with an entry's lines in its slots."""
    base = _read_base(attack.base)
    for old, new in attack.replace.items():
        assert old in base, f"{attack.name} replaces {old!r}, which is not there"
        base = base.replace(old, new)
    lines = []
    for line in base.splitlines():
        slot = line.partition("...  # ")[2]
        if slot in _SLOTS:
            indentation = line[: -len(line.lstrip())] if line.startswith(" ") else ""
            lines.append(textwrap.indent(code.pop(slot, ""), indentation))
        else:
            lines.append(line)
    assert not any(code.values()), f"{attack.name}: {attack.base} has no slot for {[*code]}"
    return "\n".join(lines) + "\n"


def _read_base(name: str) -> str:
    return (ATTACKS / "base" / f"{name}.py").read_text(encoding="utf-8")


# As it is handed in. -----------------------------------------------------------------------------


def hand_in(attack: Attack, folder: Path, run: Run) -> Path:
    """Lay a submission out in a folder: a folder in it, or a zip."""
    submission = folder / "submission"
    for whole in _files_of(attack.name):
        if whole.is_dir():
            shutil.copytree(whole, submission)
            return submission
    submission.mkdir()
    content = source_of(attack, run)
    parts = {"loss.py": "copy"} if attack.make is None else attack.make
    if attack.zip:
        kind = _COMPRESSIONS[attack.zip]
        with zipfile.ZipFile(folder / "submission.zip", "w", kind) as archive:
            for path, what in parts.items():
                name = path.replace("{MARK}", run.mark)
                archive.writestr(zipfile.ZipInfo(name), _content(path, what, content), kind, 1)
        return folder / "submission.zip"
    for path, what in parts.items():
        _make(submission / path, path, what, content, run)
    for path in attack.pyc:
        _compile_unchecked(submission / path.replace("TAG", sys.implementation.cache_tag or ""))
    return submission


def _make(path: Path, name: str, what: Any, content: bytes, run: Run) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "link":
        path.symlink_to(run.target / "reference" / "loss.py")
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
        path.write_bytes(_content(name, what, content))


def _content(path: str, what: Any, content: bytes) -> bytes:
    if what == "copy":
        return content
    if what == "ran":
        return _ran(path)
    if isinstance(what, str):
        return _read_base(what).encode()
    if "text" in what:
        return str(what["text"]).encode()
    return str(what["before"] + what["repeat"] * what["times"] + what["after"]).encode()


def _ran(path: str) -> bytes:
    text = json.dumps(f"{path} was run")
    return f"import builtins; builtins.autograder_attack = {text}\n".encode()


def _compile_unchecked(compiled: Path) -> None:
    """Compiled code of a correct solution, which Python runs without a look at the source."""
    compiled.parent.mkdir(exist_ok=True)
    source = compiled.parent / "correct.txt"
    source.write_bytes(_ran(compiled.name) + _read_base("right").encode())
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), str(compiled), invalidation_mode=mode, doraise=True)
