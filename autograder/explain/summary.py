"""The summary of a report: what there is to fix, each mistake once, in the order of points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from autograder.explain.sentences import COMES_OF_IT
from autograder.judging.verdicts import BOTH, Verdict
from autograder.text import one_line, plural

_NOT_REACHED: Final = "Not reached"
_COMPARES: Final = re.compile(r"was expected|^ +expected ", re.MULTILINE)
# Where a text says to look first: at a step of the worked example, or at another result.
_FIRST: Final = re.compile(
    r"step \d+ \([^()]*\)(?= first|, so compare that first| is the first)"
    r"|(?<=Your )\w+(?= is wrong as well, and its text says more)"
)
_MOST_SENTENCE: Final = 180
_MOST_THINGS: Final = 8


class Thing(NamedTuple):
    """One mistake, and the checks that fail because of it."""

    sentence: str  # names the mistake, without a full stop
    verdicts: tuple[Verdict, ...]  # in the order of the report
    best: Verdict  # whose text explains the mistake best

    @property
    def points(self) -> float:
        """The points lost."""
        return sum(verdict.max_points - verdict.points for verdict in self.verdicts)


def things_to_fix(verdicts: Sequence[Verdict]) -> list[Thing]:
    """Failed checks, grouped by the sentence that says what is wrong; the costliest come first."""
    failed = [verdict for verdict in verdicts if not verdict.passed]
    roots = [verdict for verdict in failed if not verdict.text.startswith(_NOT_REACHED)]
    in_case = {root.case: root for root in reversed(roots)}
    # Whatever gave a result to compare with what was expected has kept nobody waiting; it may leave
    # no result right, though.
    elsewhere = next((root for root in roots if not _COMPARES.search(root.text)), None)
    elsewhere = elsewhere or next(iter(roots), None)
    groups: dict[str, list[Verdict]] = {}
    for verdict in failed:
        root = verdict
        if verdict.text.startswith(_NOT_REACHED):  # because of another check
            root = in_case.get(verdict.case) or elsewhere or verdict
        groups.setdefault(_key(_cause(root)), []).append(verdict)
    for cause in list(groups):
        parts = [_key(part) for part in cause.split(BOTH)]
        if len(parts) > 1 and all(part in groups for part in parts):
            groups[parts[0]] += groups.pop(cause)  # each of the two is listed anyway
    things = [_thing(group) for group in groups.values()]
    return sorted(things, key=lambda thing: -thing.points)  # stable: else in the report's order


def summary_of(verdicts: Sequence[Verdict]) -> str:
    """The things to fix as plain text, a numbered line each; empty if every check passed."""
    things = things_to_fix(verdicts)
    if not things:
        return ""
    lost = points_text(sum(thing.points for thing in things))
    lines = [f"{plural(len(things), 'thing')} to fix, {lost}:"]
    lines += [f"{n}. {_line(thing)}" for n, thing in enumerate(things[:_MOST_THINGS], 1)]
    rest = things[_MOST_THINGS:]
    if rest:
        points = points_text(sum(thing.points for thing in rest))
        lines.append(f"and {plural(len(rest), 'more thing')} ({points}).")
    return "\n".join(lines)


def others_of(thing: Thing) -> str:
    """The checks of a thing besides the best: `slope of 10.1, 20.2; error of 20.1`."""
    numbers: dict[str, list[str]] = {}
    for verdict in thing.verdicts:
        if verdict is not thing.best:
            numbers.setdefault(verdict.check.replace("_", " "), []).append(verdict.number)
    return "; ".join(f"{check} of {', '.join(listed)}" for check, listed in numbers.items())


def points_text(points: float) -> str:
    """`1 point`, `2.5 points`."""
    return f"{short(points)} point{'' if points == 1 else 's'}"


def short(points: float) -> str:
    """Points with at most two decimals."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def _line(thing: Thing) -> str:
    checks = f"{plural(len(thing.verdicts), 'check')}, " if len(thing.verdicts) > 1 else ""
    return f"{thing.sentence} ({checks}{points_text(thing.points)}; see {thing.best.number})."


def _thing(group: Sequence[Verdict]) -> Thing:
    best = min(group, key=_distance_from_best)
    parts = _cause(best).rstrip(".").split(BOTH)
    if len(parts) > 1:  # each is said in full below
        parts = [part.partition(":")[0].rstrip(".") + "." for part in parts]
    sentence = BOTH.join(parts).rstrip(".")
    first = _FIRST.search(best.text)
    if first and _is_unexplained(best):
        sentence += f"; begin with {first[0]}"
    return Thing(one_line(sentence, _MOST_SENTENCE), tuple(group), best)


def _distance_from_best(verdict: Verdict) -> tuple[bool, bool, bool, bool, bool, int]:
    """The best text is not a mere consequence, can be seen, and has an example that is short."""
    return (
        verdict.text.startswith(_NOT_REACHED),
        f"{COMES_OF_IT}." in verdict.text,
        verdict.visibility != "visible",
        _is_unexplained(verdict) and "Step by step" not in verdict.text,
        "\n    " not in verdict.text,
        len(verdict.text),
    )


def _is_unexplained(verdict: Verdict) -> bool:
    """Whether no more is known than when a check fails: then the way to the result helps most."""
    return re.match(rf"{verdict.check} is wrong\.|Of all inputs tried", verdict.cause) is not None


def _key(cause: str) -> str:
    """A cause without the shapes of its batch, which differ between checks that fail in one way."""
    if "` raised " in cause:  # in messages, sizes stand in many forms, and Python adds where it was
        return re.sub(r"\d+|(?<=depth exceeded).*", "", cause)
    return re.sub(r"\([\d, ]*\)", "()", cause.strip().rstrip("."))


def _cause(verdict: Verdict) -> str:
    """The cause if it is known, else the first sentence of the text, without the count of batches."""
    if verdict.cause:
        return verdict.cause
    first = re.split(r"(?<=[.?!])\s+(?=[A-Z`])|\n", verdict.text, maxsplit=1)[0]
    return re.sub(r" in (?:all )?\d+ (?:of \d+ )?batch(?:es)?", "", first)
