"""The inputs of a case, read from its file: arrays and recipes, and how batches are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from autograder.errors import Fault, Place
from autograder.formats.sizes import least, most_numbers, names_in
from autograder.formats.structure import Section, listed
from autograder.model import Inputs, Randomness, Recipe, Sizes

_LARGEST_INPUT: Final = 1_000_000  # numbers; a slip such as N: 1..1e9 is found at once


def read_inputs(section: Section, faults: list[Fault]) -> Inputs:
    """The readable inputs of a case."""
    given, drawn = section.get("inputs"), section.get("random")
    random = None
    if drawn is not None:
        sizes = {name: size for name, size in drawn.values.items() if isinstance(size, Sizes)}
        random = Randomness(drawn.get("seed", 0), drawn.get("batches", 1), sizes)
    values: dict[str, Any] = {}
    for name, value in given.values.items() if given else ():
        if isinstance(value, tuple):
            values[name], used = value
            _check_draw(values[name], used, given.at(name), section, random, faults)
        else:
            values[name] = value
        if name == "np" or (random and name in random.sizes):
            what = "numpy" if name == "np" else "a size"
            faults.append(Fault(given.keys[name], f"`{name}` is the name of {what} too; rename it"))
    return Inputs(values, random)


def varying(inputs: Inputs) -> frozenset[str]:
    """The inputs and named sizes that differ from batch to batch."""
    sizes = inputs.random.sizes if inputs.random else {}
    drawn = {name for name, value in inputs.values.items() if isinstance(value, Recipe)}
    return frozenset(drawn | {name for name, (low, high) in sizes.items() if low < high})


def _check_draw(
    recipe: Recipe,
    used: list[tuple[int | str, Place]],
    place: Place,
    section: Section,
    random: Randomness | None,
    faults: list[Fault],
) -> None:
    if random is None:
        if not section.has("random"):
            message = "a draw needs `random: {seed: ...}` in its case; add it"
            faults.append(Fault(place, message))
        return
    sound = True
    for size, size_place in used:
        sound &= _is_sound(size, size_place, section.get("random"), random.sizes, faults)
    total = most_numbers(recipe.shape, random.sizes) if sound else 0
    if total > _LARGEST_INPUT:
        message = f"may have {total:,.0f} numbers; {_LARGEST_INPUT:,} is the most"
        faults.append(Fault(place, f"{message}, choose smaller sizes"))


def _is_sound(
    size: int | str,
    place: Place,
    given: Section,
    ranges: Mapping[str, Sizes],
    faults: list[Fault],
) -> bool:
    unknown = [name for name in names_in(size) if name not in ranges]
    for name in unknown:
        if not given.has(name):
            known = f"; known here: {listed(ranges)}" if ranges else ""
            message = f"the size `{name}` is defined nowhere{known}; define it in `random`"
            faults.append(Fault(place, message))
    if unknown:
        return False
    worst = least(size, ranges)
    if not worst.value >= 1:
        message = f"`{size}` {worst}; a size is at least 1, so change the ranges in `random`"
        faults.append(Fault(place, message))
        return False
    return True
