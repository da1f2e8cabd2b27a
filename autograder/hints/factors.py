"""Factors: by what constant, or by what size of the inputs, results differ from others."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from autograder.judging.compare import within
from autograder.judging.evidence import Evidence
from autograder.model import Batch, Recipe, Tolerance
from autograder.typed import NDArray

Sizes = dict[str, float]

CONSTANTS: Final = {
    "-1": -1.0,
    "2": 2.0,
    "1/2": 0.5,
    "-2": -2.0,
    "ln 2": math.log(2),
    "1 / ln 2": 1 / math.log(2),
    "ln 10": math.log(10),
    "1 / ln 10": 1 / math.log(10),
}
NOTES: Final = {
    name: f"That is what lies between logarithms of base e and {base}."
    for base in (2, 10)
    for name in (f"ln {base}", f"1 / ln {base}")
}
_CLOSE: Final = 1e-4  # of factors
_LEAST_UNNAMED: Final = 1e-2  # by which a factor without a name differs from 1
_SIMPLE: Final = re.compile(r"-?(1 / )?[\w.\[\]]+")  # names of sizes that one number may have
_MOST_SIZES: Final = 6  # that are tried in products


class Factor(NamedTuple):
    """The factor of one batch, and the batch's sizes by name."""

    value: float
    sizes: Sizes
    numbers: int  # that it was found from, zeros apart
    close: float = _CLOSE  # how close to it another one counts as the same, relatively


class SizeNames:
    """What the lengths of inputs are called: by the named sizes of cases, else as in `A.shape[0]`.

    A number that is an input has its own name.
    """

    def __init__(self, known: Sequence[Evidence]) -> None:
        self._evidence = known
        self._known: dict[int, tuple[Sizes, Batch]] = {}
        self._names: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
        for one in known:
            for name, value in one.case.inputs.values.items():
                shape = value.shape if isinstance(value, Recipe) else ()
                for axis, size in enumerate(shape):
                    if isinstance(size, str) and size.isidentifier():
                        self._names[name, axis][size] += 1

    def of(self, batch: Batch) -> Sizes:
        """The sizes of a batch: its own named ones, and those of other cases that fit its inputs."""
        if id(batch) not in self._known:
            self._known[id(batch)] = self._of(batch), batch
        return self._known[id(batch)][0]

    @cached_property
    def shared_axis(self) -> bool:
        """Whether axis 0 of all inputs and results has one length in every batch, and more than one."""
        lengths: set[int] = set()
        for one in self._evidence:
            for rows in zip(*(check.rows for check in one.results.values())):
                arrays = [*rows[0].batch.inputs.values(), *(row.expected for row in rows)]
                found = {a.shape[0] for a in arrays if a is not None and a.ndim}
                if len(found) != 1:
                    return False
                lengths |= found
        return len(lengths) > 1

    def _of(self, batch: Batch) -> Sizes:
        found: dict[str, set[int]] = defaultdict(set)
        unnamed: Sizes = {}
        scalars: Sizes = {}
        for name, array in batch.inputs.items():
            if array.ndim == 0 and array != 0:
                scalars[name] = float(array)
            for axis, length in enumerate(array.shape):
                names = self._names.get((name, axis))
                if names:
                    found[names.most_common(1)[0][0]].add(length)
                else:
                    unnamed[f"{name}.shape[{axis}]"] = length
        named: Sizes = {size: lengths.pop() for size, lengths in found.items() if len(lengths) == 1}
        return {**scalars, **({**named, **batch.sizes} or unnamed)}


def factor_of(
    got: NDArray[np.float64] | None, wanted: NDArray[np.float64], tolerance: Tolerance
) -> float | None:
    """The factor by which all numbers differ from others, 1 included; None if there is none."""
    with np.errstate(all="ignore"):
        scale = float((wanted**2).sum())
        if got is None or not np.isfinite(got).all() or not 0 < scale < np.inf:
            return None
        factor = float((got * wanted).sum()) / scale
        if factor == 0 or not np.isfinite(factor):
            return None
        return factor if within(got / factor, wanted, tolerance).all() else None


def named_factor(
    got: NDArray[np.float64] | None,
    wanted: NDArray[np.float64],
    tolerance: Tolerance,
    sizes: Sizes,
) -> Factor | None:
    """The factor of a batch with its sizes, as precise as the tolerance lets it be."""
    value = factor_of(got, wanted, tolerance)
    if value is None:
        return None
    rounding = tolerance.atol * math.sqrt(wanted.size / float((wanted**2).sum()))
    telling = int((np.abs(wanted) > tolerance.atol).sum())
    return Factor(value, sizes, telling, min(_CLOSE + rounding, _LEAST_UNNAMED))


