# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every picture is made of: one style, curves with their intervals. No display needed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from fewbit_lab.results import Result, Series

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
STYLE = {
    "figure.dpi": 120,
    "savefig.dpi": 150,
    "font.size": 9,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "lines.linewidth": 1.3,
    "lines.markersize": 4,
}


def draw(axes: Any, series: Series, label: str, **style: Any) -> None:
    """A curve with its intervals; points alone for what was read from a paper."""
    if not any(math.isfinite(y) for y in series.y):
        return
    line = style.pop("linestyle", "-")
    below = [_bar(y - lo) for y, lo in zip(series.y, series.lo, strict=True)]
    above = [_bar(hi - y) for y, hi in zip(series.y, series.hi, strict=True)]
    axes.errorbar(
        series.x,
        series.y,
        yerr=[below, above],
        label=label,
        linestyle="none" if series.source == "paper" else line,
        elinewidth=0.7,
        capsize=1.5,
        markerfacecolor="none" if series.source == "paper" else None,
        **style,
    )


def _bar(length: float) -> float:
    """An error bar's length; none where there is no finite limit."""
    return max(0.0, length) if math.isfinite(length) else math.nan


def label_axes(axes: Any, series: Series, title: str) -> None:
    axes.set_xlabel(series.x_label)
    axes.set_ylabel(series.y_label)
    axes.set_title(title, loc="left", fontsize=9.5)


def save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def by_label(result: Result, y_label: str) -> list[Series]:
    return [s for s in result.series if s.y_label == y_label]
