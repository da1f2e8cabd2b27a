"""Reading a case file: YAML entries become test cases, or faults with their places."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from autograder.errors import Fault
from autograder.formats.case_structure import case_file_structure
from autograder.formats.draws import Inputs, Randomness, Recipe, Sizes
from autograder.formats.structure import INVALID, Section, did_you_mean, listed
from autograder.formats.yaml_tree import read_yaml
from autograder.model import SCORINGS, Call, TestCase, Tolerance

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from autograder.errors import Place

_LARGEST_INPUT: Final = 10_000_000  # numbers; a slip such as N: 1..1e9 is told at once


class CaseFile:
    """One case file, with what the assignment's settings lend to it."""

    def __init__(
        self,
        path: Path,
        position: int,
        calls: tuple[Call, ...],
        tolerance: Tolerance,
        *,
        hints: bool,
    ) -> None:
        digits = re.match(r"\d+", path.name)
        self._path = path
        self._number = str(int(digits[0])) if digits else str(position)
        self._calls = calls
        self._tolerance = tolerance
        self._hints = hints

    def read(self, names: dict[str, Place], faults: list[Fault]) -> list[TestCase]:
        """The cases that are readable; `names` collects those of all files, which must differ."""
        root = read_yaml(self._path, faults)
        file = case_file_structure(self._calls).read(root, faults) if root else INVALID
        if file is INVALID or "cases" not in file.values:
            return []
        sections = file.get("cases")
        for section in sections:
            _check_name(section, names, faults)
        cases = (self._case(file, section, n, faults) for n, section in enumerate(sections, 1))
        return [case for case in cases if case is not None and names[case.name] == case.place]

    def _case(
        self, file: Section, section: Section, position: int, faults: list[Fault]
    ) -> TestCase | None:
        before = len(faults)
        randomness = self._randomness(section)
        inputs = self._inputs(section, randomness, faults)
        expect = section.get("expect")
        if expect and randomness:
            message = "`expect` needs fixed inputs; a random case is compared with the reference"
            faults.append(Fault(section.at("expect"), message))
        wanted = {name for call in self._calls for name in call.arguments}
        readable = {"name", "inputs", "points"} <= set(section.values) and wanted <= set(inputs)
        if len(faults) > before or not section.faultless or not readable:
            return None
        return TestCase(
            name=section.get("name").strip(),
            number=section.get("number", f"{self._number}.{position}"),
            place=section.at("name"),
            visibility=section.get("visibility", file.get("visibility", "visible")),
            inputs=Inputs(inputs, randomness),
            expect=dict(expect.values) if expect else {},
            expect_places={call: expect.at(call) for call in expect.values} if expect else {},
            tolerance=tolerance_of(section, tolerance_of(file, self._tolerance)),
            points={check: float(points) for check, points in section.get("points").values.items()},
            shared_object=section.get("object") == "shared",
            scoring=section.get("scoring", SCORINGS[0]),
            hints=section.get("hints", file.get("hints", self._hints)),
            tags=tuple(section.get("tags", ())),
            purpose=section.get("purpose", ""),
            places={
                **file.places,
                **section.places,
                **({"seed": section.get("random").at("seed")} if randomness else {}),
            },
        )

    def _randomness(self, section: Section) -> Randomness | None:
        random = section.get("random")
        if random is None:
            return None
        sizes = {name: size for name, size in random.values.items() if isinstance(size, Sizes)}
        return Randomness(random.get("seed", 0), random.get("batches", 1), sizes)

    def _inputs(
        self, section: Section, randomness: Randomness | None, faults: list[Fault]
    ) -> dict[str, NDArray[Any] | Recipe]:
        given = section.get("inputs")
        if given is None:
            return {}
        wanted = dict.fromkeys(name for call in self._calls for name in call.arguments)
        inputs: dict[str, NDArray[Any] | Recipe] = {}
        for name, value in given.values.items():
            if name not in wanted:
                advice = did_you_mean(name, wanted) or f"; the calls take {listed(wanted)}"
                faults.append(Fault(given.at(name), f"no call takes the input `{name}`{advice}"))
            if isinstance(value, tuple):
                inputs[name], names = value
                self._check_draw(given, name, names, randomness, section, faults)
            else:
                inputs[name] = value
        for name in wanted:
            if not given.has(name):
                faults.append(Fault(given.place, f"the input `{name}` is missing; add it"))
        return inputs

    def _check_draw(
        self,
        given: Section,
        name: str,
        names: dict[str, Place],
        randomness: Randomness | None,
        section: Section,
        faults: list[Fault],
    ) -> None:
        recipe: Recipe = given.get(name)[0]
        if randomness is None:
            if not section.has("random"):
                message = "a draw needs `random: {seed: ...}` in its case; add it"
                faults.append(Fault(given.at(name), message))
            return
        total = 1
        for size in recipe.shape:
            if isinstance(size, int):
                total *= size
            elif size in randomness.sizes:
                total *= randomness.sizes[size].high
            elif not section.get("random").has(size):
                known = f"; known here: {listed(randomness.sizes)}" if randomness.sizes else ""
                message = f"the size `{size}` is defined nowhere{known}; define it in `random`"
                faults.append(Fault(names[size], message))
        if total > _LARGEST_INPUT:
            message = f"may have {total:,} numbers; {_LARGEST_INPUT:,} is the most"
            faults.append(Fault(given.at(name), f"{message}, choose smaller sizes"))


def tolerance_of(section: Section, default: Tolerance) -> Tolerance:
    """The tolerance that a section gives, completed from a default."""
    given = section.get("tolerance")
    return Tolerance(**{**default._asdict(), **given.values}) if given else default


def _check_name(section: Section, names: dict[str, Place], faults: list[Fault]) -> None:
    name = section.get("name", "").strip()
    if name in names:
        message = f"the name `{name}` is taken by the case at {names[name]}; choose another"
        faults.append(Fault(section.at("name"), message))
    elif name:
        names[name] = section.at("name")
