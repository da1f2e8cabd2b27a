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
    """How the totals are distributed, those from before behind them. Raises ImportError."""
    import numpy as np

    top = max([most, *totals, *before]) or 1.0
    now, edges = np.histogram(np.clip(totals, 0, top), _BINS, (0, top))
    then, _ = np.histogram(np.clip(before, 0, top), _BINS, (0, top))
    found = zip(edges.tolist(), edges[1:].tolist(), now.tolist(), then.tolist())
    bins = [Bin(*each) for each in found]
    fullest = max(bins, key=lambda each: each.now)
    description = (
        f"{plural(len(totals), 'total')} from 0 to {top:g} points; the most, "
        f"{fullest.now}, are from {fullest.low:g} to {fullest.high:g}"
    )
    return Plot(_svg(bins, with_before=bool(before)), description, bins)


def _svg(bins: Sequence[Bin], *, with_before: bool) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    width = bins[0].high
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8, 2.6), layout="constrained")
        axes = figure.add_subplot(xlabel="total points", ylabel="students")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        if with_before:
            hatched: dict[str, Any] = {"color": "none", "edgecolor": _BEFORE, "hatch": "///"}
            axes.bar(
                [b.low for b in bins], [b.before for b in bins], width, align="edge", **hatched
            )
        middles = [(b.low + b.high) / 2 for b in bins]
        axes.bar(middles, [b.now for b in bins], width * 0.7, color=_BAR)
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
