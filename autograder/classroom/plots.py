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
    now, then = _counts(totals, edges), _counts(before, edges)
    bins = [Bin(*each) for each in zip(edges, edges[1:], now, then)]
    fullest = max(bins, key=lambda each: each.now)
    description = (
        f"{plural(len(totals), 'total')} from 0 to {top:g} points; most, {fullest.now}, from "
        f"{fullest.low:g} to {fullest.high:g}"
    )
    return Plot(_svg(bins, with_before=bool(before)), description, bins)


def _counts(totals: Sequence[float], edges: Sequence[float]) -> list[int]:
    counts = [0] * _BINS
    for total in totals:
        counts[min(max(int(total / edges[-1] * _BINS), 0), _BINS - 1)] += 1
    return counts


def _svg(bins: Sequence[Bin], *, with_before: bool) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    style: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "autograder",
        "font.family": "sans-serif",
    }
    with mpl.rc_context(style):
        figure = Figure(figsize=(8, 2.6), layout="constrained")
        axes = figure.add_subplot()
        width = bins[0].high - bins[0].low
        places = [each.low for each in bins]
        if with_before:
            axes.bar(places, [b.before for b in bins], width, align="edge", color="none",
                     edgecolor=_BEFORE, hatch="///", linewidth=1)  # fmt: skip
        axes.bar([p + width * 0.15 for p in places], [b.now for b in bins], width * 0.7,
                 align="edge", color=_BAR)  # fmt: skip
        axes.set_xlabel("total points", color=_TEXT)
        axes.set_ylabel("students", color=_TEXT)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.tick_params(colors=_TEXT)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_color(_TEXT)
        buffer = io.StringIO()
        figure.savefig(
            buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
        )
    return _inline(buffer.getvalue())


def _inline(svg: str) -> str:
    """The picture as a part of a page: no head, nothing from elsewhere, the page's colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(
        r'^<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', svg
    )
    svg = svg.replace("xlink:href", "href")
    for colour, name in _COLOURS.items():
        svg = svg.replace(colour, name)
    return svg
