# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of kaq-latency."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import pyplot as plt

from fewbit_lab.kaq_latency_figure import (
    FAMILIES,
    FLOAT,
    IN_TORCH,
    KAQ,
    NARROW,
    PAPER_RATIO,
    PER_LAYER,
    PTQ,
    QAT,
    RELATIVE_LABEL,
    time_label,
)
from fewbit_lab.kaq_latency_times import MODES
from fewbit_lab.plot_parts import STYLE, by_label, save
from fewbit_lab.results import Result, Series

COLOURS = {
    IN_TORCH: "#b8b8b8",
    FLOAT: "#2f5fa8",
    PTQ: "#c23b22",
    QAT: "#e08a00",
    KAQ: "#2a7f62",
    NARROW: "#8e44ad",
}
TICKS = {family.name: f"{family.name}\n{family.layers} layers" for family in FAMILIES}
TICKS[PER_LAYER] = "ADMM-Net\nper layer"
WIDTH = 0.15
ABOVE, BELOW = tuple(COLOURS), (FLOAT, PTQ, QAT, KAQ, NARROW)


def latency(result: Result, path: Path) -> None:
    """Above times, below times over float32's, where there are some; a column for each way that
    vectors come."""
    relative = [by_label(result, f"{RELATIVE_LABEL}; {mode.title}") for mode in MODES]
    rows = 2 if any(relative) else 1
    with plt.rc_context(STYLE):
        size = (17.0, 4.6 * rows)
        figure, grid = plt.subplots(rows, len(MODES), figsize=size, squeeze=False)
        for axes, mode in zip(grid[0], MODES, strict=True):
            _bars(axes, by_label(result, time_label(mode)), ABOVE)
            axes.set_yscale("log")
            low, high = axes.get_ylim()
            axes.set_ylim(low, high * (high / low) ** 0.22)  # room for numbers and the legend
            axes.set_ylabel("ns a vector; per layer: ns a layer")
            axes.set_title(mode.title, loc="left", fontsize=9.5)
        for axes, series in zip(grid[1] if rows > 1 else (), relative, strict=False):
            _bars(axes, series, BELOW)
            axes.axhline(PAPER_RATIO, color="#555555", linestyle=":", linewidth=1.2,
                         label="the paper: a fifth less")  # fmt: skip
            axes.set_ylim(0.0, 1.25 * max(1.2, axes.get_ylim()[1]))
            axes.set_ylabel(RELATIVE_LABEL)
        for row in grid:
            row[0].legend(loc="upper left", ncol=3)
        save(figure, path)


def _bars(axes: Any, series: list[Series], variants: tuple[str, ...]) -> None:
    """A group for each network that is there, of the variants that it has; a bar's number stands
    upright above its interval, so that neighbours never meet."""
    known = {one.name: one for one in series}
    bars = {
        group: [(v, known[f"{group}, {v}"]) for v in variants if f"{group}, {v}" in known]
        for group in TICKS
    }
    bars = {group: found for group, found in bars.items() if found}
    labelled: set[str] = set()
    for place, found in enumerate(bars.values()):
        for number, (variant, one) in enumerate(found):
            x = place + WIDTH * (number - (len(found) - 1) / 2)
            top = _bar(axes, x, one, COLOURS[variant], "" if variant in labelled else variant)
            labelled.add(variant)
            axes.annotate(_short(one.y[0]), (x, top), (0, 4), textcoords="offset points",
                          ha="center", va="bottom", rotation=90, fontsize=7,
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4})  # fmt: skip
    axes.set_xticks(range(len(bars)), [TICKS[group] for group in bars])
    axes.grid(axis="x", visible=False)


def _bar(axes: Any, x: float, one: Series, colour: str, label: str) -> float:
    """Draws it with its interval; where that ends above."""
    below, above = one.y[0] - one.lo[0], one.hi[0] - one.y[0]
    limits = [[max(0.0, length) if np.isfinite(length) else 0.0] for length in (below, above)]
    axes.bar(x, one.y[0], WIDTH, yerr=limits, color=colour, label=label or None,
             error_kw={"elinewidth": 0.7, "capsize": 1.5})  # fmt: skip
    return one.y[0] + limits[1][0]


def _short(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:.0f}k"
    return f"{value:.2f}" if value < 10 else f"{value:.3g}" if value < 1000 else f"{value:.0f}"
