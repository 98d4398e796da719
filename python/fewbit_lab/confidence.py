# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confidence intervals of counted error rates."""

from __future__ import annotations

import math
from functools import lru_cache
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


def clustered_wilson(
    errors: int, squares: int, vectors: int, bits: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Wilson's interval of a bit error rate where the `bits` bits of a vector err together.

    `errors` wrong bits were counted in `vectors` independent vectors; `squares` is the sum over the
    vectors of their wrong bits squared; where vectors differ in their number of bits, `bits` is its
    mean. Both counts are divided by the design effect (L. Kish, Survey Sampling, 1965): the
    variance of a vector's wrong bits over that of independent bits. Without an error nothing is
    known of it; then each vector counts as one trial. An effect below 1 is taken for 1: bits that
    err apart, as few of them do by chance, earn no narrower interval.
    """
    rate = errors / max(1, vectors * bits)
    independent = bits * rate * (1.0 - rate)
    effect = float(bits)
    if independent > 0.0 and vectors:
        effect = max(squares / vectors - (bits * rate) ** 2, 0.0) / independent
    effect = max(effect, 1.0)
    trials = max(1, round(vectors * bits / effect))
    return wilson(min(round(errors / effect), trials), trials, confidence)


def mean_interval(values: list[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """(mean, low, high) of independent values by Student's t: for averages over batches.

    One value says nothing of its spread: its limits are infinite.
    """
    if not values:
        return math.nan, math.nan, math.nan
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return mean, -math.inf, math.inf
    variance = math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1)
    half = student_t(len(values) - 1, confidence) * math.sqrt(variance / len(values))
    return mean, mean - half, mean + half


def median_interval(values: list[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """(median, low, high) of independent values by the sign test: whatever their law is.

    The limits are the narrowest pair of order statistics, equally far from the ends, that the
    median of the law lies between with probability `confidence` (binomial of a half); infinite
    where there are too few values for that (below 6 at 95 %).
    """
    if not values:
        return math.nan, math.nan, math.nan
    ordered, n = sorted(values), len(values)
    middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2.0
    outside, below, rank = (1.0 - confidence) / 2.0, 0.0, 0
    while rank < n // 2 and below + math.comb(n, rank) * 0.5**n <= outside:
        below += math.comb(n, rank) * 0.5**n
        rank += 1
    if rank == 0:
        return middle, -math.inf, math.inf
    return middle, ordered[rank - 1], ordered[n - rank]


def jackknife_interval(
    estimate: float, left_out: list[float], confidence: float = 0.95
) -> tuple[float, float, float]:
    """(estimate, low, high) of a statistic of n batches from its n values with one batch left out.

    J. W. Tukey's jackknife: the variance is (n - 1) / n times the sum of squared deviations.
    """
    n = len(left_out)
    if n < 2:
        return estimate, -math.inf, math.inf
    mean = math.fsum(left_out) / n
    variance = (n - 1) / n * math.fsum((v - mean) ** 2 for v in left_out)
    half = student_t(n - 1, confidence) * math.sqrt(variance)
    return estimate, estimate - half, estimate + half


@lru_cache(maxsize=64)
def student_t(freedom: int, confidence: float = 0.95) -> float:
    """The t that |T| of Student's law with `freedom` >= 1 degrees of freedom stays below with
    probability `confidence`."""
    low, high = 0.0, math.pi / 2.0
    for _ in range(60):  # bisection of the angle atan(t / sqrt(freedom))
        middle = (low + high) / 2.0
        if _student_probability(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
    return math.sqrt(freedom) * math.tan((low + high) / 2.0)


def _student_probability(angle: float, freedom: int) -> float:
    """P(|T| <= sqrt(freedom) tan(angle)): Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for step in range(1 + odd, freedom, 2):
        total += term
        term *= step / (step + 1) * cosine**2
    return 2.0 / math.pi * (angle + sine * total) if odd else sine * total
