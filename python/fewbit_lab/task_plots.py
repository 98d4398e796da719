# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task-based quantization figures' pictures: theory, rivals and reference in the same axes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

from fewbit_lab.plot_parts import STYLE, by_label, draw, label_axes, save
from fewbit_lab.results import Result, Series

#: How a curve looks, by the start of its name: the first that fits.
LOOKS: tuple[tuple[str, dict[str, Any]], ...] = (
    # channel estimation
    ("MMSE without", {"color": "#222222", "marker": "", "linestyle": "-"}),
    ("eta_opt", {"color": "#222222", "marker": "", "linestyle": "--"}),
    ("Lloyd-Max target", {"color": "#c23b22", "marker": "", "linestyle": ":"}),
    ("eta_sc", {"color": "#2f5fa8", "marker": "", "linestyle": ":"}),
    ("the authors' learned, SNR", {"color": "#e08a00", "marker": "s"}),
    ("the authors' learned", {"color": "#e08a00", "marker": "o"}),
    ("hardware-limited, SNR", {"color": "#2f5fa8", "marker": "v", "linestyle": "--"}),
    ("hardware-limited", {"color": "#2f5fa8", "marker": "^"}),
    ("BLMMSE, simulated", {"color": "#7a7a7a", "marker": "D", "linestyle": "none"}),
    ("BLMMSE", {"color": "#7a7a7a", "marker": "", "linestyle": "-"}),
    ("closed form, moments", {"color": "#f0a090", "marker": "P"}),
    ("closed form, 32768", {"color": "#8c564b", "marker": "s"}),
    ("closed form, SNR", {"color": "#8e44ad", "marker": "o"}),
    ("closed form, mixed", {"color": "#2a7f62", "marker": "X", "linestyle": "none"}),
    ("learned, mixed", {"color": "#c23b22", "marker": "X", "linestyle": "none"}),
    ("closed form, no constraint", {"color": "#222222", "marker": "", "linestyle": "--"}),
    ("phase shifters", {"color": "#2a7f62", "marker": "o"}),
    ("learned, from random", {"color": "#e377c2", "marker": "x"}),
    ("learned, SNR", {"color": "#8e44ad", "marker": "x", "linestyle": "--"}),
    # symbol detection
    ("the paper's MAP", {"color": "#222222", "marker": "*", "markersize": 9}),
    ("the paper's learned", {"color": "#e08a00", "marker": "*", "markersize": 9}),
    ("MAP, no", {"color": "#222222", "marker": ""}),
    ("MAP, CSI", {"color": "#222222", "marker": "v", "linestyle": "--"}),
    ("MAP, mean", {"color": "#9a9a9a", "marker": "", "linestyle": "--"}),
    ("quantized MAP, CSI", {"color": "#7a7a7a", "marker": "v", "linestyle": "--"}),
    ("quantized MAP, best", {"color": "#7a7a7a", "marker": "P", "linestyle": ":"}),
    ("quantized MAP", {"color": "#7a7a7a", "marker": "s"}),
    ("learned, the paper", {"color": "#e08a00", "marker": "s"}),
    ("learned, CSI", {"color": "#8e44ad", "marker": "v", "linestyle": "--"}),
    ("learned, uniform", {"color": "#2f5fa8", "marker": "s"}),
    ("learned", {"color": "#c23b22", "marker": "o"}),
    ("passing gradient, AGC", {"color": "#2a7f62", "marker": "s", "linestyle": ":"}),
    ("passing gradient, CSI", {"color": "#2a7f62", "marker": "v", "linestyle": "--"}),
    ("passing gradient", {"color": "#2a7f62", "marker": "D"}),
    ("rotation and lookup, exact", {"color": "#2f5fa8", "marker": "", "linestyle": ":"}),
    ("rotation and lookup, CSI", {"color": "#7fb0e8", "marker": "v", "linestyle": "--"}),
    ("rotation and lookup, 200", {"color": "#7fb0e8", "marker": "P"}),
    ("rotation and lookup", {"color": "#2f5fa8", "marker": "^"}),
)
OTHER = {"color": "#b8a100", "marker": "*"}

