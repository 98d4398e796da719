# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MIMO detection figure's picture: detectors people would use, and the paper's network."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.ticker import LogLocator, MultipleLocator, NullFormatter

from fewbit_lab.plot_parts import STYLE, by_label, draw, label_axes, save
from fewbit_lab.results import Result, Series

#: How a curve looks, by the start of its name: the first that fits.
LOOKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ZF", {"color": "#b8b8b8", "marker": "v"}),
    ("LMMSE", {"color": "#222222", "marker": "s"}),
    ("V-BLAST", {"color": "#7a7a7a", "marker": "D"}),
    ("K-Best 4", {"color": "#a7d3bd", "marker": "^"}),
    ("K-Best 16", {"color": "#2a7f62", "marker": "^"}),
    ("K-Best 64", {"color": "#10402f", "marker": "^", "linestyle": "--"}),
    ("EP, damping .1", {"color": "#5f8fd0", "marker": "P", "linestyle": "--"}),
    ("EP, damping .05", {"color": "#94b6e4", "marker": "X", "linestyle": "-."}),
    ("EP, damping .02", {"color": "#7a5fb0", "marker": "P", "linestyle": "--"}),
    ("EP, damping .01", {"color": "#b39bd8", "marker": "X", "linestyle": "-."}),
    ("EP", {"color": "#2f5fa8", "marker": "P"}),
    ("exact ML", {"color": "#8e44ad", "marker": "*"}),
    ("ADMM-5, W4A8", {"color": "#e377c2", "marker": "x", "linestyle": "--"}),
    ("ADMM-5, W8A4", {"color": "#8c564b", "marker": "x", "linestyle": ":"}),
    ("ADMM-5", {"color": "#e08a00", "marker": "o"}),
    ("ADMM-10, float", {"color": "#c23b22", "marker": "", "linestyle": ":"}),
    ("ADMM-10", {"color": "#c23b22", "marker": "o"}),
    ("PGD-Net, float, KAQ", {"color": "#e377c2", "marker": "v", "linestyle": "--"}),
    ("PGD-Net, float, clip", {"color": "#b8a100", "marker": "*"}),
    ("PGD-Net, FP16", {"color": "#8c564b", "marker": "x", "linestyle": ":"}),
    ("PGD-Net, float", {"color": "#8c564b", "marker": "o"}),
    ("PGD-Net, PTQ", {"color": "#7a7a7a", "marker": "D"}),
    ("PGD-Net, QAT", {"color": "#2f5fa8", "marker": "s"}),
    ("PGD-Net, KAQ", {"color": "#c23b22", "marker": "^"}),
    ("PGD-Net, learned range", {"color": "#e08a00", "marker": "P"}),
    ("PGD-Net, range by SNR", {"color": "#2a7f62", "marker": "x", "linestyle": "--"}),
    ("PGD-Net", {"color": "#8e44ad", "marker": "X"}),
)
OTHER = {"color": "#b8a100", "marker": "*"}
LEAST_BER = 1e-6


def look_of(name: str) -> dict[str, Any]:
    """Colour, marker and line of a detector's curve."""
    return dict(next((look for start, look in LOOKS if name.startswith(start)), OTHER))


def bit_error_rate(result: Result, path: Path) -> None:
    """Left the rivals and ADMM-Net over all decades, right the paper's network."""
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(15.0, 6.0))
        paper = [s for s in result.series if s.name.startswith("PGD")]
        # A network in float or FP16 lies on its int8 curve: rows and claims have it.
        hidden = (", float", ", FP16")
        others = [s for s in result.series if s not in paper and not s.name.endswith(hidden)]
        lmmse = [s for s in others if s.name == "LMMSE"]
        _curves(left, others, "Uncoded, 16 x 16, 16-QAM, iid Rayleigh")
        left.legend(loc="lower left")
        _curves(right, paper + lmmse, "The paper's PGD-Net, and LMMSE")
        right.legend(loc="lower left")
        save(figure, path)


def other_links(result: Result, path: Path) -> None:
    """A panel for each link, and their names in the last."""
    labels = list(dict.fromkeys(s.y_label for s in result.series))
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(2, 4, figsize=(17.0, 8.4))
        for axes, label in zip(grid.flat, labels, strict=False):
            panel = by_label(result, label)
            _curves(axes, panel, label.partition(", ")[2], reference=False)
            axes.set_ylabel("bit error rate")
            axes.xaxis.set_major_locator(MultipleLocator(5))
        last = grid.flat[-1]
        last.axis("off")
        last.legend(*grid.flat[0].get_legend_handles_labels(), loc="center left", fontsize=10)
        save(figure, path)


BITS_LOOKS: dict[str, dict[str, Any]] = {
    "PTQ": {"color": "#7a7a7a", "marker": "D"},
    "QAT": {"color": "#2f5fa8", "marker": "s"},
    "KAQ": {"color": "#c23b22", "marker": "^"},
}
BITS_NOTE = "trained for 60 epochs (QAT, KAQ),\nfloat and PTQ for 40"


def few_bits(result: Result, path: Path) -> None:
    """A row for each SNR, a column for what is quantised."""
    labels = list(dict.fromkeys(s.y_label for s in result.series))
    columns = max(1, len({label.partition("; ")[2] for label in labels}))
    with plt.rc_context(STYLE):
        rows = max(1, -(-len(labels) // columns))
        figure, grid = plt.subplots(rows, columns, figsize=(15.0, 3.9 * rows), squeeze=False)
        for axes, label in zip(grid.flat, labels, strict=False):
            for one in by_label(result, label):
                look = dict(BITS_LOOKS[one.name[:3]])
                if one.source == "paper":
                    look["markersize"] = 8
                elif "apart" in one.name:
                    look |= {"fillstyle": "none", "markersize": 7, "linestyle": "none"}
                draw(axes, one, one.name, **look)
            axes.axhline(1.0, color="#555555", linewidth=0.8)
            if axes.get_ylim()[1] > 4.0:
                axes.set_yscale("log")
                axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                axes.yaxis.set_major_formatter("{x:g}")
                axes.yaxis.set_minor_formatter(NullFormatter())
            axes.set_xticks((4, 5, 6, 8))
            label_axes(axes, by_label(result, label)[0], label.partition("; ")[2])
            axes.set_ylabel(label.partition("; ")[0])
            axes.legend(loc="upper right")
        if labels:
            grid[0, 0].legend(loc="upper right", title=BITS_NOTE, title_fontsize=7.5)
        save(figure, path)


def _curves(axes: Any, series: list[Series], title: str, reference: bool = True) -> None:
    for one in map(_without_zeros, series):
        look = look_of(one.name)
        if one.source == "paper":
            look["markersize"] = 8
            draw(axes, one, "_" + one.name, **look)
        else:
            draw(axes, one, one.name, **look)
    if reference:
        axes.plot([], [], "o", color="#555555", markerfacecolor="none", label="reference values")
    axes.set_yscale("log")
    positive = [y for s in series for y in s.y if math.isfinite(y) and y > LEAST_BER]
    axes.set_ylim(max(LEAST_BER, 0.6 * min(positive, default=1e-3)), 0.6)
    if series:
        label_axes(axes, series[0], title)


def _without_zeros(series: Series) -> Series:
    """No error has no place on a logarithmic axis: the curve ends before it."""
    return dataclasses.replace(series, y=[y if y > 0.0 else math.nan for y in series.y])
