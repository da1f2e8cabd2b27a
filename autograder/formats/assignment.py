"""Reading an assignment: `testcases/assignment.yaml` and the case files beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from autograder.errors import AssignmentError, Fault, Place, UsageError
from autograder.formats.draws import (
    DRAWS,
    DTYPES,
    LARGEST,
    Inputs,
    Randomness,
    Recipe,
    Sizes,
    as_dtype,
)
from autograder.formats.model import (
    INPUTS_UNCHANGED,
    SCORINGS,
    VISIBILITIES,
    Assignment,
    Call,
    Limits,
    TestCase,
    Tolerance,
)
from autograder.formats.structure import (
    INVALID,
    Choice,
    Fields,
    Flag,
    Kind,
    Label,
    ListOf,
    Number,
    Numbers,
    Section,
    Text,
    did_you_mean,
    found,
    listed,
)
from autograder.formats.yaml_tree import Node, read_yaml
from autograder.levels import walls_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SETTINGS: Final = "assignment.yaml"
_LARGEST_INPUT: Final = 10_000_000  # numbers; a slip such as N: 1..1e9 is told at once


def find_assignment(start: Path) -> Path:
    """The nearest folder upwards of `start` that holds `testcases/assignment.yaml`.

    Raises UsageError where there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "testcases" / SETTINGS).is_file():
            return folder
    raise UsageError(
        f"no testcases/{SETTINGS} in {start} or above it; name the assignment's folder with --assignment"
    )


def load_assignment(folder: Path) -> Assignment:
    """Read an assignment. Raises AssignmentError, which carries every fault of every file."""
    assignment, faults = read_assignment(folder)
    if faults or assignment is None:
        raise AssignmentError(faults)
    return assignment


def read_assignment(folder: Path) -> tuple[Assignment | None, list[Fault]]:
    """Read as much of an assignment as is readable, and every fault on the way."""
    faults: list[Fault] = []
    settings_path = folder / "testcases" / SETTINGS
    root = read_yaml(settings_path, faults)
    settings = _SETTINGS.read(root, faults) if root else INVALID
    if settings is INVALID or not {"title", "submission", "class", "calls"} <= set(settings.values):
        return None, faults
    calls = tuple(settings.get("calls"))
    _check_calls(settings, calls, faults)
    tolerance = _tolerance(settings, Tolerance())
    case_files = _case_files(folder / "testcases")
    if not case_files:
        faults.append(Fault(Place(settings_path), "there is no case file beside this one; add one"))
    cases: list[TestCase] = []
    names: dict[str, Place] = {}
    for position, path in enumerate(case_files, 1):
        reader = _CaseFile(path, position, calls, tolerance, hints=settings.get("hints", True))
        cases += reader.read(names, faults)
    reference = folder / "reference" / settings.get("submission")
    if not reference.is_file():
        faults.append(Fault(settings.at("submission"), f"there is no reference at {reference}"))
    limits = settings.get("limits")
    assignment = Assignment(
        folder=folder,
        title=settings.get("title"),
        submission=settings.get("submission"),
        class_name=settings.get("class"),
        constructor=settings.get("constructor").values if settings.get("constructor") else {},
        calls=calls,
        tolerance=tolerance,
        limits=Limits(**limits.values) if limits else Limits(),
        require_isolation=walls_of(settings.get("require_isolation", "basic")) or (),
        cases=tuple(cases),
    )
    return assignment, faults


# The structure of the files. ---------------------------------------------------------------------


class _CallText(Kind):
    """A call as it is written: `forward(A, Y)`."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        match = isinstance(node.value, str) and re.fullmatch(
            r"\s*([A-Za-z_]\w*)\s*\(\s*((?:[A-Za-z_]\w*\s*(?:,\s*[A-Za-z_]\w*\s*)*)?)\)\s*",
            node.value,
        )
        if not match:
            message = f"expected a call such as `forward(A, Y)`, found {found(node)}"
            faults.append(Fault(node.place, message))
            return INVALID
        return Call(match[1], tuple(re.findall(r"\w+", match[2])))


class _Argument(Kind):
    """A value for the constructor: a text, a flag, a number, nothing, or an array of numbers."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if isinstance(node.value, list):
            return Numbers().read(node, faults)
        if isinstance(node.value, dict):
            message = "expected a text, a flag, a number or an array of numbers, found a mapping"
            faults.append(Fault(node.place, message))
            return INVALID
        return node.value


