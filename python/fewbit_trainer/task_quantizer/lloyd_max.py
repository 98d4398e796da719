# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalar quantizers of a unit Gaussian variable: Lloyd-Max and uniform.

Lloyd-Max (J. Max, "Quantizing for minimum distortion", IRE Trans. Inf. Theory 6, 1960): each level
is the mean of its cell, each threshold lies midway between its levels. The normal density is
log-concave, so that one quantizer alone satisfies both, and it has the least mean square error.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from .normal import Floats, cells, density

MOST_LEVELS = 256


@dataclass(frozen=True, eq=False)
class ScalarQuantizer:
    """Thresholds and levels; a code is the number of thresholds at or below the value."""

    thresholds: Floats
    """[M - 1], ascending"""
    levels: Floats
    """[M]"""

    @functools.cached_property
    def distortion(self) -> float:
        """E[(z - q(z))^2] of standard normal z."""
        probability, mean = cells(self.thresholds)
        return float(1 - probability @ (2 * mean * self.levels - self.levels**2))


def _check_levels(levels: int) -> None:
    if not 2 <= levels <= MOST_LEVELS:
        raise ValueError(
            f"a quantizer of {levels} levels was asked for, expected 2 to {MOST_LEVELS}"
        )


@functools.lru_cache(maxsize=64)
def lloyd_max(levels: int) -> ScalarQuantizer:
    """The quantizer of ``levels`` (2 to 256) cells for N(0, 1), to the last digits of float64.

    Its distortion is 1 - E[q^2] (.363380 for 2 levels, .117482 for 4, .034548 for 8).
    """
    _check_levels(levels)
    # Panter and Dite: the density of the best levels is that of N(0, 3).
    spread = NormalDist(0, math.sqrt(3.0))
    thresholds = np.array([spread.inv_cdf(i / levels) for i in range(1, levels)])
    for _ in range(60):
        step = _newton_step(thresholds)
        thresholds = thresholds - step
        thresholds = (thresholds - thresholds[::-1]) / 2  # symmetric by nature
        if np.max(np.abs(step)) < 1e-12:
            break
    values = cells(thresholds)[1]
    for array in (thresholds, values):
        array.setflags(write=False)  # shared by all who ask again
    return ScalarQuantizer(thresholds, values)


def _newton_step(t: Floats) -> Floats:
    """Newton's step for t_i = (y_i + y_{i+1}) / 2, y_i the mean of the cell below t_i.

    dy_i / dt_i = phi(t_i) (t_i - y_i) / P_i at the cell's upper end, and likewise at its lower.
    """
    probability, mean = cells(t)
    above = density(t) * (t - mean[:-1]) / probability[:-1]
    below = density(t) * (mean[1:] - t) / probability[1:]
    jacobian = np.diag(1 - (above + below) / 2)
    # y_i also falls with t_{i-1}, y_{i+1} with t_{i+1}.
    from_before = density(t[:-1]) * (mean[1:-1] - t[:-1]) / probability[1:-1]
    from_after = density(t[1:]) * (t[1:] - mean[1:-1]) / probability[1:-1]
    jacobian -= np.diag(from_before / 2, -1) + np.diag(from_after / 2, 1)
    return np.linalg.solve(jacobian, t - (mean[:-1] + mean[1:]) / 2)


def uniform(levels: int, support: float) -> ScalarQuantizer:
    """M cells of equal width on [-support, support], the outer two open: thresholds
    -a + 2 a i / M, i = 1 .. M - 1, and the cells' middles as levels."""
    _check_levels(levels)
    if not (math.isfinite(support) and support > 0):
        raise ValueError(f"support is {support}; use a positive number")
    step = 2 * support / levels
    return ScalarQuantizer(
        -support + step * np.arange(1, levels), -support + step * (np.arange(levels) + 0.5)
    )
