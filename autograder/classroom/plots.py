"""Plots as SVG: text stays text, colours follow the page, and the same numbers give the same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from autograder.text import plural

_BINS: Final = 20
# Colours that stand for those of the page, light or dark.
_TEXT, _BAR, _BEFORE = "#010101", "#020202", "#030303"
_COLOURS: Final = {_TEXT: "currentColor", _BAR: "var(--accent)", _BEFORE: "var(--faint)"}
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "autograder",
    "font.family": "sans-serif",
    **dict.fromkeys(("axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), _TEXT),
    "axes.spines.top": False,
    "axes.spines.right": False,
}


class Bin(NamedTuple):
    """How many totals lie in a range; the last one holds its end, too."""

    low: float
    high: float
    now: int
    before: int


class Plot(NamedTuple):
    """A distribution: the picture, and its numbers."""

    svg: str
    description: str
    bins: list[Bin]


def distribution(totals: Sequence[float], before: Sequence[float], most: float) -> Plot:
    """How the totals are distributed, those from before behind them."""
    top = max([most, *totals, *before]) or 1.0
    edges = [top * n / _BINS for n in range(_BINS + 1)]
    now, then = _counts(totals, top), _counts(before, top)
    bins = [Bin(*each) for each in zip(edges, edges[1:], now, then)]
    fullest = max(bins, key=lambda each: each.now)
    description = (
        f"{plural(len(totals), 'total')} from 0 to {top:g} points; the most, "
        f"{fullest.now}, are from {fullest.low:g} to {fullest.high:g}"
    )
    return Plot(_svg(edges[:-1], now, then if before else []), description, bins)


def _counts(totals: Sequence[float], top: float) -> list[int]:
    counts = [0] * _BINS
    for total in totals:
        counts[min(max(int(total / top * _BINS), 0), _BINS - 1)] += 1
    return counts


def _svg(places: list[float], now: list[int], before: list[int]) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    width = places[1]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8, 2.6), layout="constrained")
        axes = figure.add_subplot(xlabel="total points", ylabel="students")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        if before:
            hatched: dict[str, Any] = {"color": "none", "edgecolor": _BEFORE, "hatch": "///"}
            axes.bar(places, before, width, align="edge", **hatched)
        narrow = [place + width * 0.15 for place in places]
        axes.bar(narrow, now, width * 0.7, align="edge", color=_BAR)
        buffer = io.StringIO()
        nameless = {"Date": None, "Creator": None}
        figure.savefig(buffer, format="svg", transparent=True, metadata=nameless)
    # As a part of a page: no head, nothing from elsewhere, the page's colours.
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].replace("xlink:href", "href")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    view = r'^<svg [^>]*?viewBox="([^"]*)"[^>]*>'
    svg = re.sub(view, r'<svg viewBox="\1" aria-hidden="true">', svg)
    for colour, name in _COLOURS.items():
        svg = svg.replace(colour, name)
    return svg
