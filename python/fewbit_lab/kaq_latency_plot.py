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
GROUPS = (*(family.name for family in FAMILIES), PER_LAYER)
TICKS = (*(f"{family.name}\n{family.layers} layers" for family in FAMILIES), "ADMM-Net\nper layer")
WIDTH = 0.15


def latency(result: Result, path: Path) -> None:
    """Above times, below times over float32's; a column for each way that vectors come."""
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(2, len(MODES), figsize=(17.0, 9.0))
        for column, mode in enumerate(MODES):
            above, below = grid[0][column], grid[1][column]
            _bars(above, by_label(result, time_label(mode)), tuple(COLOURS))
            above.set_yscale("log")
            above.set_ylabel("ns a vector; per layer: ns a layer")
            above.set_title(mode.title, loc="left", fontsize=9.5)
            label = f"{RELATIVE_LABEL}; {mode.title}"
            _bars(below, by_label(result, label), (FLOAT, PTQ, QAT, KAQ, NARROW))
            below.axhline(PAPER_RATIO, color="#555555", linestyle=":", linewidth=1.2,
                          label="the paper: a fifth less")  # fmt: skip
            below.set_ylim(0.0, 1.5)
            below.set_ylabel(RELATIVE_LABEL)
            below.legend(loc="upper left", ncol=3)
        low, high = grid[0][0].get_ylim()
        grid[0][0].set_ylim(low, high * 4.0)
        grid[0][0].legend(loc="upper left", ncol=3)
        save(figure, path)


def _bars(axes: Any, series: list[Series], variants: tuple[str, ...]) -> None:
    """A group for each network; a bar's number above it."""
    known = {one.name: one for one in series}
    for number, variant in enumerate(variants):
        there = [
            (place, known[f"{group}, {variant}"])
            for place, group in enumerate(GROUPS)
            if f"{group}, {variant}" in known
        ]
        if not there:
            continue
        x = [place + WIDTH * (number - (len(variants) - 1) / 2) for place, _ in there]
        y = [one.y[0] for _, one in there]
        limits = np.array([[one.y[0] - one.lo[0], one.hi[0] - one.y[0]] for _, one in there]).T
        limits = np.where(np.isfinite(limits), np.maximum(limits, 0.0), 0.0)
        axes.bar(x, y, WIDTH, yerr=limits, color=COLOURS[variant], label=variant,
                 error_kw={"elinewidth": 0.7, "capsize": 1.5})  # fmt: skip
        for where, value in zip(x, y, strict=True):
            axes.annotate(_short(value), (where, value), (0, 4), textcoords="offset points",
                          ha="center", fontsize=6.5)  # fmt: skip
    axes.set_xticks(range(len(GROUPS)), TICKS)
    axes.grid(axis="x", visible=False)


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.3g}" if value < 1000 else f"{value:.0f}"