LEAST_BER = 1e-6


def look_of(name: str) -> dict[str, Any]:
    """Colour, marker and line of a series."""
    return dict(next((look for start, look in LOOKS if name.startswith(start)), OTHER))


def estimation(result: Result, path: Path) -> None:
    """Error over rate, the same relative to the Lloyd-Max target, and phase shifters."""
    curves = by_label(result, "mean square error")
    phases = [s for s in result.series if s not in curves]
    with plt.rc_context(STYLE):
        figure, (left, names, middle, right) = plt.subplots(
            1, 4, figsize=(18.0, 5.6), gridspec_kw={"width_ratios": [5, 1.8, 4.6, 3]}
        )
        for series in curves:
            draw(left, series, series.name, **look_of(series.name))
        left.set_yscale("log")
        label_axes(left, curves[0], "Channel estimation, 10 antennas, 4 users, P = 4")
        names.axis("off")
        names.legend(*left.get_legend_handles_labels(), loc="center", bbox_to_anchor=(0.3, 0.5))
        target = next(s for s in curves if s.name == "Lloyd-Max target")
        for series in curves:
            if set(series.x) <= set(target.x) and len(series.x) > 1 and series is not target:
                relative = relative_to(series, target)
                draw(middle, relative, series.name, **look_of(series.name))
        middle.axhline(1.0, color="#c23b22", linestyle=":", linewidth=1.0)
        middle.set_ylim(0.95, 1.6)
        label_axes(middle, curves[0], "The same over the Lloyd-Max target")
        middle.set_ylabel("mean square error / target")
        for series in phases:
            draw(right, series, series.name, **look_of(series.name))
        if phases:
            label_axes(right, phases[0], "Combiners of phase shifters")
            right.set_xticks(phases[0].x, [f"{x:g}" for x in phases[0].x[:-1]] + ["any"])
            right.legend()
        save(figure, path)


def relative_to(series: Series, target: Series) -> Series:
    """A curve divided by another one that has all of its places."""
    known = dict(zip(target.x, target.y, strict=True))
    y, lo, hi = (
        [value / known[x] for x, value in zip(series.x, column, strict=True)]
        for column in (series.y, series.lo, series.hi)
    )
    return Series(series.name, series.x, y, lo, hi, series.x_label, series.y_label, series.source)


def over_snr(result: Result, path: Path) -> None:
    """Bit error rate over SNR, with the line at 1e-3."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(9.5, 6.0))
        _bit_errors(axes, result, f"Symbol detection, 12 antennas, 4 users ({result.id})")
        axes.axhline(1e-3, color="#b8b8b8", linewidth=0.8)
        save(figure, path)


def over_rate(result: Result, path: Path) -> None:
    """Bit error rate over bits per antenna."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(9.5, 5.6))
        snr = result.id.rsplit("-", 1)[1].replace("db", " dB")
        _bit_errors(axes, result, f"Symbol detection, 12 antennas, 4 users, {snr}")
        save(figure, path)


def _bit_errors(axes: Any, result: Result, title: str) -> None:
    for series in result.series:
        look = look_of(series.name)
        if " of " in series.name and "draws" in series.name:
            axes.plot(series.x, series.y, ":", color=look["color"], linewidth=0.8)
            continue
        if series.name.endswith("(reference)"):
            hollow = {"marker": look["marker"] or "o", "color": look["color"], "markersize": 7}
            axes.plot(series.x, series.y, linestyle="none", markerfacecolor="none", **hollow)
            continue
        draw(axes, series, series.name, **look)
    if any(series.name.endswith("(reference)") for series in result.series):
        axes.plot([], [], "o", color="#555555", markerfacecolor="none", label="reference values")
    axes.set_yscale("log")
    positive = [y for s in result.series for y in s.y if math.isfinite(y) and y > LEAST_BER]
    axes.set_ylim(max(LEAST_BER, 0.7 * min(positive, default=1e-3)), 0.5)
    label_axes(axes, result.series[0], title)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
