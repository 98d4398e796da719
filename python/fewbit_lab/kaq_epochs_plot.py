# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of kaq-epochs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

from fewbit_lab.kaq_epochs_figure import FLOAT, KAQ, NETWORKS, QAT
from fewbit_lab.plot_parts import STYLE, by_label, label_axes, save
from fewbit_lab.results import Result, Series

LOOKS: dict[str, dict[str, Any]] = {
    FLOAT: {"color": "#222222", "linestyle": "--"},
    QAT: {"color": "#2f5fa8", "linestyle": "-"},
    KAQ: {"color": "#c23b22", "linestyle": "-"},
}


def over_epochs(result: Result, path: Path) -> None:
    """A panel for each network; a band is the 95 % interval over seeds."""
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(1, len(NETWORKS), figsize=(14.0, 5.4))
        for axes, network in zip(panels, NETWORKS, strict=True):
            curves = by_label(result, network.label)
            for one in curves:
                _band(axes, one)
            label_axes(axes, curves[0], network.name)
            axes.set_ylabel("share of right bits, 0 to 25 dB")
            axes.set_ylim(bottom=_bottom(curves))
        panels[0].legend(loc="upper right")
        save(figure, path)


def _band(axes: Any, one: Series) -> None:
    look = LOOKS[one.name]
    axes.plot(one.x, one.y, label=one.name, **look)
    if all(map(math.isfinite, one.lo + one.hi)):
        axes.fill_between(one.x, one.lo, one.hi, color=look["color"], alpha=0.15, linewidth=0.0)


def _bottom(curves: list[Series]) -> float:
    """Untrained networks lie far below: a panel begins where most points are."""
    points = sorted(y for one in curves for y in one.y[1:])
    low, high = points[len(points) // 10], points[-1]
    return low - 0.25 * (high - low)
