# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The standard normal distribution: density, distribution function, probabilities of intervals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_erfc = np.frompyfunc(math.erfc, 1, 1)


def density(x: ArrayLike) -> Floats:
    """phi(x) = exp(-x^2 / 2) / sqrt(2 pi); 0 at infinity."""
    return np.exp(-0.5 * np.square(np.asarray(x, float))) / math.sqrt(2 * math.pi)


def upper_tail(x: ArrayLike) -> Floats:
    """P(X > x), to full relative precision down to 1e-300."""
    return 0.5 * np.asarray(_erfc(np.asarray(x, float) / math.sqrt(2)), float)


def interval(low: ArrayLike, high: ArrayLike) -> Floats:
    """P(low < X <= high) for low <= high; keeps its relative precision far out on either side."""
    low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
    mirrored = low < 0  # the difference of two upper tails, on the side where they are small
    near = np.where(mirrored, -high, low)
    far = np.where(mirrored, -low, high)
    return upper_tail(near) - upper_tail(far)


def cells(thresholds: ArrayLike) -> tuple[Floats, Floats]:
    """Probability and mean of a standard normal variable in each of the cells that M - 1 ascending
    thresholds cut; an empty cell has its threshold as its mean."""
    edges = np.concatenate([[-np.inf], np.asarray(thresholds, float), [np.inf]])
    low, high = edges[:-1], edges[1:]
    probability = interval(low, high)
    somewhere = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (density(low) - density(high)) / probability
    return probability, np.where(probability > 1e-290, mean, somewhere)
