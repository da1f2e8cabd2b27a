"""Writes the generated parts of the documents: every key, draw and visibility, from its declaration.

`python -m autograder.tests.make_docs` writes them anew, between lines such as `<!-- draws -->` and
`<!-- end of draws -->`. A test says if that has been forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from autograder.cli import COMMANDS
from autograder.files import write_atomically
from autograder.formats.draws import DRAWS, DTYPES, draw
from autograder.formats.keys import ASSIGNMENT, CASE, CASE_FILE, INHERITED
from autograder.formats.structure import Kind
from autograder.model import Inputs, Randomness, Recipe

REPOSITORY: Final = Path(__file__).resolve().parents[2]
DOCS: Final = REPOSITORY / "autograder" / "docs"
_SEED: Final = 1
_EXAMPLE_SHAPE: Final = (2, 3)
_REQUIRED_OPTIONS: Final[dict[str, dict[str, float]]] = {"labels": {"of": 4}}


def generated(text: str) -> str:
    """A document with each of its generated parts written anew."""

    def renewed(match: re.Match[str]) -> str:
        body = "\n".join(_PARTS[match["name"]]())
        return f"<!-- {match['name']} -->\n{body}\n<!-- end of {match['name']} -->"

    return re.sub(
        r"<!-- (?P<name>[\w ]+) -->\n.*?<!-- end of (?P=name) -->", renewed, text, flags=re.S
    )


def pages() -> list[Path]:
    """The documents that may have generated parts."""
    return [REPOSITORY / "README.md", *sorted(DOCS.glob("*.md"))]


# Keys. -------------------------------------------------------------------------------------------


def _keys(kind: Kind, leave_out: Callable[[str], bool] = lambda _: False) -> Iterator[str]:
    yield from ("| key | what it means | value |", "|---|---|---|")
    for path, value, required in _fields(kind, ""):
        if not leave_out(path):
            meaning = value.schema.get("description", "")
            meaning += " Required." if required else ""
            yield f"| `{path}` | {_cell(meaning)} | {_cell(_values(value))} |"


def _fields(kind: Kind, above: str) -> Iterator[tuple[str, Kind, bool]]:
    """Every key at any depth, with what it holds and whether it has to be given."""
    for key, value in kind.fields.items():
        required = key in kind.schema.get("required", ())
        yield f"{above}{key}", value, required
        below = value.item if value.item is not None else value
        yield from _fields(below, f"{above}{key}{'[]' if value.item else ''}.")
    if kind.others is not None:
        yield f"{above}{kind.noun.upper()}", kind.others, False


def _values(kind: Kind) -> str:
    if kind.fields or kind.others:
        return "keys, see below"
    if kind.item is not None:
        return "a list" if kind.item.fields else f"a list: {kind.item.wanted}"
    return kind.wanted


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


# Draws. ------------------------------------------------------------------------------------------


def _draws() -> Iterator[str]:
    yield from ("| draw | gives | settings | such as |", "|---|---|---|---|")
    for name, one in DRAWS.items():
        settings = "<br>".join(
            f"`{option}`: {meaning}"
            + (" (required)" if default is None else f" ({default:g} unless given)")
            for option, (default, _, meaning) in one.options.items()
        )
        yield f"| `{name}` | {one.meaning} | {settings or 'none'} | {_example(name)} |"
    yield ""
    yield f"`dtype` is one of {', '.join(f'`{dtype}`' for dtype in DTYPES)}."


def _example(name: str) -> str:
    """A draw as it stands in a case file, and the numbers that it gives."""
    given = _REQUIRED_OPTIONS.get(name, {})
    defaults = {option: one.default for option, one in DRAWS[name].options.items()}
    options: dict[str, Any] = {**defaults, **given}
    recipe = Recipe(name, _EXAMPLE_SHAPE, options, 0.0, DRAWS[name].dtype)
    (batch,) = draw(Inputs({"x": recipe}, Randomness(_SEED, 1, {})))
    settings = "".join(f", {option}: {value}" for option, value in given.items())
    return f"`{{{name}: {list(_EXAMPLE_SHAPE)}{settings}}}`: `{batch.inputs['x'].tolist()}`"


# Commands. ---------------------------------------------------------------------------------------


def _commands() -> Iterator[str]:
    yield from ("| command | what it does | for |", "|---|---|---|")
    for readers, commands in COMMANDS.items():
        for name, line in commands.items():
            yield f"| `autograder {name}` | {line} | {readers.removeprefix('for ')} |"


def _is_inherited(path: str) -> bool:
    return path.partition(".")[0] in INHERITED


_PARTS: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "keys of an assignment": lambda: _keys(ASSIGNMENT, _is_inherited),
    "keys of a case file": lambda: _keys(
        CASE_FILE, lambda path: path.startswith("cases[]") or _is_inherited(path)
    ),
    "keys of a case": lambda: _keys(CASE, _is_inherited),
    "inherited keys": lambda: _keys(Kind({}, "", fields=INHERITED)),
    "draws": _draws,
    "commands": _commands,
}


def main() -> None:
    for page in pages():
        old = page.read_text(encoding="utf-8")
        new = generated(old)
        if new != old:
            write_atomically(page, new.encode())
            print(f"{page.relative_to(REPOSITORY)} written")


if __name__ == "__main__":
    main()