class _SizeRange(Kind):
    """A size, `8`, or a range of sizes, `1..64`."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return Sizes(value, value)
        match = isinstance(value, str) and re.fullmatch(r"(\d{1,9})\.\.(\d{1,9})", value)
        if match and 1 <= int(match[1]) <= int(match[2]):
            return Sizes(int(match[1]), int(match[2]))
        message = f"expected a size such as `8`, or a range such as `1..64`, found {found(node)}"
        faults.append(Fault(node.place, message))
        return INVALID


class _Shape(Kind):
    """A draw's shape: sizes, each a number or the name of one, with their places."""

    def __init__(self, least_dimensions: int) -> None:
        self._least = least_dimensions

    def read(self, node: Node, faults: list[Fault]) -> Any:
        items = node.value
        if not isinstance(items, list) or len(items) < self._least:
            message = f"expected a shape such as `[N, C]`, found {found(node)}"
            faults.append(Fault(node.place, message))
            return INVALID
        shape = []
        for item in items:
            size = item.value
            if (isinstance(size, str) and size.isidentifier()) or (type(size) is int and size >= 1):
                shape.append((size, item.place))
            else:
                message = f"expected a size, a number or a name, found {found(item)}"
                faults.append(Fault(item.place, message))
        return shape if len(shape) == len(items) else INVALID


class _Input(Kind):
    """One input: numbers as they are, numbers with a dtype, or a draw."""

    def read(self, node: Node, faults: list[Fault]) -> Any:
        if not isinstance(node.value, dict):
            return Numbers().read(node, faults)
        if "values" in node.value:
            return self._fixed(_FIXED_INPUT.read(node, faults), faults)
        draws = [key for key in node.value if key in DRAWS]
        if len(draws) != 1:
            self._refuse(node, draws, faults)
            return INVALID
        section = _DRAWN_INPUT[draws[0]].read(node, faults)
        return self._drawn(draws[0], section, faults)

    def _fixed(self, section: Section, faults: list[Fault]) -> Any:
        if "values" not in section.values:
            return INVALID
        values, dtype = section.get("values"), section.get("dtype", "float64")
        largest = np.iinfo(dtype).max if dtype.startswith("int") else np.finfo(dtype).max
        if np.abs(values).max() > largest:
            message = f"{np.abs(values).max():g} is beyond {dtype}; choose a wider dtype"
            faults.append(Fault(section.at("values"), message))
            return INVALID
        return as_dtype(values, dtype)

    def _drawn(self, name: str, section: Section, faults: list[Fault]) -> Any:
        options = {
            option: section.get(option, default)
            for option, (default, _, _) in DRAWS[name].options.items()
        }
        readable = all(key in section.values or not section.has(key) for key in ("low", "high"))
        if readable and "low" in options and options["low"] > options["high"]:
            message = f"`low` ({options['low']:g}) is above `high` ({options['high']:g}); swap them"
            faults.append(Fault(section.at("low"), message))
        if name not in section.values:
            return INVALID
        shape = section.get(name)
        recipe = Recipe(
            name,
            tuple(size for size, _ in shape),
            options,
            section.get("shift", 0.0),
            section.get("dtype", DRAWS[name].dtype),
        )
        return recipe, {size: place for size, place in reversed(shape) if isinstance(size, str)}

    def _refuse(self, node: Node, draws: list[str], faults: list[Fault]) -> None:
        place = node.place
        if draws:
            message = f"has {len(draws)} draws ({listed(draws)}); keep one"
        elif not isinstance(node.value, dict) or not node.value:
            message = f"expected numbers or a draw; draws are {listed(DRAWS)}"
        else:
            word, entry = next(iter(node.value.items()))
            place = entry.key_place
            advice = did_you_mean(word, tuple(DRAWS)) or f"; draws are {listed(DRAWS)}"
            message = f"unknown draw `{word}`{advice}"
        faults.append(Fault(place, message))


def _is_filename(text: str) -> bool:
    return text.endswith(".py") and text.strip() == text != ".py" and not set(text) & set("/\\")


_DTYPE: Final = Choice(*DTYPES)
_FIXED_INPUT: Final = Fields({"values": Numbers(), "dtype": _DTYPE})
_DRAWN_INPUT: Final = {
    name: Fields(
        {
            name: _Shape(draw.least_dimensions),
            **{option: kind for option, (_, kind, _) in draw.options.items()},
            "shift": Number(-LARGEST, LARGEST),
            "dtype": _DTYPE,
        }
    )
    for name, draw in DRAWS.items()
}
_TOLERANCE: Final = Fields({"rtol": Number(0), "atol": Number(0)})
_POINTS: Final = Number(0, 1e6)

