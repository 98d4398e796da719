# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures' pictures: one style, paper and rivals in the same axes. No display needed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

from fewbit_lab.plot_parts import MARKERS, STYLE, by_label, draw, label_axes, save
from fewbit_lab.results import Result, Series

#: One colour a family of codecs, the same in every picture.
COLOURS = {
    "float": "#222222",
    "learned": "#c23b22",
    "contexts": "#8e44ad",
    "uniform": "#7a7a7a",
    "max-mi": "#2a7f62",
    "iq-csi": "#2f5fa8",
    "bound": "#b8a100",
    "paper": "#e08a00",
}
LARGEST_LOSS_DB = 0.5


def family_of(name: str) -> str:
    """Which family a series belongs to, by its name."""
    lowered = name.lower()
    for text, family in (
        ("bound", "bound"),
        ("paper", "paper"),
        ("reference", "paper"),
        ("contexts", "contexts"),
        ("learned", "learned"),
        ("uniform", "uniform"),
        ("max-mi", "max-mi"),
        ("i/q", "iq-csi"),
    ):
        if text in lowered:
            return family
    return "float"


class _Styles:
    """Gives each series of a family its own marker."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def of(self, name: str) -> dict[str, Any]:
        family = family_of(name)
        count = self._used.get(family, 0)
        self._used[family] = count + 1
        return {"color": COLOURS[family], "marker": MARKERS[count % len(MARKERS)]}


def _draw(axes: Any, series: Series, styles: _Styles, **more: Any) -> None:
    draw(axes, series, legend(series.name), **{**styles.of(series.name), **more})


def legend(name: str) -> str:
    """A series' name, and of the shipped networks what they were trained on: the one with contexts
    has seen the channel that it is tested on."""
    codec = name.split(" (")[0]
    if codec.startswith("learned K=") and codec.endswith(", contexts"):
        return f"{name} [trained on EPA/EVA/ETU/flat]"
    if codec.startswith("learned K=") and "," not in codec:
        return f"{name} [trained on iid Rayleigh]"
    return name


def initialisation(result: Result, path: Path) -> None:
    """Spread of the latent at initialisation, over the modulation order and the depth."""
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.6))
        for axes, label, title in (
            (left, "standard deviation of z", "Standard deviation (stars: Theorem 1)"),
            (right, "99.9 percentile of |z|", "Range"),
        ):
            for number, series in enumerate(by_label(result, label)):
                if series.source == "theory":
                    axes.plot(
                        series.x, series.y, "*", color="black", markersize=9, label=series.name
                    )
                    continue
                axes.plot(series.x, series.y, MARKERS[number] + "-", label=series.name)
            label_axes(axes, by_label(result, label)[0], title)
            axes.set_ylim(bottom=0.0)
            axes.legend()
        save(figure, path)


def block_error_rate(result: Result, path: Path) -> None:
    """Error rate over SNR on the left; what every codec costs, in bits and in dB, on the right."""
    with plt.rc_context(STYLE):
        figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14.5, 5.2))
        styles = _Styles()
        curves = by_label(result, "block error rate")
        for series in curves:
            _draw(left, series, styles)
        left.set_yscale("log")
        left.set_ylim(8e-4, 1.2)
        label_axes(left, curves[0], "Block error rate, 64-QAM, EPA")
        left.legend(loc="lower left")
        for axes, target in ((middle, "0.1"), (right, "0.01")):
            _losses(axes, result, f"loss at block error rate {target} [dB]", target)
        save(figure, path)


def _losses(axes: Any, result: Result, label: str, target: str) -> None:
    """Loss over bits per LLR: down and to the left is better. What is off the scale is named."""
    styles = _Styles()
    every = by_label(result, label)
    for series in every:
        if min(series.y) > LARGEST_LOSS_DB:
            note = f"{series.name}: {_number(series.y[0])} dB at {series.x[0]:.2f} bits"
            axes.plot([], [], " ", label=f"(off the scale: {note})")
            continue
        line = "-" if "bound" in series.name else "none"
        _draw(axes, series, styles, linestyle=line)
    if every:
        label_axes(axes, every[0], f"Loss at BLER {target}: down and left is better")
    axes.set_ylim(-0.02, LARGEST_LOSS_DB)
    axes.legend()


def _number(loss_db: float) -> str:
    return f"{loss_db:.2f}" if math.isfinite(loss_db) else "more than shown"


def cost(result: Result, path: Path) -> None:
    """Bits per LLR over SNR: a colour a codec, solid coded, dotted not, dashed its entropy."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(9.5, 5.6))
        styles = _Styles()
        for series in result.series:
            if "no coder" in series.name:
                _draw(axes, series, styles, linestyle=":", marker="")
            elif "entropy" in series.name:
                _draw(axes, series, styles, linestyle="--", marker="")
            else:
                _draw(axes, series, styles)
        label_axes(axes, result.series[0], "Bytes kept for a packet, all overhead in (64-QAM, EPA)")
        axes.set_ylim(bottom=0.9)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        save(figure, path)


def tradeoff(result: Result, path: Path) -> None:
    """Added block error rate over bits per LLR, a panel for each SNR."""
    snrs = sorted({s.y_label for s in result.series})
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(
            1, len(snrs), figsize=(3.6 * len(snrs) + 3.0, 4.2), squeeze=False
        )
        for axes, label in zip(panels[0], snrs, strict=True):
            styles = _Styles()
            every = by_label(result, label)
            for series in every:
                line = "-" if len(series.x) > 1 else "none"
                _draw(axes, series, styles, linestyle=line)
            label_axes(axes, every[0], label)
            axes.set_ylabel("block error rate above uncompressed")
            values = [v for s in every for v in s.y if math.isfinite(v)]
            axes.set_ylim(bottom=min(0.0, *values) * 1.1 - 1e-4 if values else 0.0)
        panels[0][-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        save(figure, path)


def demo(result: Result, path: Path) -> None:
    """What the HARQ link does with every codec, over SNR."""
    labels = list(dict.fromkeys(series.y_label for series in result.series))
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(2, 3, figsize=(13.5, 7.4))
        for axes, label in zip(panels.flat, labels, strict=False):
            styles = _Styles()
            for series in by_label(result, label):
                _draw(axes, series, styles)
            label_axes(axes, by_label(result, label)[0], label)
            if "block error" in label:
                axes.set_yscale("symlog", linthresh=1e-3)
            elif "stored" in label or "bytes" in label:
                axes.set_yscale("symlog", linthresh=1.0)
        last = panels.flat[len(labels)]
        last.axis("off")
        handles, names = panels.flat[0].get_legend_handles_labels()
        last.legend(handles, names, loc="center", fontsize=10)
        save(figure, path)
