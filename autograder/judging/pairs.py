"""Pairs of known mistakes: what a solution does that makes two of them at once."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from types import FunctionType
from typing import Any, Final

from autograder.judging.mistakes import Mistake
from autograder.model import INPUTS_UNCHANGED

BESIDES: Final = "\n"  # between the hints of the two, each of which is on one line

_MOST: Final = 160


def pairs_of(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """The mistakes two by two, the most frequent pairs first, as far as both can be made at once.

    They can if they replace different methods of one class, as Python's own inheritance puts them
    together, or different functions; and only a check that both break gets both.
    """
    places = [(i, k) for k in range(len(mistakes)) for i in range(k)]
    # How often both come together goes by how often each does: the first with any, then the others.
    places.sort(key=lambda pair: ((pair[0] + 1) * (pair[1] + 1), pair))
    found = (pair for i, k in places for pair in _pair(mistakes[i], mistakes[k]))
    return [pair for pair, _ in zip(found, range(_MOST))]


def _pair(one: Mistake, other: Mistake) -> Iterator[Mistake]:
    breaks = [c for c in one.breaks if c in other.breaks and c != INPUTS_UNCHANGED]
    replaced = _replaced(one, other)
    if breaks and replaced:
        name, hint = f"{one.name} and {other.name}", one.hint + BESIDES + other.hint
        yield Mistake(name, hint, tuple(breaks), replaced, one.modules, one.place)


def _replaced(one: Mistake, other: Mistake) -> dict[str, object]:
    if not one.replaced.keys() & other.replaced.keys():
        both = {**one.replaced, **other.replaced}
        return both if not any(isinstance(value, type) for value in both.values()) else {}
    classes = [*one.replaced.values(), *other.replaced.values()]
    if len(classes) != 2 or not all(isinstance(value, type) for value in classes):
        return {}
    first: Any = classes[0]
    second: Any = classes[1]
    shared = next(base for base in inspect.getmro(first) if issubclass(second, base))
    if shared in classes or _methods(first, shared) & _methods(second, shared):
        return {}
    both_of = type(first.__name__, (first, second), {"__module__": first.__module__})
    return dict.fromkeys(one.replaced, both_of)


def _methods(mistake: type, shared: type) -> set[str]:
    """The methods that a class and its bases have, below a base that it shares with another."""
    own = [base for base in inspect.getmro(mistake) if base not in inspect.getmro(shared)]
    return {n for base in own for n, value in vars(base).items() if isinstance(value, FunctionType)}
