# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of kaq-soft."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

from fewbit_lab.kaq_plots import look_of
from fewbit_lab.kaq_soft_figure import FOUND_LABEL, HELD_LABEL, TOLD_LABEL
from fewbit_lab.plot_parts import STYLE, by_label, draw, label_axes, save
from fewbit_lab.results import Result, Series

FLAGSHIP, RIVALS = "ADMM-10, int8", ("LMMSE", "EP, 10 iterations")
#: Whose LLRs tell less than they hold.
TOO_SURE = ("K-Best", "EP")
SHADES = ("#f0b8a8", "#e08a00", "#c23b22", "#5e1408")
LEAST_RATE = 1e-6


def soft_output(result: Result, path: Path) -> None:
    """What LLRs hold and tell, the same less what LMMSE's hold, and calibration."""
    with plt.rc_context(STYLE):
        figure, (left, middle, right) = plt.subplots(1, 3, figsize=(18.0, 5.6))
        held = by_label(result, HELD_LABEL)
        told = [s for s in by_label(result, TOLD_LABEL) if s.name.startswith(TOO_SURE)]
        told = [dataclasses.replace(s, name=f"{s.name}, as told") for s in told]
        _over_snr(left, held + told)
        _over_lmmse(middle, held + told)
        _calibration(right, by_label(result, FOUND_LABEL))
        save(figure, path)


def _over_snr(axes: Any, curves: list[Series]) -> None:
    for one in curves:
        if not one.name.endswith(", float"):  # it lies on its int8 curve: rows have it
            _draw(axes, one)
    axes.plot([], [], "o", color="#555555", markerfacecolor="none", label="reference values")
    axes.set_ylim(0.0, 66.0)
    label_axes(axes, curves[0], "LLRs of 16 x 16, 16-QAM, iid Rayleigh")
    axes.legend(loc="lower right")


def _over_lmmse(axes: Any, curves: list[Series]) -> None:
    """Differences show what a range of 64 bits hides."""
    lmmse = next((dict(zip(s.x, s.y, strict=True)) for s in curves if s.name == "LMMSE"), {})
    for one in curves:
        if one.source == "measured" and one.name != "LMMSE" and set(one.x) <= set(lmmse):
            y = [value - lmmse[x] for x, value in zip(one.x, one.y, strict=True)]
            _draw(axes, dataclasses.replace(one, y=y, lo=y, hi=y))
    axes.axhline(0.0, color="#222222", linewidth=0.9)
    axes.set_ylim(-6.0, 17.0)
    label_axes(axes, curves[0], "The same less what LMMSE's LLRs hold")
    axes.set_ylabel("bits of a vector's 64 above LMMSE")
    axes.legend(loc="upper left")


def _calibration(axes: Any, curves: list[Series]) -> None:
    ours = [s for s in curves if s.name.startswith(FLAGSHIP)]
    for one, colour in zip(ours, SHADES, strict=False):
        draw(axes, one, one.name, color=colour, marker="o")
    for one in curves:
        if one.name.endswith("at 20 dB") and one.name.startswith(RIVALS):
            draw(axes, one, one.name, **{**look_of(one.name), "linestyle": "--"})
    ends = (LEAST_RATE, 0.5)
    axes.plot(ends, ends, color="#555555", linewidth=0.9)
    axes.fill_between(ends, [0.5 * e for e in ends], [2 * e for e in ends], color="#555555",
                      alpha=0.1, linewidth=0.0, label="within a factor of 2")  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(LEAST_RATE, 0.6)
    axes.set_ylim(LEAST_RATE, 1.0)
    if curves:
        label_axes(axes, curves[0], "Are LLRs as sure as they say? By |LLR|")
    axes.legend(loc="lower right")


def _draw(axes: Any, one: Series) -> None:
    look = look_of(one.name)
    if one.source == "paper":
        draw(axes, one, "_" + one.name, **{**look, "markersize": 8})
    elif one.name.endswith("as told"):
        draw(axes, one, one.name, **{**look, "linestyle": ":"})
    else:
        draw(axes, one, one.name, **look)