_SETTINGS: Final = Fields(
    {
        "title": Text(),
        "submission": Text(_is_filename, "the name of a Python file, such as `loss.py`"),
        "class": Text(str.isidentifier, "the name of a class"),
        "constructor": Fields({}, others=_Argument(), noun="argument"),
        "calls": ListOf(_CallText()),
        "tolerance": _TOLERANCE,
        "limits": Fields(
            {
                "call_seconds": Number(0.01, 600),
                "total_seconds": Number(0.01, 2400),
                "memory_mb": Number(192, 65536, whole=True),
                "output_kb": Number(1, 1024, whole=True),
            }
        ),
        "require_isolation": Text(walls_of, "a level such as `uid+landlock+seccomp`"),
        "hints": Flag(),
    },
    required=("title", "submission", "class", "calls"),
)


def _case_structure(calls: Iterable[Call]) -> Fields:
    methods = [call.method for call in calls]
    fields: dict[str, Kind] = {
        "name": Text(),
        "number": Label(),
        "visibility": Choice(*VISIBILITIES),
        "inputs": Fields({}, others=_Input(), noun="input"),
        "random": Fields(
            {
                "seed": Number(0, 2**32 - 1, whole=True),
                "batches": Number(1, 10_000, whole=True),
            },
            required=("seed",),
            others=_SizeRange(),
            noun="size",
        ),
        "expect": Fields(dict.fromkeys(methods, Numbers()), noun="call"),
        "tolerance": _TOLERANCE,
        "points": Fields(
            dict.fromkeys([*methods, INPUTS_UNCHANGED], _POINTS), noun="check", nonempty=True
        ),
        "object": Choice("fresh", "shared"),
        "scoring": Choice(*SCORINGS),
        "hints": Flag(),
        "tags": ListOf(Text()),
    }
    return Fields(fields, required=("name", "inputs", "points"))


def _file_structure(calls: Iterable[Call]) -> Fields:
    return Fields(
        {
            "visibility": Choice(*VISIBILITIES),
            "tolerance": _TOLERANCE,
            "hints": Flag(),
            "cases": ListOf(_case_structure(calls)),
        },
        required=("cases",),
    )


# From what was read to what it means. ------------------------------------------------------------


class _CaseFile:
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
        file = _file_structure(self._calls).read(root, faults) if root else INVALID
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
            tolerance=_tolerance(section, _tolerance(file, self._tolerance)),
            points={check: float(points) for check, points in section.get("points").values.items()},
            shared_object=section.get("object") == "shared",
            scoring=section.get("scoring", SCORINGS[0]),
            hints=section.get("hints", file.get("hints", self._hints)),
            tags=tuple(section.get("tags", ())),
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


def _case_files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in {".yaml", ".yml"} and path.name != SETTINGS and path.name[0] != "."
    )


def _tolerance(section: Section, default: Tolerance) -> Tolerance:
    given = section.get("tolerance")
    return Tolerance(**{**default._asdict(), **given.values}) if given else default


def _check_calls(settings: Section, calls: tuple[Call, ...], faults: list[Fault]) -> None:
    methods = [call.method for call in calls]
    for method in dict.fromkeys(methods):
        if methods.count(method) > 1:
            message = f"`{method}` is called twice; points go by method, so call each once"
            faults.append(Fault(settings.at("calls"), message))
        if method == INPUTS_UNCHANGED:
            faults.append(Fault(settings.at("calls"), f"`{method}` is the name of a check of ours"))


def _check_name(section: Section, names: dict[str, Place], faults: list[Fault]) -> None:
    name = section.get("name", "").strip()
    if name in names:
        message = f"the name `{name}` is taken by the case at {names[name]}; choose another"
        faults.append(Fault(section.at("name"), message))
    elif name:
        names[name] = section.at("name")


def digest_of(assignment: Assignment) -> str:
    """A digest of the case files and the reference, by which two reports can be compared."""
    folder = assignment.folder
    paths = [
        assignment.settings_path,
        *_case_files(folder / "testcases"),
        *sorted(assignment.reference_path.parent.glob("*.py")),
    ]
    import hashlib  # slow to import, and not needed before the student's code runs

    digest = hashlib.sha256()
    for path in paths:
        if path.is_file():
            content = path.read_bytes().replace(b"\r\n", b"\n")
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