class FactorNames:
    """What the factors of a check are called: `N`, `1 / (C * N)`, `-1`, `3.5`.

    All cases with such factors are looked at together. Of the names that fit a case, those are taken
    that fit most cases, so sizes that coincide are called what they are elsewhere; and a size that is 1
    everywhere names nothing.
    """

    def __init__(self, factors: Mapping[str, Sequence[Factor]], *, numbers: bool = False) -> None:
        """`factors` are those of each case, one a batch; `numbers` are tried beside sizes, too."""
        self._factors = {case: own for case, own in factors.items() if own}
        together = [one for own in self._factors.values() for one in own]
        values = np.array([one.value for one in together])
        close = np.array([one.close for one in together])
        ends = np.cumsum([len(own) for own in self._factors.values()])
        self._fits: dict[str, set[str]] = {}  # by name, the cases in all batches of which it fits
        self._alike = together and (abs(values - values[0]) <= close * abs(values[0])).all()
        for names in (_named(together), _with_numbers(together) if numbers else ()):
            for name, wanted in names:
                if self._alike and name not in CONSTANTS and not _SIMPLE.fullmatch(name):
                    continue  # of one number, there is always some name
                fits = abs(values - wanted) <= close * abs(wanted)
                parts = np.split(fits, ends[:-1]) if together else []
                fitting = {case for case, part in zip(self._factors, parts) if part.all()}
                if fitting:
                    self._fits[name] = fitting
            if 2 * max(map(len, self._fits.values()), default=0) > len(self._factors):
                break
        self._many = len({tuple(one.sizes.items()) for one in together}) > 1

    def told(self, name: str) -> str:
        """A name for a sentence: with its number if that is always the same, and the name a guess."""
        if not self._alike or not name or name in CONSTANTS or is_number(name):
            return name
        first = next(iter(self._factors.values()))[0].value
        return f"{first:.4g} ({name} here)"

    def fits(self, case: str, name: str) -> bool:
        """Whether a name fits all batches of a case."""
        return case in self._fits.get(name, ())

    def of(self, case: str) -> tuple[str, int]:
        """The name that fits all batches of a case, and how many cases it fits; ("", 0) if none does.

        A factor of 1 has no name. A constant that nothing is called by becomes a number, if it is
        the same in all cases.
        """
        own = self._factors.get(case)
        if not own or all(abs(one.value - 1) <= one.close for one in own):
            return "", 0
        fitting = {name: len(cases) for name, cases in self._fits.items() if case in cases}
        if not fitting:
            batches = sum(map(len, self._factors.values()))
            if self._alike and batches > 1 and abs(own[0].value - 1) >= _LEAST_UNNAMED:
                return f"{own[0].value:.4g}", len(self._factors)
            return "", 0
        most = max(fitting.values())
        names = [name for name, count in fitting.items() if count == most]
        constant = [name for name in names if name in CONSTANTS]
        if constant and self._many:
            return constant[0], most
        sizes = [name for name in names if name not in CONSTANTS]
        return " or ".join(sizes[:2]) or constant[0], most


def _with_numbers(factors: Sequence[Factor]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """A size times a number, or divided by one, which stands in the code."""
    values = np.array([one.value for one in factors])
    for name in sorted({name for one in factors for name in one.sizes})[:_MOST_SIZES]:
        lengths = np.array([one.sizes.get(name, np.nan) for one in factors])
        if len(set(lengths)) < 3:
            continue
        times, over = np.nanmedian(values / lengths), np.nanmedian(values * lengths)
        part = round(1 / times) if times else 0
        divided = abs(part) > 1 and math.isclose(1 / times, part, rel_tol=_CLOSE)
        yield f"{name} / {part}" if divided else f"{times:.4g} * {name}", times * lengths
        yield f"{over:.4g} / {name}", over / lengths


def has_number(name: str) -> bool:
    """Whether a factor is a size with a number beside it that nobody writes, such as `1.443 * N`."""
    return bool(re.search(r"\d\.\d", name))


def is_number(name: str) -> bool:
    """Whether a factor is given as a number, because nothing is called by it."""
    return name not in CONSTANTS and re.fullmatch(r"-?[\d.e+-]+", name) is not None


def _named(factors: Sequence[Factor]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Every name with the factor that it stands for in each batch, NaN if a size is not known."""
    known = sorted({name for one in factors for name, size in one.sizes.items() if size != 1})
    sizes = {
        name: np.array([one.sizes.get(name, np.nan) for one in factors])
        for name in known[:_MOST_SIZES]
    }
    products = {**sizes}
    for name, values in sizes.items():
        products[f"{name} * {name}"] = values**2
        products[f"sqrt({name})"] = np.sqrt(values)
        for one, shifted in ((f"({name} - 1)", values - 1), (f"({name} + 1)", values + 1)):
            products[f"{name} / {one}"] = values / shifted
            products[f"sqrt({name} / {one})"] = np.sqrt(values / shifted)
    for first, second in itertools.combinations(sizes, 2):
        products[f"{first} * {second}"] = sizes[first] * sizes[second]
    for name, values in products.items():
        inverse = f"1 / ({name})" if " " in name else f"1 / {name}"
        if " 1)" in name:  # turned over, rather than written as 1 / (N / (N - 1))
            inverse = re.sub(r"([^(]+) / (\([^()]+\))", r"\2 / \1", name)
        yield name, values
        yield inverse, 1 / values
        yield f"-{name}", -values
        yield f"-{inverse}", -1 / values
    for first, second in itertools.permutations(sizes, 2):
        yield f"{first} / {second}", sizes[first] / sizes[second]
    for name, constant in CONSTANTS.items():
        yield name, np.full(len(factors), constant)
