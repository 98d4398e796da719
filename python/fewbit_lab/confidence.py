# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confidence intervals of counted error rates."""

from __future__ import annotations

import math
from statistics import NormalDist


def wilson(errors: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion.

    The interval of all p for which |errors/trials - p| <= z sqrt(p (1 - p) / trials)
    (E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209). It holds its level at 0 and at few errors,
    where the normal interval is empty. With no trials nothing is known: (0, 1).

    Raises ValueError unless 0 <= errors <= trials and 0 < confidence < 1.
    """
    if not 0 <= errors <= trials:
        raise ValueError(
            f"wilson: {errors} errors in {trials} trials; expected 0 <= errors <= trials"
        )
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"wilson: confidence is {confidence}; expected a number between 0 and 1")
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    rate = errors / trials
    scale = 1.0 + z * z / trials
    centre = (rate + z * z / (2.0 * trials)) / scale
    half = z / scale * math.sqrt(rate * (1.0 - rate) / trials + (z / (2.0 * trials)) ** 2)
    low = 0.0 if errors == 0 else max(0.0, centre - half)
    high = 1.0 if errors == trials else min(1.0, centre + half)
    return low, high


def mean_interval(values: list[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """(mean, low, high) of independent values by the normal law: for averages over many packets."""
    if not values:
        return math.nan, math.nan, math.nan
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return mean, mean, mean
    variance = math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1)
    half = NormalDist().inv_cdf(0.5 + confidence / 2.0) * math.sqrt(variance / len(values))
    return mean, mean - half, mean + half
